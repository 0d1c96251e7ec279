/**
 * A file that stays out of the commits is not read again in every run: what a guard said holds as long as the file, the
 * version that the index has of it and the rules are the same.
 */
import type { GuardsConfig } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { RepoPath } from "../../git/model.ts";
import type { WorkTreeChange } from "../../git/worktree/changes.ts";
import type { Seen, Waiting } from "./guard-memory.ts";
import { type GuardName, type LeftOut, markOf } from "./guards.ts";
import { SECRET_RULES } from "./secret-rules.ts";

export type VerdictInput = {
  readonly repository: Pick<Repository, "workStat" | "indexVersion">;
  readonly guards: GuardsConfig;
};

/** Left out, and what to know it again by. */
export type HeldFile = LeftOut & { readonly seen?: Seen | undefined };

/** What these say depends on the file alone; about a name the names beside it have a say. */
const ABOUT_FILE: ReadonlySet<GuardName> = new Set(["file-size", "secret", "key-file"]);

/**
 * An edit within the tick of the file system's clock leaves the same times. Two seconds are FAT's, the longest one.
 */
const LONGEST_TICK_MS = 2000;

/** What to know the file again by, to be asked for after it was read. @param now milliseconds since 1970 UTC */
export function seenAs(input: VerdictInput, path: RepoPath, now: number): Seen | undefined {
  const stat = input.repository.workStat(path);
  if (stat === undefined) return undefined;
  return { as: keyOf(input, path, stat.stamp), isYoung: now - stat.changedAt <= LONGEST_TICK_MS };
}

/**
 * Those of the changes that are known to stay out.
 * @param options trustYoung: also files that may have changed right after they were judged; for a look, not for a run
 */
export function knownToStayOut(
  input: VerdictInput,
  waiting: readonly Waiting[],
  changes: readonly WorkTreeChange[],
  { trustYoung }: { readonly trustYoung: boolean },
): readonly HeldFile[] {
  if (!waiting.some(({ seen }) => seen !== undefined)) return [];
  // What goes from one path may be what another one has: that one is let in then.
  if (!trustYoung && changes.some(({ kind }) => kind === "deleted")) return [];
  const changed = new Set(changes.map(({ path }) => path));
  return waiting.flatMap(({ guard, path, reason, marks, seen }): readonly HeldFile[] => {
    if (path === undefined || seen === undefined || !changed.has(path) || !isLeftOut(guard)) return [];
    if (seen.isYoung && !trustYoung) return [];
    const stat = input.repository.workStat(path);
    return stat !== undefined && keyOf(input, path, stat.stamp) === seen.as
      ? [{ guard, path, reason, marks, seen }]
      : [];
  });
}

function isLeftOut(guard: GuardName): guard is LeftOut["guard"] {
  return ABOUT_FILE.has(guard);
}

function keyOf({ repository, guards }: VerdictInput, path: RepoPath, stamp: string): string {
  const { fileSize, secrets } = guards;
  rules ??= markOf(
    "secret",
    SECRET_RULES.map(({ pattern, files }) => `${pattern} ${files}`),
  ).slice(0, 8);
  return [stamp, repository.indexVersion(path)?.oid ?? "-", fileSize ?? "-", secrets, rules].join(" ");
}

/** Another version of lull may have others. */
let rules: string | undefined;
