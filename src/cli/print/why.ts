/** Why a source did or did not sync, in sentences. Pure. */
import type { WhyResult, WhySource } from "../../app/why-source.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { hangingLines } from "../text-layout.ts";
import { causeWords } from "./causes.ts";
import type { Look } from "./look.ts";
import { pausedText } from "./pauses.ts";
import { sinceText, timeAgo, timeAhead, untilText } from "./times.ts";

export function whyLines(result: WhyResult, look: Look): readonly string[] {
  if (result.sources.length === 0) return ["No sources yet. Next: lull add FOLDER"];
  return [
    ...(result.daemonPid === undefined ? noDaemonLines(look) : []),
    ...result.sources.flatMap((source) => [
      ...hangingLines(`${look.style.bold(safeText(source.name))}  `, situation(source, look), look.width),
      ...details(source, result, look).flatMap(({ mark = "", text }) =>
        hangingLines(`    ${mark === "" ? "" : `${mark} `}`, text, look.width),
      ),
    ]),
  ];
}

function noDaemonLines({ style, symbols, width }: Look): readonly string[] {
  const text = "No daemon runs, so nothing is synced by itself. Next: lull daemon start";
  return hangingLines(`${style.yellow(symbols.attention)} `, text, width);
}

function situation(source: WhySource, look: Look): string {
  const { job, pause } = source;
  const cause = job === undefined ? "" : ` (${causeWords(job.cause).because})`;
  if (job?.state === "running") return `syncs right now${cause}`;
  if (!source.enabled) return "is switched off (`enabled: false`)";
  if (job?.state === "parked") return "is not tried again by itself";
  if (pause !== undefined) return `is ${pausedText(pause, look)}`;
  if (job === undefined) return "is not due";
  const since = `is due since ${sinceText(job.dueSince, look.clock)}${cause}`;
  if (source.verdict.kind === "wait") return `${since} and waits`;
  if (job.notBefore <= look.clock.now()) return since;
  return `${since}; ${job.attempts > 0 ? "tries again" : "starts"} ${timeAhead(job.notBefore, look.clock)}`;
}

type Detail = { readonly mark?: string; readonly text: string };

function details(source: WhySource, result: WhyResult, look: Look): readonly Detail[] {
  const { style, symbols, clock } = look;
  const wait = style.yellow(symbols.more);
  const { verdict, job, heldHost } = source;
  const rests = !source.enabled || job?.state === "running" || job?.state === "parked";
  return [
    ...(job?.reason === undefined
      ? []
      : [{ mark: style.red(symbols.attention), text: safeText(job.reason) }]),
    ...(job?.state === "parked" ? [{ text: `Hint: lull sync ${safeText(source.name)}` }] : []),
    ...(heldHost === undefined
      ? []
      : [
          {
            mark: wait,
            text: `${safeText(heldHost.host)} is left alone ${untilText(heldHost.until, clock)}${heldHost.reason === job?.reason ? "" : `: ${safeText(heldHost.reason)}`}`,
          },
        ]),
    ...(rests ? [] : conditionDetails(source, look)),
    ...(rests ? [] : (verdict.assumed ?? []).map(({ words }) => ({ text: style.dim(safeText(words)) }))),
    ...(startsSoon(source, result, look)
      ? [{ mark: style.green(symbols.done), text: "now is a good moment; it starts when its turn comes" }]
      : []),
    { text: lastText(source, look) },
    { text: nextText(source, result, look) },
    ...folderDetails(source, look),
  ];
}

function conditionDetails({ verdict, job }: WhySource, look: Look): readonly Detail[] {
  const mark = look.style.yellow(look.symbols.more);
  if (verdict.kind === "go") {
    return verdict.despite.map(({ words }) => ({
      mark,
      text: `has waited long enough, although: ${safeText(words)}`,
    }));
  }
  const isDue = job?.state === "queued";
  const reasons = verdict.reasons.map(({ words }) => ({
    mark,
    text: `${isDue ? "" : "were it due now: "}${safeText(words)}`,
  }));
  return isDue && verdict.latestAt !== undefined
    ? [...reasons, { text: `runs at the latest ${timeAhead(verdict.latestAt, look.clock)} (max_defer)` }]
    : reasons;
}

function startsSoon(source: WhySource, { daemonPid }: WhyResult, look: Look): boolean {
  const { verdict, job, pause, heldHost, enabled } = source;
  if (daemonPid === undefined || pause !== undefined || heldHost !== undefined || !enabled) return false;
  if (job?.state !== "queued" || job.notBefore > look.clock.now()) return false;
  return verdict.kind === "go" && verdict.despite.length === 0;
}

function lastText({ lastRun }: WhySource, look: Look): string {
  if (lastRun === undefined) return "last sync: never";
  const what = lastRun.message === undefined ? "" : `: ${safeText(lastRun.message)}`;
  return `last sync: ${timeAgo(lastRun.startedAt, look.clock)}, ${safeText(lastRun.outcome)} in ${formatDuration(lastRun.durationMs)}${what}`;
}

function nextText(source: WhySource, { daemonPid }: WhyResult, { clock }: Look): string {
  const ways = [
    ...source.schedules.map(safeText).filter((text) => text !== "manual"),
    ...(source.watched ? ["when files change"] : []),
  ];
  if (!source.enabled || ways.length === 0) return "next sync: only when you ask";
  const { nextAt } = source;
  const isMissed = daemonPid === undefined && nextAt !== undefined && nextAt <= clock.now();
  const next = isMissed
    ? `; due since ${sinceText(nextAt, clock)}, runs when a daemon does`
    : nextAt === undefined
      ? ""
      : `; next ${timeAhead(nextAt, clock)}`;
  return `next sync: ${ways.join(", ")}${next}`;
}

function folderDetails({ situation: live }: WhySource, { style, symbols }: Look): readonly Detail[] {
  switch (live?.watch) {
    case "polling":
      return [{ text: "its folder is looked at from time to time only; `lull logs` says why" }];
    case "gone":
      return [{ mark: style.yellow(symbols.attention), text: "its folder is not there" }];
    default:
      return [];
  }
}
