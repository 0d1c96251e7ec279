import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { readCommit } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { listRefs, readLooseRef } from "../refs/ref-store.ts";
import { deleteRefs, packRefs } from "../refs/update-ref.ts";
import { SAVEPOINT_REFS } from "../savepoints/savepoint-commit.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import type { MaintainInput } from "./maintenance-result.ts";

export type ExpiredSavepoints = {
  readonly expired: number;
  readonly left: readonly string[];
};

/** However old: somebody who comes back after a year still finds a way back. A wrong clock spares them, too. */
const ALWAYS_KEPT = 10;

type Savepoint = { readonly name: string; readonly oid: Oid; readonly seconds: number };

/** So many in one go: all of their locks are held at once. */
const BATCH = 100;
/** So many small files are listed in no time. */
const MOST_LOOSE = 50;

/**
 * Drops the refs of savepoints older than the retention, except the last ten; their objects go as all others do. Those
 * that stay go into `packed-refs` when they are many.
 */
export function expireSavepoints(parts: RepositoryParts, input: MaintainInput): ExpiredSavepoints {
  const limit = (parts.clock.now() - input.savepointsMs) / 1000;
  const old = oldestAfter(ALWAYS_KEPT, parts).filter(({ seconds }) => seconds < limit);
  if (input.dryRun) return { expired: old.length, left: [] };
  const left: string[] = [];
  for (let from = 0; from < old.length; from += BATCH) {
    throwIfAborted(input.signal);
    left.push(...drop(parts, old.slice(from, from + BATCH)));
  }
  packLoose(parts);
  return { expired: old.length - left.length, left };
}

/** Returns why some of them stay. */
function drop({ gitDirectory }: RepositoryParts, savepoints: readonly Savepoint[]): readonly string[] {
  try {
    deleteRefs(gitDirectory, new Map(savepoints.map(({ name, oid }) => [name, oid])));
    return [];
  } catch (error) {
    if (!(error instanceof LullError) || error.kind !== "locked") throw error;
    return savepoints.map(({ name }) => `${name}: ${error.message}`);
  }
}

function packLoose({ gitDirectory }: RepositoryParts): void {
  const loose = [...listRefs(gitDirectory, SAVEPOINT_REFS)].filter(
    ([name]) => readLooseRef(gitDirectory, name) !== undefined,
  );
  if (loose.length <= MOST_LOOSE) return;
  try {
    packRefs(gitDirectory, new Map(loose));
  } catch (error) {
    // Somebody else packs refs; they stay loose until the next maintenance.
    if (!(error instanceof LullError) || error.kind !== "locked") throw error;
  }
}

/** All but the youngest. */
function oldestAfter(youngest: number, { gitDirectory, store }: RepositoryParts): readonly Savepoint[] {
  return [...listRefs(gitDirectory, SAVEPOINT_REFS)]
    .map(([name, oid]) => ({ name, oid, seconds: takenAt(store, oid) }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(youngest);
}

/** Seconds since 1970. What can not be read is no old savepoint: it stays. */
function takenAt(store: ObjectStore, oid: Oid): number {
  try {
    return readCommit(store, oid).committer.seconds;
  } catch (error) {
    if (error instanceof LullError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}
