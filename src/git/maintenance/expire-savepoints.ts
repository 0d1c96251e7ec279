import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { readCommit } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { deleteRef } from "../refs/update-ref.ts";
import { listRefs } from "../refs/ref-store.ts";
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

/** Drops the refs of savepoints older than the retention, except the last ten; their objects go as all others do. */
export function expireSavepoints(parts: RepositoryParts, input: MaintainInput): ExpiredSavepoints {
  const limit = (parts.clock.now() - input.savepointsMs) / 1000;
  const left: string[] = [];
  let expired = 0;
  for (const { name, oid } of oldestAfter(ALWAYS_KEPT, parts).filter(({ seconds }) => seconds < limit)) {
    throwIfAborted(input.signal);
    try {
      if (!input.dryRun) deleteRef(parts.gitDirectory, name, oid);
      expired += 1;
    } catch (error) {
      if (!(error instanceof LullError) || error.kind !== "locked") throw error;
      left.push(`${name}: ${error.message}`);
    }
  }
  return { expired, left };
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
