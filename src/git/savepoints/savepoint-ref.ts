import { LullError } from "../../base/errors.ts";
import type { Savepoint } from "./savepoint.ts";
import type { ObjectReader } from "../model.ts";
import { listRefs, readRef } from "../refs/ref-store.ts";
import { updateRef } from "../refs/update-ref.ts";
import { type Picture, readSavepoint, SAVEPOINT_REFS } from "./savepoint-commit.ts";

/**
 * Names a savepoint by its time. From then on no `git gc` takes it away.
 * @param at wall time in milliseconds
 */
export function nameSavepoint(gitDirectory: string, picture: Picture, at: number): Savepoint {
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  for (let number = 1; ; number++) {
    const name = `${stamp}Z${number === 1 ? "" : `-${number}`}`;
    const ref = SAVEPOINT_REFS + name;
    if (readRef(gitDirectory, ref) !== undefined) continue;
    try {
      updateRef(gitDirectory, { name: ref, expected: undefined, next: picture.commit });
      return { ...picture, name };
    } catch (error) {
      // Taken in this moment, by a lull in another work tree of the repository.
      if (!(error instanceof LullError) || error.code !== "REF_CHANGED") throw error;
    }
  }
}

/** Newest first. One that can not be read is left out: it is no way back. */
export function listSavepoints(gitDirectory: string, reader: ObjectReader): readonly Savepoint[] {
  return [...listRefs(gitDirectory, SAVEPOINT_REFS, () => {})]
    .flatMap(([ref, oid]) => {
      try {
        return [readSavepoint(reader, ref, oid)];
      } catch (error) {
        if (error instanceof LullError) return [];
        throw error;
      }
    })
    .sort((a, b) => b.takenAt - a.takenAt || compareNames(a.name, b.name));
}

/** The later one first. */
function compareNames(a: string, b: string): number {
  const [stampOfA, numberOfA] = partsOf(a);
  const [stampOfB, numberOfB] = partsOf(b);
  if (stampOfA !== stampOfB) return stampOfA < stampOfB ? 1 : -1;
  return numberOfB - numberOfA;
}

/** The second, and which within it; the first has no number. */
function partsOf(name: string): readonly [string, number] {
  const [, stamp = name, number = "1"] = /^(.*Z)(?:-(\d+))?$/.exec(name) ?? [];
  return [stamp, Number(number)];
}
