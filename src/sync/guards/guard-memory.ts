/**
 * What guards have found and what a person allowed, in `<gitdir>/lull/guards.json`: beside the repository, so that it
 * moves and goes with it, and no synced file can grant anything. Holds no secret, only digests. A file that makes no
 * sense counts as empty: then guards ask once more.
 */
import type { RepoPath } from "../../git/model.ts";
import { readSideFile, type SideFile, writeSideFile } from "../../base/side-file.ts";
import type { GuardName } from "./guards.ts";

/** What a guard holds back until somebody allows it or the reason is gone. */
export type Waiting = {
  readonly guard: GuardName;
  /** Left out of commits; undefined: the whole source waits. */
  readonly path?: RepoPath | undefined;
  /** In words. */
  readonly reason: string;
  readonly marks: readonly string[];
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  /** Of a path: the file as it was judged. */
  readonly seen?: Seen | undefined;
};

export type Seen = {
  /** Stat data and rules in one line: while it is the same, so is what the guard says. */
  readonly as: string;
  /** It had changed so shortly before that a further edit may not show in its stat data. */
  readonly isYoung: boolean;
};

export type Allowance = {
  readonly guard: GuardName;
  readonly path?: RepoPath | undefined;
  /** In words. */
  readonly reason: string;
  readonly marks: readonly string[];
  readonly at: number;
  readonly by: string;
  /** It ends when it was made use of. */
  readonly once: boolean;
};

export type GuardMemory = { readonly waiting: readonly Waiting[]; readonly allowed: readonly Allowance[] };

export const NOTHING_KEPT: GuardMemory = { waiting: [], allowed: [] };

/** Some thousands of paths that are left out; in bytes. */
const LARGEST = 8 * 1024 * 1024;
/** A path may take some kilobytes. */
const MOST_WAITING = 10_000;

export function readGuardMemory(gitDirectory: string): GuardMemory {
  const { version, waiting, allowed } = readSideFile(memoryFile(gitDirectory)) ?? {};
  if (version !== 1 || !isList(waiting) || !isList(allowed)) return NOTHING_KEPT;
  return { waiting: waiting as readonly Waiting[], allowed: allowed as readonly Allowance[] };
}

/** The caller holds the source's lock. */
export function writeGuardMemory(gitDirectory: string, memory: GuardMemory): void {
  writeSideFile(memoryFile(gitDirectory), fittingText(memory));
}

/** What is allowed always has room; of what waits the first ones, which no run needs: it judges anew. */
function fittingText({ waiting, allowed }: GuardMemory): string {
  for (let most = MOST_WAITING; ; most = Math.floor(most / 2)) {
    const text = `${JSON.stringify({ version: 1, waiting: waiting.slice(0, most), allowed })}\n`;
    if (most === 0 || Buffer.byteLength(text) <= LARGEST) return text;
  }
}

function memoryFile(gitDirectory: string): SideFile {
  return { gitDirectory, name: "guards.json", largest: LARGEST };
}

function isList(value: unknown): value is readonly { readonly marks: readonly string[] }[] {
  return Array.isArray(value) && value.every((entry: unknown) => isEntry(entry));
}

function isEntry(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const { guard, marks, seen } = entry as Record<string, unknown>;
  return typeof guard === "string" && Array.isArray(marks) && (seen === undefined || isSeen(seen));
}

function isSeen(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Record<string, unknown>)["as"] === "string"
  );
}
