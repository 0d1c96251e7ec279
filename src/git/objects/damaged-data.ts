import { LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";

/**
 * Bytes that do not decode: a zlib stream, a delta, an entry or an object. Who knows the object's name turns it
 * into `OBJECT_CORRUPT`, who reads a pack from outside into `BAD_PACK` or `TRUNCATED`.
 */
export class DamagedData extends LullError {
  /** `short`: the bytes end too early; more of them might help. `bad`: no further byte can make it right. */
  readonly reason: "short" | "bad";

  constructor(reason: "short" | "bad", message: string, cause?: unknown) {
    super({ kind: "failed", code: "DAMAGED_DATA", message, cause });
    this.reason = reason;
  }
}

/** @param unusable one line for each pack that had to be left aside, as a likely cause */
export function objectMissing(oid: Oid, unusable: readonly string[] = []): LullError {
  return new LullError({
    kind: "failed",
    code: "OBJECT_MISSING",
    message: `object ${oid} is not in the repository`,
    causes: [
      ...unusable,
      "a file below .git/objects was deleted, or never reached the disk before a power cut",
    ],
    hint: "nothing was changed; `lull verify` tells what is missing, `lull verify --repair` brings back what a remote has",
    data: { oid },
  });
}

export function objectCorrupt(oid: Oid, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "failed",
    code: "OBJECT_CORRUPT",
    message: `object ${oid} is damaged: ${why}`,
    causes: [
      "the disk or a sync program changed a file below .git/objects",
      "the machine lost power while it was written",
    ],
    hint: "nothing was changed; `lull verify` tells all of the damage, `lull verify --repair` mends what can be mended",
    data: { oid },
    cause,
  });
}
