/** How the daemon stands, as a table of its sources. Pure. */
import type { DaemonStatus } from "../../app/daemon-status.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count, fitColumns, hangingLines } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { sinceText, timeAgo, timeAhead } from "./times.ts";

type Situation = Extract<DaemonStatus, { readonly kind: "running" }>["situation"];
type SourceState = Situation["sources"][number];

export function daemonLines(status: DaemonStatus, look: Look): readonly string[] {
  switch (status.kind) {
    case "not-running":
      return [
        "No daemon runs.",
        ...hangingLines(
          "Next: ",
          "lull daemon start, or lull service install to have it started at each log-on",
          look.width,
        ),
      ];
    case "silent":
      if (status.trouble !== undefined) {
        return [
          `A daemon (process ${status.pid}) runs, but can not tell how it stands: ${safeText(status.trouble)}`,
          "Next: lull logs",
        ];
      }
      return [
        `A daemon (process ${status.pid}, since ${sinceText(status.since, look.clock)}) does not answer: it starts, ends or hangs.`,
        "Next: look again in a moment; `lull daemon restart --force` ends it and starts a new one",
      ].flatMap((line) => hangingLines("", line, look.width));
    case "running":
      return runningLines(status.situation, look);
  }
}

function runningLines(situation: Situation, look: Look): readonly string[] {
  const { pid, version, startedAt, memory, sources, isManaged } = situation;
  const facts = [
    `process ${pid}`,
    `since ${sinceText(startedAt, look.clock)}`,
    ...(memory === undefined ? [] : [formatByteSize(memory)]),
    ...(isManaged ? ["as a service"] : []),
  ];
  const head = hangingLines(
    "",
    `lull ${safeText(version)} keeps ${count(sources.length, "source")} in sync (${facts.join(", ")})`,
    look.width,
  );
  if (sources.length === 0) return [...head, "Next: lull add FOLDER"];
  const titles = ["SOURCE", "STATE", "LAST SYNC", "NEXT", "WATCH"];
  const texts = sources.map((source) => [
    safeText(source.name),
    stateText(source, look),
    lastText(source, look),
    source.nextAt === undefined ? "-" : timeAhead(source.nextAt, look.clock),
    watchText(source.watch),
  ]);
  const room = look.width && look.width - MARK_WIDTH;
  const [top = [], ...fitting] = fitColumns([titles, ...texts], room, look.symbols.cut);
  const rows = sources.map((source, index) => {
    const [name = "", ...rest] = fitting[index] ?? [];
    return [markOf(source, look), look.style.bold(name), ...rest];
  });
  return [
    ...head,
    ...alignColumns([["", ...top].map((title) => look.style.dim(title)), ...rows]),
    ...sources.flatMap((source) => whyLines(source, look)),
    ...(sources.some(({ waits }) => waits.length > 0)
      ? [look.style.dim("Measured when the waiting began; `lull why` measures anew.")]
      : []),
  ];
}

/** The mark in front and the gap behind it. */
const MARK_WIDTH = 3;

function lastText({ lastRun }: SourceState, look: Look): string {
  if (lastRun === undefined) return "never";
  const ago = timeAgo(lastRun.startedAt + lastRun.durationMs, look.clock);
  return ["synced", "up-to-date"].includes(lastRun.outcome) ? ago : `${ago}: ${safeText(lastRun.outcome)}`;
}

function markOf({ state }: SourceState, { style, symbols }: Look): string {
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

function stateText(source: SourceState, look: Look): string {
  switch (source.state) {
    case "running":
      return "syncs";
    case "waiting":
      return `waits${source.dueSince === undefined ? "" : ` since ${sinceText(source.dueSince, look.clock)}`}`;
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

function whyLines(source: SourceState, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const name = safeText(source.name);
  const failed = source.state === "parked" || (source.reason !== undefined && source.state === "queued");
  return [
    ...source.waits.flatMap(({ text }) =>
      hangingLines(`${style.yellow(symbols.more)} `, `${name}: ${safeText(text)}`, width),
    ),
    ...(failed
      ? hangingLines(`${style.red(symbols.attention)} `, `${name}: ${safeText(source.reason ?? "")}`, width)
      : []),
    ...(source.state === "parked" ? [`  Hint: lull sync ${name}`] : []),
  ];
}
