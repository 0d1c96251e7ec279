import type { GuardLimits } from "../../config/config.ts";
import type { RepoPath } from "../../git/model.ts";
import { type Finding, firstPaths, markOf } from "./guards.ts";

export type ChangeFacts = {
  /** Tracked files with another content, mode or type; new and deleted ones do not count. */
  readonly changed: readonly RepoPath[];
  readonly tracked: number;
  readonly limits: GuardLimits | undefined;
};

/** Nobody edits nearly all files between two syncs; programs do. */
export function everythingChanged({ changed, tracked, limits }: ChangeFacts): Finding | undefined {
  if (limits === undefined || tracked < limits.files) return undefined;
  if (changed.length * 100 <= limits.percent * tracked) return undefined;
  return {
    guard: "changes",
    message: `${changed.length} of ${tracked} files have changed at once (${firstPaths(changed)})`,
    causes: [
      "a program rewrote them: line ends, formatting, permissions, encryption",
      "the folder was copied or restored from a backup without its modes",
    ],
    mark: markOf("changes", changed),
    figures: { changed: changed.length, of: tracked },
    heals: false,
  };
}
