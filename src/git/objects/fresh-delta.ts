import { LullError } from "../../base/errors.ts";
import type { GitObject, Oid } from "../model.ts";
import { deflate } from "./deflate.ts";
import { DeltaBase } from "./delta-encode.ts";
import { LARGEST_DELTIFIED } from "./delta-search.ts";
import type { ObjectStore } from "./object-store.ts";

/** In bytes. What a delta saves of less fits into a packet or two, and would cost a look at two objects. */
const SMALLEST_DELTIFIED = 4096;

export type FreshDelta = {
  /** Of the delta, inflated. */
  readonly size: number;
  readonly deflated: Uint8Array;
};

/**
 * Makes a delta of an object upon an earlier version of it.
 * @param storedBytes what the object takes as it is stored
 * @returns undefined where the whole object is as short, or too large to have both versions in memory
 * @throws LullError `OBJECT_MISSING`, `OBJECT_CORRUPT` of the object, not of its base
 */
export function freshDelta(
  store: ObjectStore,
  oids: { readonly target: Oid; readonly base: Oid },
  storedBytes: number,
): FreshDelta | undefined {
  if (storedBytes < SMALLEST_DELTIFIED / 4) return undefined;
  const { size } = store.header(oids.target);
  if (size < SMALLEST_DELTIFIED || size > LARGEST_DELTIFIED) return undefined;
  const base = readBase(store, oids.base);
  if (base === undefined || base.bytes.length > size * 32) return undefined;
  const target = store.read(oids.target);
  if (target.kind !== base.kind) return undefined;
  const delta = new DeltaBase(base.bytes).encode(target.bytes, Math.floor(size / 2));
  if (delta === undefined) return undefined;
  const deflated = deflate(delta);
  return deflated.length < storedBytes ? { size: delta.length, deflated } : undefined;
}

/** Without its base an object goes out whole: that is no reason to stop. */
function readBase(store: ObjectStore, oid: Oid): GitObject | undefined {
  try {
    return store.header(oid).size > LARGEST_DELTIFIED ? undefined : store.read(oid);
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}
