/** Why a source did or did not sync, in sentences. Pure. */
import type { WhyResult, WhySource } from "../../app/why-source.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Look } from "./look.ts";
import { timeAgo, timeAhead, untilText } from "./times.ts";

export function whyLines(result: WhyResult, look: Look): readonly string[] {
  const { style, symbols } = look;
  if (result.sources.length === 0) return ["No sources yet. Next: lull add FOLDER"];
  const head =
    result.daemonPid === undefined
      ? [
          `${style.yellow(symbols.attention)} No daemon runs, so nothing is synced by itself. Next: lull daemon start`,
        ]
      : [];
  return [
    ...head,
    ...result.sources.flatMap((source) => [
      `${style.bold(safeText(source.name))}  ${situation(source, look)}`,
      ...details(source, result, look).map((line) => `    ${line}`),
    ]),
  ];
}

function situation(source: WhySource, look: Look): string {
  const { job, pause } = source;
  if (!source.enabled) return "is switched off (`enabled: false`)";
  if (job?.state === "running") return `syncs right now (${job.cause})`;
  if (job?.state === "parked") return "is not tried again by itself";
  if (pause !== undefined) return pausedText(pause, look);
  if (job === undefined) return "is not due";
  const since = `is due since ${timeAgo(job.dueSince, look.clock)} (${job.cause})`;
  if (source.verdict.kind === "wait") return `${since} and waits`;
  return job.notBefore > look.clock.now()
    ? `${since}; starts ${timeAhead(job.notBefore, look.clock)}`
    : since;
}

function pausedText(pause: NonNullable<WhySource["pause"]>, look: Look): string {
  const whole = pause.source === "*" ? "is paused with all others" : "is paused";
  const until = pause.until === undefined ? "until `lull resume`" : untilText(pause.until, look.clock);
  return `${whole} ${until}${pause.reason === "" ? "" : `: ${safeText(pause.reason)}`}`;
}

function details(source: WhySource, { daemonPid }: WhyResult, look: Look): readonly string[] {
  const { style, symbols } = look;
  const wait = style.yellow(symbols.more);
  const done = style.green(symbols.done);
  const { verdict, job, heldHost, situation: live } = source;
  const isDue = job !== undefined && job.state === "queued";
  return [
    ...(job?.reason === undefined ? [] : [`${style.red(symbols.attention)} ${safeText(job.reason)}`]),
    ...(heldHost === undefined
      ? []
      : [
          `${wait} ${safeText(heldHost.host)} is left alone ${untilText(heldHost.until, look.clock)}: ${safeText(heldHost.reason)}`,
        ]),
    ...conditionLines(source, isDue, look),
    ...(verdict.assumed ?? []).map(({ words }) => style.dim(safeText(words))),
    ...(verdict.kind === "go" &&
    verdict.despite.length === 0 &&
    daemonPid !== undefined &&
    isDue &&
    source.pause === undefined
      ? [`${done} now is a good moment; it starts when its turn comes`]
      : []),
    lastLine(source, look),
    nextLine(source, look),
    ...(live?.watch === "polling"
      ? ["its folder is looked at from time to time only; `lull logs` says why"]
      : []),
  ];
}

function conditionLines({ verdict }: WhySource, isDue: boolean, look: Look): readonly string[] {
  const wait = look.style.yellow(look.symbols.more);
  if (verdict.kind === "go") {
    return verdict.despite.map(({ words }) => `${wait} has waited long enough, although: ${safeText(words)}`);
  }
  const would = isDue ? "" : "were it due now: ";
  const latest =
    isDue && verdict.latestAt !== undefined
      ? [`runs at the latest ${timeAhead(verdict.latestAt, look.clock)} (max_defer)`]
      : [];
  return [...verdict.reasons.map(({ words }) => `${wait} ${would}${safeText(words)}`), ...latest];
}

function lastLine({ lastRun }: WhySource, look: Look): string {
  if (lastRun === undefined) return "last sync: never";
  const what = lastRun.message === undefined ? "" : `: ${safeText(lastRun.message)}`;
  return `last sync: ${timeAgo(lastRun.startedAt, look.clock)}, ${safeText(lastRun.outcome)} in ${formatDuration(lastRun.durationMs)}${what}`;
}

function nextLine(source: WhySource, look: Look): string {
  const ways = [
    ...source.schedules.map(safeText).filter((text) => text !== "manual"),
    ...(source.watched ? ["when files change"] : []),
  ];
  const next = source.nextAt === undefined ? "" : `; next ${timeAhead(source.nextAt, look.clock)}`;
  return ways.length === 0 ? "next sync: only when you ask (manual)" : `next sync: ${ways.join(", ")}${next}`;
}
