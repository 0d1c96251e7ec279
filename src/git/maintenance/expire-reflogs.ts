import { readdirSync, readFileSync } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { type Oid, ZERO_OID } from "../model.ts";
import { type LockFile, takeLockFile } from "../refs/lock-file.ts";
import { isRefName, refNameFromBytes, refPath } from "../refs/ref-name.ts";
import { listRefs, resolveRef } from "../refs/ref-store.ts";
import type { GitConfig } from "../repository-config/git-config.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import { wildmatch } from "../worktree/wildmatch.ts";
import { parseExpiry } from "./expiry.ts";
import { linkedWorkTrees } from "./find-roots.ts";
import { ReachableCommits } from "./reachable-commits.ts";

export type ExpiredReflogs = {
  /** Lines. */
  readonly expired: number;
  readonly left: readonly string[];
};

/** What is older may go, in seconds since 1970; 0 keeps everything. */
type Limits = { readonly all: number; readonly unreachable: number };

/** Git's defaults of gc.reflogExpire and gc.reflogExpireUnreachable. */
const DEFAULTS = { all: "90 days", unreachable: "30 days" };

/**
 * Shortens the reflogs of the repository and of its linked work trees by the rules of `git reflog expire --all`: lines
 * older than 90 days go, and those older than 30 days whose commits the ref no longer reaches; config may say
 * otherwise. The stash's log is the stash, and is never shortened unless config names it.
 */
export function expireReflogs(
  parts: RepositoryParts,
  input: { readonly dryRun: boolean; readonly signal: AbortSignal },
): ExpiredReflogs {
  const left: string[] = [];
  let expired = 0;
  for (const log of findLogs(parts.gitDirectory)) {
    throwIfAborted(input.signal);
    try {
      expired += expireLog(parts, log, input.dryRun);
    } catch (error) {
      if (!(error instanceof LullError) || error.kind !== "locked") throw error;
      left.push(`the reflog of ${log.name}: ${error.message}`);
    }
  }
  return { expired, left };
}

type Log = {
  /** The git directory of the work tree that it belongs to. */
  readonly directory: string;
  /** `HEAD`, `refs/heads/main` */
  readonly name: string;
};

function expireLog(parts: RepositoryParts, log: Log, dryRun: boolean): number {
  const now = Math.floor(parts.clock.now() / 1000);
  const limits = limitsFor(parts.config(), log.name, now);
  const expires = (): { readonly kept: readonly string[]; readonly expired: number } => {
    const lines = readLog(log);
    const kept = keptLines(parts, log, lines, limits);
    return { kept, expired: lines.length - kept.length };
  };
  // Without the lock first: most logs have nothing to expire, and nobody need wait for that.
  const first = expires();
  if (dryRun || first.expired === 0) return first.expired;
  const options = { gitDirectory: parts.gitDirectory, waitMs: LOCK_WAIT_MS };
  // Whoever appends to the log holds the ref's lock.
  using _ref: LockFile = takeLockFile(refPath(log.directory, log.name), options);
  using file = takeLockFile(refPath(log.directory, `logs/${log.name}`), options);
  const { kept, expired } = expires();
  file.write(Buffer.from(kept.map((line) => `${line}\n`).join(""), "latin1"));
  file.commit();
  return expired;
}

/** Git's default of core.filesRefLockTimeout. */
const LOCK_WAIT_MS = 100;

const LINE = /^([0-9a-f]{40}) ([0-9a-f]{40}) .*> (\d+) [-+]\d+(?:\t|$)/;

function keptLines(parts: RepositoryParts, log: Log, lines: readonly string[], limits: Limits): string[] {
  let reachable: ReachableCommits | undefined;
  return lines.filter((line) => {
    const [, from = ZERO_OID, to = ZERO_OID, time] = LINE.exec(line) ?? [];
    // What is no line of a reflog is not lull's to drop.
    if (time === undefined) return true;
    if (Number(time) < limits.all) return false;
    if (Number(time) >= limits.unreachable) return true;
    reachable ??= new ReachableCommits(parts.store, tipsOf(parts.gitDirectory, log));
    return !reachable.isLost(from) && !reachable.isLost(to);
  });
}

/** HEAD's log is held against all refs, any other against its own. */
function tipsOf(gitDirectory: string, log: Log): Oid[] {
  if (log.name === "HEAD") return [...listRefs(gitDirectory, "refs/").values()];
  const tip = resolveRef(log.directory, log.name).oid;
  return tip === undefined ? [] : [tip];
}

/** As git: the first pattern that matches decides on both, and what it does not set is "never". */
function limitsFor(config: GitConfig, name: string, now: number): Limits {
  const limit = (key: string, otherwise: string): number => parseExpiry(config.get(key) ?? otherwise, now);
  for (const pattern of config.subsections("gc")) {
    const keys = [`gc.${pattern}.reflogexpire`, `gc.${pattern}.reflogexpireunreachable`] as const;
    if (keys.every((key) => config.get(key) === undefined)) continue;
    if (wildmatch(pattern, name, { pathname: false, ignoreCase: false }))
      return { all: limit(keys[0], "never"), unreachable: limit(keys[1], "never") };
  }
  if (name === "refs/stash") return { all: 0, unreachable: 0 };
  return {
    all: limit("gc.reflogexpire", DEFAULTS.all),
    unreachable: limit("gc.reflogexpireunreachable", DEFAULTS.unreachable),
  };
}

function readLog({ directory, name }: Log): string[] {
  try {
    const text = readFileSync(refPath(directory, `logs/${name}`), "latin1");
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `read the reflog of ${name}`);
  }
}

function findLogs(gitDirectory: string): Log[] {
  return [gitDirectory, ...linkedWorkTrees(gitDirectory)].flatMap((directory) =>
    namesBelow(`${directory}/logs`, "").map((name) => ({ directory, name })),
  );
}

function namesBelow(folder: string, prefix: string): string[] {
  const names: string[] = [];
  for (const entry of listFolder(Buffer.from(`${folder}/${prefix}`, "latin1"))) {
    const name = prefix + entry.name;
    if (entry.isDirectory()) names.push(...namesBelow(folder, `${name}/`));
    else if (name === "HEAD" || isRefName(refNameFromBytes(name))) names.push(refNameFromBytes(name));
  }
  return names;
}

function listFolder(path: Buffer) {
  try {
    return readdirSync(path, { encoding: "latin1", withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw fromSystem(error, `list ${path.toString()}`);
  }
}
