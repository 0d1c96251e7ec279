import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import type { ObjectKind, Oid } from "../model.ts";
import { deflate, deflateChunks } from "./deflate.ts";
import { type Content, piecesOf, release, spool, type SpoolPlace } from "./large-content.ts";
import type { ObjectStore } from "./object-store.ts";
import { encodeEntryHeader } from "./pack-entry.ts";
import { crc32 } from "./zlib.ts";

type Base = { readonly kind: ObjectKind; readonly content: Content };

/** Looks up what a delta of another pack builds upon. Throws as the store does. */
export function openBase(store: ObjectStore, oid: Oid, place: SpoolPlace): Base {
  const opened = store.open(oid, { wholeUpTo: place.wholeInMemory });
  const { kind, bytes } = opened;
  if (bytes === undefined) return { kind, content: spool(place, opened.chunks) };
  return { kind, content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * Writes a whole object as an entry of a pack. A content that can not be written is given up.
 * @param start where in the file
 * @throws LullError by the system's code
 */
export function appendBase(
  handle: number,
  start: number,
  { kind, content }: Base,
): { readonly end: number; readonly crc: number } {
  const header = encodeEntryHeader(kind, content.length);
  const stream = Buffer.isBuffer(content) ? [deflate(content)] : deflateChunks(piecesOf(content));
  let end = start;
  let crc: number | undefined;
  const write = (bytes: Uint8Array): void => {
    writeFully(handle, bytes, end);
    crc = crc32(bytes, crc);
    end += bytes.length;
  };
  try {
    write(header);
    for (const piece of stream) write(piece);
  } catch (error) {
    release(content);
    throw fromSystem(error, "complete the pack");
  }
  return { end, crc: crc ?? 0 };
}
