/** How the daemon stands, as a table of its sources. Pure. */
import type { DaemonStatus } from "../../app/daemon-status.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { timeAgo, timeAhead } from "./times.ts";

type Situation = Extract<DaemonStatus, { readonly kind: "running" }>["situation"];
type SourceSituation = Situation["sources"][number];

export function daemonLines(status: DaemonStatus, look: Look): readonly string[] {
  switch (status.kind) {
    case "not-running":
      return [
        "No daemon runs.",
        "Next: lull daemon start, or lull service install to have it started at log-on",
      ];
    case "silent":
      return [
        `A daemon (process ${status.pid}, since ${timeAgo(status.since, look.clock)}) does not answer: it starts, ends or hangs.`,
        "Next: look again in a moment; `lull daemon restart --force` ends it and starts a new one",
      ];
    case "running":
      return runningLines(status.situation, look);
  }
}

function runningLines(situation: Situation, look: Look): readonly string[] {
  const { pid, version, startedAt, memory, sources, isManaged } = situation;
  const facts = [
    `process ${pid}`,
    `for ${formatDuration(look.clock.now() - startedAt)}`,
    ...(memory === undefined ? [] : [formatByteSize(memory)]),
    ...(isManaged ? ["as a service"] : []),
  ];
  const head = `lull ${safeText(version)} keeps ${count(sources.length, "source")} in sync (${facts.join(", ")})`;
  if (sources.length === 0) return [head];
  const titles = ["", "SOURCE", "STATE", "NEXT", "WATCH"].map((title) => look.style.dim(title));
  const rows = sources.map((source) => [
    markOf(source, look),
    look.style.bold(safeText(source.name)),
    stateText(source, look),
    source.nextAt === undefined ? "-" : timeAhead(source.nextAt, look.clock),
    watchText(source.watch),
  ]);
  return [head, ...alignColumns([titles, ...rows]), ...sources.flatMap((source) => whyLines(source, look))];
}

function markOf({ state }: SourceSituation, { style, symbols }: Look): string {
  switch (state) {
    case "running":
      return style.green(symbols.arrow);
    case "waiting":
    case "paused":
      return style.yellow(symbols.more);
    case "parked":
      return style.red(symbols.attention);
    case "queued":
    case "resting":
      return style.dim(symbols.same);
  }
}

function stateText(source: SourceSituation, look: Look): string {
  switch (source.state) {
    case "running":
      return "syncs";
    case "waiting":
      return `waits${source.dueSince === undefined ? "" : `, due since ${timeAgo(source.dueSince, look.clock)}`}`;
    case "queued":
      return source.notBefore === undefined
        ? "next in turn"
        : `starts ${timeAhead(source.notBefore, look.clock)}`;
    case "paused":
      return "paused";
    case "parked":
      return "stopped after failures";
    case "resting":
      return "rests";
  }
}

function watchText(watch: string | undefined): string {
  return watch === "events" ? "yes" : (watch ?? "no");
}

function whyLines(source: SourceSituation, look: Look): readonly string[] {
  const name = safeText(source.name);
  const yellow = look.style.yellow(look.symbols.more);
  return [
    ...source.waits.map(({ text }) => `${yellow} ${name}: ${safeText(text)}`),
    ...(source.state === "parked" || (source.reason !== undefined && source.state === "queued")
      ? [`${look.style.red(look.symbols.attention)} ${name}: ${safeText(source.reason ?? "")}`]
      : []),
    ...(source.state === "parked" ? [`  Hint: lull sync ${name}`] : []),
  ];
}
