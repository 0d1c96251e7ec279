/**
 * Maintenance of one repository: packs loose objects and small packs into one with deltas, shortens reflogs, drops
 * old savepoints, and sweeps what crashes have left. This folder owns the decision what may go; it must not know sources, schedules or
 * who asked. Cheap when there is nothing to do: one listing of `objects/` and `logs/`.
 *
 * Nothing is removed before the new pack was read back object by object, synced and renamed into place, and then only
 * what lies in it. An object that nothing reaches is dropped when nobody used it for two weeks, as `git gc` does; the
 * same danger remains for other repositories that borrow from this one (`objects/info/alternates` over there), of
 * which nobody here can know. Deltas, packs and their checks are in `objects/`.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import type { RepositoryState } from "../refs/repository-state.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import { expireReflogs } from "./expire-reflogs.ts";
import { expireSavepoints } from "./expire-savepoints.ts";
import { takeGcLock } from "./gc-lock.ts";
import type { MaintainInput, MaintainResult } from "./maintenance-result.ts";
import { repackObjects } from "./repack-objects.ts";
import { sweepTemporaryFiles } from "./sweep-temporary-files.ts";

/** @throws LullError of the system (disk full, read-only), `OBJECT_CORRUPT`, `INTERRUPTED`; nothing is lost then */
export async function maintainRepository(
  parts: RepositoryParts,
  input: MaintainInput,
): Promise<MaintainResult> {
  const hindrance = hindranceOf(parts.state());
  if (hindrance !== undefined) return { kind: "skipped", ...hindrance };
  if (commonDirectory(parts.gitDirectory) !== parts.gitDirectory) {
    const main = commonDirectory(parts.gitDirectory);
    return {
      kind: "skipped",
      reason: "it is a linked work tree, whose objects and refs are those of its main repository",
      hint: `maintain that one, or let git do it: git -C ${main} gc`,
    };
  }
  throwIfAborted(input.signal);
  using lock = input.dryRun ? NO_LOCK : takeGcLock(parts.gitDirectory, parts.clock);
  if (lock === undefined) {
    return {
      kind: "skipped",
      reason: "`git gc` or another maintenance is at work here",
      hint: "let it end; the next maintenance goes on",
    };
  }
  const swept = sweepTemporaryFiles(parts.gitDirectory, parts.clock, input.dryRun);
  const reflogs = expireReflogs(parts, input);
  const savepoints = expireSavepoints(parts, input);
  const repacked = await repackObjects(parts, input);
  return {
    kind: "done",
    ...repacked,
    reflogEntriesExpired: reflogs.expired,
    savepointsExpired: savepoints.expired,
    temporaryFilesSwept: swept,
    left: [...repacked.left, ...reflogs.left, ...savepoints.left],
  };
}

const NO_LOCK: Disposable = { [Symbol.dispose]() {} };

/** A person in the middle of a merge or rebase holds objects in places of its own: maintenance can wait. */
function hindranceOf(state: RepositoryState): { readonly reason: string; readonly hint: string } | undefined {
  switch (state.kind) {
    case "ready":
      return undefined;
    case "busy":
      return { reason: state.reason, hint: state.hint };
    case "unsupported":
      return { reason: state.feature, hint: state.hint };
    case "missing":
      return { reason: "the folder is not there", hint: "mount or restore it" };
    case "not-a-repository":
      return { reason: state.reason ?? "it is no git repository", hint: "check the source's path" };
  }
}
