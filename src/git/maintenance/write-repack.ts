import type { ObjectKind } from "../model.ts";
import { DamagedData } from "../objects/damaged-data.ts";
import { deflate, deflateChunks, STREAM_THRESHOLD } from "../objects/deflate.ts";
import type { DeltaPackWriter } from "../objects/delta-pack-writer.ts";
import { searchDeltas } from "../objects/delta-search.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";
import { NewDeltas } from "./new-deltas.ts";
import type { ObjectContent } from "./object-content.ts";
import { reuseDeltas } from "./reuse-deltas.ts";
import type { StoredObject, StoredObjects } from "./stored-objects.ts";
import { crc32 } from "../objects/zlib.ts";

export type RepackInput = {
  readonly objects: StoredObjects;
  readonly wanted: readonly StoredObject[];
  readonly content: ObjectContent;
  readonly writer: DeltaPackWriter;
  /** For files in the making; for the caller to remove. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: ((step: string, done: number, total: number) => void) | undefined;
};

/** Writes the wanted objects into one pack, up to its end. @returns how many of them became deltas now */
export async function writeRepack(input: RepackInput): Promise<{ readonly newDeltas: number }> {
  const { wanted, content, signal, onProgress } = input;
  reuseDeltas(wanted);
  using deltas = new NewDeltas(input.directory);
  await searchDeltas(
    wanted.filter(({ base }) => base === undefined),
    {
      signal,
      read: (object) => content.read(object).bytes,
      onDelta: (object, base, delta) => {
        object.base = base;
        deltas.add(object, delta);
      },
      ...(onProgress && { onProgress: (done, total) => onProgress("comparing", done, total) }),
    },
  );
  const turns = new TurnKeeper(signal);
  const starts = new Map<StoredObject, number>();
  for (const object of basesFirst(wanted)) {
    const start = writeEntry(input, deltas, object, starts);
    starts.set(object, start);
    input.writer.endEntry(input.objects.oidBytesOf(object));
    if (turns.isDue(object.storedSize)) {
      onProgress?.("packing", starts.size, wanted.length);
      await turns.turn();
    }
  }
  input.writer.finish();
  return { newDeltas: deltas.count };
}

/** Commits first, as all walks read them, then tags, trees and blobs; new before old within each. */
const KIND_ORDER: Readonly<Record<ObjectKind, number>> = { commit: 0, tag: 1, tree: 2, blob: 3 };

function* basesFirst(wanted: readonly StoredObject[]): Generator<StoredObject> {
  const done = new Set<StoredObject>();
  const sorted = [...wanted].sort((a, b) => KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || a.order - b.order);
  for (const object of sorted) {
    const chain: StoredObject[] = [];
    for (let at: StoredObject | undefined = object; at !== undefined && !done.has(at); at = at.base)
      chain.push(at);
    for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
      done.add(next);
      yield next;
    }
  }
}

/** @returns where the entry starts */
function writeEntry(
  { content, writer }: RepackInput,
  deltas: NewDeltas,
  object: StoredObject,
  starts: ReadonlyMap<StoredObject, number>,
): number {
  const { base, kind, size } = object;
  if (base !== undefined) {
    const baseStart = starts.get(base) ?? 0;
    const fresh = deltas.get(object);
    if (fresh === undefined) return copyEntry(writer, object, baseStart);
    const start = writer.startDelta(baseStart, fresh.size);
    writer.append(fresh.bytes);
    return start;
  }
  // Without an old base it lies there whole: one that was a delta is inflated when its base does not come along.
  if (object.place.kind === "packed" && object.oldBase === undefined)
    return copyEntry(writer, object, undefined);
  const start = writer.startObject(kind, size);
  if (object.place.kind === "loose" && size > STREAM_THRESHOLD) {
    for (const piece of deflateChunks(content.chunks(object))) writer.append(piece);
  } else {
    writer.append(deflate(content.read(object).bytes));
  }
  return start;
}

const PIECE = 256 * 1024;

/** Copies the deflated content as it lies, checked against the old index. */
function copyEntry(
  writer: DeltaPackWriter,
  { place, kind }: StoredObject,
  baseStart: number | undefined,
): number {
  if (place.kind === "loose") throw new Error("a loose object has no entry");
  const { file, index } = place.pack.file;
  const from = index.offsetAt(place.position);
  const end = index.entryEnd(from, file.size);
  const header = file.header(from);
  let crc = crc32(file.read(from, header.length));
  const start =
    baseStart === undefined
      ? writer.startObject(kind, header.size)
      : writer.startDelta(baseStart, header.size);
  for (let at = from + header.length; at < end;) {
    const piece = file.read(at, Math.min(PIECE, end - at));
    if (piece.length === 0) throw new DamagedData("short", `${place.pack.name} ends too early`);
    crc = crc32(piece, crc);
    writer.append(piece);
    at += piece.length;
  }
  if (crc !== index.crcAt(place.position))
    throw new DamagedData("bad", `an entry of ${place.pack.name} does not match its checksum`);
  return start;
}
