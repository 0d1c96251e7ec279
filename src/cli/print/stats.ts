import type { StatsResult } from "../../app/get-stats.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { count, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { localTime, timeAgo } from "./times.ts";

export function statsLines(stats: StatsResult, look: Look): readonly string[] {
  const name = stats.name === undefined ? undefined : look.style.bold(safeText(stats.name));
  const since = localTime(stats.since, look.clock);
  if (stats.total === 0) return [`No syncs of ${name ?? "any source"} since ${since}.`];
  const rows: readonly (readonly [string, string])[] = [
    ["syncs", outcomes(stats, look)],
    ["success", success(stats, look)],
    ["duration", duration(stats)],
    ["steps", steps(stats)],
    ["committed", count(stats.filesCommitted, "file")],
    ["received", moved(stats.commitsReceived, stats.bytesReceived)],
    ["sent", moved(stats.commitsSent, stats.bytesSent)],
    ["conflicts", stats.conflicts === 0 ? "none" : look.style.yellow(String(stats.conflicts))],
    ["last failure", lastFailure(stats, look)],
  ];
  const table = rows
    .filter(([, text]) => text !== "")
    .map(([title, text]) => [`  ${look.style.dim(title)}`, text]);
  return [`${name ?? "All sources"} since ${since}`, ...wrapColumns(table, look.width)];
}

/** `120: 80 up-to-date, 35 synced, 5 failed`. */
function outcomes(stats: StatsResult, look: Look): string {
  const parts = Object.entries(stats.outcomes).map(([outcome, runs]) => {
    const text = `${runs} ${safeText(outcome)}`;
    return outcome === "failed" ? look.style.red(text) : text;
  });
  return `${stats.total}: ${parts.join(", ")}`;
}

function success({ successRate }: StatsResult, look: Look): string {
  if (successRate === undefined) return "";
  // Rounded down: 99.96 % is not all of them.
  const text = `${(Math.floor(successRate * 1000) / 10).toFixed(1).replace(/\.0$/, "")} %`;
  return successRate === 1 ? look.style.green(text) : text;
}

function duration({ duration: figures }: StatsResult): string {
  if (figures === undefined) return "";
  return `${formatDuration(figures.medianMs)} (median), ${formatDuration(figures.p95Ms)} (95 % are not slower)`;
}

function steps({ steps: { medians } }: StatsResult): string {
  return medians.map(({ name, ms }) => `${safeText(name)} ${formatDuration(ms)}`).join(", ");
}

function moved(commits: number, bytes: number): string {
  return `${count(commits, "commit")}, ${formatByteSize(bytes)}`;
}

function lastFailure({ lastFailure: run }: StatsResult, look: Look): string {
  if (run === undefined) return "none";
  const message = run.message === undefined ? "" : `: ${safeText(run.message)}`;
  return `${timeAgo(run.startedAt, look.clock)}, ${safeText(run.source)}${message}`;
}
