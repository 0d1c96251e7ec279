/** The troubles that a run can bring, in words. Pure. */
import type { RunConflict, RunError, SkippedInRun } from "../sync/outcome.ts";
import { counted, hostOf, noticeText, sentence } from "./notice-text.ts";
import type { RunReport } from "./notify.ts";
import type { Condition } from "./rules.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A failure that a later try may heal is no news before this. */
const RETRY_PATIENCE_MS = 15 * MINUTE;
/** Behind the log-in page of a hotel every certificate looks wrong. */
const TLS_PATIENCE_MS = 30 * MINUTE;
/** Servers ask for an hour at most (base/retry-after.ts); then something else is wrong. */
const RATE_PATIENCE_MS = 6 * HOUR;
/** A merge or a rebase of the person's own may take an afternoon; a forgotten one holds the sync up for good. */
const SKIP_PATIENCE_MS = 24 * HOUR;

export function failedCondition(source: string, error: RunError, now: number): Condition {
  const name = noticeText(source);
  const isGuard = error.kind === "guard";
  const base = { source, subject: `source:${source}`, paths: [], at: now };
  const body = [sentence(noticeText(error.message)), ...hintLines(error.hint)];
  return {
    key: isGuard ? "guard" : `failed:${error.code}`,
    notice: {
      ...base,
      kind: isGuard ? "guard" : error.kind === "auth" ? "auth" : "failed",
      level: isGuard || error.retry ? "problem" : "error",
      title: isGuard
        ? `${name} was stopped before something dangerous`
        : error.kind === "auth"
          ? `${name} can not be synced: access was refused`
          : `${name} can not be synced`,
      body,
      command: `lull ${typeof error.data["guard"] === "string" ? "allow" : "sync"} ${commandWord(source)}`,
    },
    patienceMs: patienceWith(error),
    needsPerson: !error.retry,
    over: `${name} works again`,
  };
}

function patienceWith(error: RunError): number {
  if (error.code === "RATE_LIMITED") return RATE_PATIENCE_MS;
  if (error.kind === "unreachable" && !error.retry) return TLS_PATIENCE_MS;
  return error.retry ? RETRY_PATIENCE_MS : 0;
}

/** @param refusing remotes that answered, but not well */
export function partialCondition(
  run: RunReport,
  refusing: RunReport["remotes"],
  now: number,
): Condition | undefined {
  if (refusing.length === 0) return undefined;
  const name = noticeText(run.source);
  const errors = refusing.flatMap(({ error }) => (error === undefined ? [] : [error]));
  return {
    key: `partial:${refusing.map((remote) => `${remote.name} ${remote.error?.code}`).join(", ")}`,
    notice: {
      subject: `source:${run.source}`,
      kind: "partial",
      level: "problem",
      title: `${name} is synced with ${run.remotes.length - refusing.length} of ${counted(run.remotes.length, "remote")}`,
      body: refusing.flatMap(({ name: remote, url, error }) => [
        `${noticeText(remote)} (${hostOf(url)}): ${noticeText(error?.message ?? "")}`,
        ...hintLines(error?.hint),
      ]),
      source: run.source,
      command: `lull sync ${commandWord(run.source)}`,
      paths: [],
      at: now,
    },
    patienceMs: Math.min(...errors.map(patienceWith)),
    needsPerson: errors.some(({ retry }) => !retry),
    over: `${name} is synced with every remote again`,
  };
}

export function skippedCondition(run: RunReport, now: number): Condition {
  const name = noticeText(run.source);
  return {
    key: "skipped",
    notice: {
      subject: `source:${run.source}`,
      kind: "skipped",
      level: "problem",
      title: `${name} has not been synced for a day`,
      body: [
        sentence(noticeText(run.reason ?? run.error?.message ?? "it was left alone")),
        ...hintLines(run.error?.hint),
      ],
      source: run.source,
      command: `lull status ${commandWord(run.source)}`,
      paths: [],
      at: now,
    },
    patienceMs: SKIP_PATIENCE_MS,
    needsPerson: true,
    over: `${name} is synced again`,
  };
}

/** So many paths are named; the others are counted. */
const MOST_PATHS = 5;

export function conflictCondition(run: RunReport, now: number): Condition {
  const conflicts = run.conflicts.filter(({ open }) => open);
  const shown = conflicts.slice(0, MOST_PATHS);
  const more = conflicts.length - shown.length;
  const both = conflicts.some(({ kept }) => kept === "both");
  return {
    key: `conflict:${fingerprint(conflicts)}`,
    notice: {
      subject: `conflict:${run.source}`,
      kind: "conflict",
      level: "problem",
      title: `${noticeText(run.source)}: ${counted(conflicts.length, "file")} changed on two devices`,
      body: [
        ...shown.map(conflictLine),
        ...(more > 0 ? [`and ${more} more`] : []),
        both
          ? "`lull resolve` asks which one you want; or put it under the name and delete the copy."
          : "`lull resolve` asks which one you want; the other is in the history.",
      ],
      source: run.source,
      command: `lull conflicts ${commandWord(run.source)}`,
      paths: shown.map(({ path }) => noticeText(path)),
      at: now,
    },
    patienceMs: 0,
    needsPerson: true,
    // The copies lie there still: the next good run does not mean that somebody has looked at them.
    over: undefined,
  };
}

/** Files that a guard keeps out of the commits; told once for the same ones. */
export function leftOutCondition(source: string, leftOut: readonly SkippedInRun[], now: number): Condition {
  const shown = leftOut.slice(0, MOST_PATHS);
  const more = leftOut.length - shown.length;
  const [first] = shown;
  return {
    key: `left-out:${digest(leftOut.map(({ path, reason }) => `${path}\0${reason}`))}`,
    notice: {
      subject: `left-out:${source}`,
      kind: "left-out",
      level: "problem",
      title: `${noticeText(source)}: ${counted(leftOut.length, "file")} left out, the rest is synced`,
      body: [
        ...shown.map(({ path, reason }) => `${noticeText(path)}: ${noticeText(reason)}`),
        ...(more > 0 ? [`and ${more} more`] : []),
        "Mend it or have git ignore it; if it is meant, allow it.",
      ],
      source,
      command: `lull allow ${commandWord(source)}${first === undefined ? "" : ` ${commandWord(first.path)}`}`,
      paths: shown.map(({ path }) => noticeText(path)),
      at: now,
    },
    patienceMs: 0,
    needsPerson: false,
    over: undefined,
  };
}

function conflictLine(conflict: RunConflict): string {
  const path = noticeText(conflict.path);
  switch (conflict.kept) {
    case "both":
      return conflict.copy === undefined
        ? `${path}: both versions were kept`
        : `${path}: the remote's version has the name, this device's is in ${noticeText(conflict.copy)}`;
    case "union":
      return `${path}: it has the lines of both`;
    case "ours":
      return `${path}: this device's version was kept, the remote's is in the history`;
    case "theirs":
      return `${path}: the remote's version was kept, this device's is in the history`;
  }
}

function fingerprint(conflicts: readonly RunConflict[]): string {
  return digest(conflicts.map(({ path, kept, copy }) => `${path}\0${kept}\0${copy ?? ""}`));
}

function digest(texts: readonly string[]): string {
  return new Bun.CryptoHasher("sha256").update(texts.toSorted().join("\n")).digest("hex").slice(0, 16);
}

function hintLines(hint: string | undefined): readonly string[] {
  return hint === undefined || hint === "" ? [] : [sentence(noticeText(hint))];
}

/** A word for a shell, so that the command can be copied. */
export function commandWord(name: string): string {
  const shown = noticeText(name);
  return /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
