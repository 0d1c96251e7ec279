/** Contents of objects of any size: in memory as long as they are not large, else in files. */
import type { ObjectKind } from "../model.ts";
import { applyDeltaPieces } from "./delta-pieces.ts";
import { hashObjectBytes, startObjectHash } from "./hash-object.ts";
import { SpooledContent } from "./spooled-content.ts";

/** Contents above this do not lie in memory as a whole, but in a file. */
export const WHOLE_IN_MEMORY = 32 * 1024 * 1024;

export type SpoolPlace = {
  /** In whose `lull/tmp` the files are made. */
  readonly gitDirectory: string;
  /** In bytes; what is larger goes into a file. */
  readonly wholeInMemory: number;
};

/** To be given to `release` when it is of no more use. */
export type Content = Buffer | SpooledContent;

export function release(content: Content): void {
  if (!Buffer.isBuffer(content)) content[Symbol.dispose]();
}

export function piecesOf(content: Content): Iterable<Uint8Array> {
  return Buffer.isBuffer(content) ? [content] : content.slice();
}

/** As 20 raw bytes. */
export function hashContent(kind: ObjectKind, content: Content): Uint8Array {
  if (Buffer.isBuffer(content)) return hashObjectBytes(kind, content);
  const hasher = startObjectHash(kind, content.length);
  for (const piece of content.slice()) hasher.update(piece);
  return hasher.digest();
}

/** @param pieces each valid until the next */
export function spool(
  { gitDirectory }: Pick<SpoolPlace, "gitDirectory">,
  pieces: Iterable<Uint8Array>,
): SpooledContent {
  const content = new SpooledContent(gitDirectory);
  try {
    for (const piece of pieces) content.add(piece);
    return content;
  } catch (error) {
    content[Symbol.dispose]();
    throw error;
  }
}

/**
 * Rebuilds an object from its base, which stays the caller's, and a delta.
 * @param pieces of the delta, each valid until the next
 * @throws DamagedData
 */
export function rebuild(place: SpoolPlace, base: Content, pieces: Iterable<Uint8Array>): Content {
  let content: Content | undefined;
  try {
    applyDeltaPieces(base, pieces, (size) => {
      if (size > place.wholeInMemory) {
        const spooled = new SpooledContent(place.gitDirectory);
        content = spooled;
        return (bytes) => spooled.add(bytes);
      }
      const bytes = Buffer.allocUnsafeSlow(size);
      content = bytes;
      let at = 0;
      return (piece) => {
        bytes.set(piece, at);
        at += piece.length;
      };
    });
    return content ?? Buffer.alloc(0);
  } catch (error) {
    if (content !== undefined) release(content);
    throw error;
  }
}
