import { systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { deflate, deflateChunks, STREAM_THRESHOLD } from "./deflate.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PackedObject } from "./pack-directory.ts";
import {
  encodeEntryHeader,
  encodeOfsDeltaHeader,
  encodeRefDeltaHeader,
  type EntryHeader,
} from "./pack-entry.ts";
import { freshDelta } from "./fresh-delta.ts";
import { crc32 } from "./zlib.ts";

export type OutgoingOptions = {
  /** Whether the receiver knows deltas that give their base's distance; else the base is named. Default: it does. */
  readonly ofsDelta?: boolean;
  /**
   * Whether the receiver surely has an object that is not sent: then a delta may build upon it (a "thin" pack).
   * Without it no delta does.
   */
  readonly receiverHas?: ((oid: Oid) => boolean) | undefined;
  /** The version that an object replaces; deltas are made upon it. Without it none are made, only stored ones sent. */
  readonly previousOf?: ((oid: Oid) => Oid | undefined) | undefined;
};

/** Up to this size a stored entry is read in one piece, so that a damaged one is noticed before any of it goes out. */
const ONE_PIECE = 256 * 1024;
/** Behind a pack's head. */
const FIRST_ENTRY = 12;
const NOT_SENT = -1;

/** An object's entry as it lies in a pack. */
type StoredEntry = PackedObject & { readonly start: number; readonly header: EntryHeader };

/**
 * The entries of a pack for somebody else, one after the other: the stored bytes wherever they can be used, checked
 * against their pack's index so that damage on this disk never travels, else the object deflated anew.
 */
export class OutgoingEntries {
  readonly #store: ObjectStore;
  readonly #options: OutgoingOptions;
  /** Object → where its entry starts in the new pack. */
  readonly #starts: Map<Oid, number>;
  #end = FIRST_ENTRY;
  /** Most objects are looked up for their base and right after for themselves. */
  #lookedUp: { readonly oid: Oid; readonly stored: StoredEntry | undefined } | undefined;

  constructor(store: ObjectStore, oids: readonly Oid[], options: OutgoingOptions) {
    this.#store = store;
    this.#options = options;
    this.#starts = new Map(oids.map((oid) => [oid, NOT_SENT]));
  }

  /**
   * Gives every object once: loose ones first, then pack by pack from start to end, and each base before the deltas
   * upon it. Each must be taken by `pieces` before the next is asked for.
   */
  *order(): Generator<Oid> {
    const { loose, packed } = inStoredOrder(this.#store, [...this.#starts.keys()]);
    for (const oid of loose) {
      // Nothing is stored of it that could be sent as it is: no second look is needed to know that.
      this.#lookedUp = { oid, stored: undefined };
      yield* this.#basesFirst(oid);
    }
    for (const oid of packed) yield* this.#basesFirst(oid);
  }

  /** Gives one object as an entry; a piece may be a view that is valid until the next. */
  *pieces(oid: Oid): Generator<Uint8Array> {
    this.#starts.set(oid, this.#end);
    for (const piece of this.#entry(oid)) {
      this.#end += piece.length;
      yield piece;
    }
  }

  *#basesFirst(oid: Oid): Generator<Oid> {
    const chain = new Set<Oid>();
    // Copies in several packs can build upon each other in a circle: then the chain ends where it closes.
    for (let next: Oid | undefined = oid; next !== undefined && this.#isDue(next) && !chain.has(next);) {
      chain.add(next);
      const stored = this.#stored(next);
      next = isDelta(stored) ? baseOf(stored) : this.#plannedBase(next);
    }
    for (const link of [...chain].reverse()) yield link;
  }

  #isDue(oid: Oid): boolean {
    return this.#starts.get(oid) === NOT_SENT;
  }

  *#entry(oid: Oid): Generator<Uint8Array> {
    const stored = this.#stored(oid);
    const head = stored === undefined ? undefined : this.#headFor(stored);
    if (head === undefined || !isDelta(stored)) {
      const delta = this.#deltaPieces(oid, stored);
      if (delta !== undefined) return yield* delta;
    }
    if (stored !== undefined && head !== undefined && (yield* storedPieces(stored, head, oid))) return;
    const object = this.#store.open(oid, { wholeUpTo: STREAM_THRESHOLD });
    yield encodeEntryHeader(object.kind, object.size);
    if (object.bytes === undefined) yield* deflateChunks(object.chunks);
    else yield deflate(object.bytes);
  }

  /** Returns an entry's head for the new pack; undefined for a delta whose base the receiver can not find. */
  #headFor(stored: StoredEntry): Buffer | undefined {
    const { header } = stored;
    if (header.type === "object") return encodeEntryHeader(header.kind, header.size);
    const base = baseOf(stored);
    return base === undefined ? undefined : this.#deltaHead(oidOf(stored), base, header.size);
  }

  /** Returns undefined when the receiver can not find the base. */
  #deltaHead(oid: Oid, base: Oid, size: number): Buffer | undefined {
    const start = this.#starts.get(base);
    if (start === undefined) {
      return this.#options.receiverHas?.(base) === true ? encodeRefDeltaHeader(base, size) : undefined;
    }
    if (start === NOT_SENT) return undefined;
    return this.#options.ofsDelta === false
      ? encodeRefDeltaHeader(base, size)
      : encodeOfsDeltaHeader((this.#starts.get(oid) ?? 0) - start, size);
  }

  #deltaPieces(oid: Oid, stored: StoredEntry | undefined): readonly Uint8Array[] | undefined {
    const base = this.#plannedBase(oid);
    if (base === undefined || this.#deltaHead(oid, base, 0) === undefined) return undefined;
    const storedBytes = stored === undefined ? Number.POSITIVE_INFINITY : lengthOf(stored);
    const delta = freshDelta(this.#store, { target: oid, base }, storedBytes);
    const head = delta && this.#deltaHead(oid, base, delta.size);
    return head && [head, delta.deflated];
  }

  /** What a delta is to be made upon: another that is sent as well and is a delta itself had better be left as it is. */
  #plannedBase(oid: Oid): Oid | undefined {
    const base = this.#options.previousOf?.(oid);
    if (base === undefined || !this.#starts.has(base)) return base;
    return isDelta(this.#lookUp(base)) ? undefined : base;
  }

  #stored(oid: Oid): StoredEntry | undefined {
    if (this.#lookedUp?.oid !== oid) this.#lookedUp = { oid, stored: this.#lookUp(oid) };
    return this.#lookedUp.stored;
  }

  /** Returns undefined where there is no entry that can be used as it is. */
  #lookUp(oid: Oid): StoredEntry | undefined {
    const place = this.#store.packed(oid);
    if (place === undefined) return undefined;
    try {
      const start = place.pack.index.offsetAt(place.position);
      return { ...place, start, header: place.pack.file.header(start) };
    } catch (error) {
      // Another copy may be whole, or a repack took this pack away; reading the object looks for both.
      if (error instanceof DamagedData || systemCode(error) === "ENOENT") return undefined;
      throw error;
    }
  }
}

function isDelta(stored: StoredEntry | undefined): stored is StoredEntry {
  return stored !== undefined && stored.header.type !== "object";
}

function lengthOf({ pack, start }: StoredEntry): number {
  return pack.index.entryEnd(start, pack.file.size) - start;
}

function oidOf({ pack, position }: StoredEntry): Oid {
  return pack.index.oidAt(position);
}

function baseOf({ pack, start, header }: StoredEntry): Oid | undefined {
  if (header.type === "object") return undefined;
  if (header.type === "ref-delta") return header.base;
  const position = pack.index.positionOf(start - header.distance);
  return position < 0 ? undefined : pack.index.oidAt(position);
}

/**
 * Gives a stored entry under a new head, checked against its pack's index. Returns false, having given nothing, when
 * a small one is damaged.
 * @throws LullError `OBJECT_CORRUPT` when a large one is; its last piece has not gone out then
 */
function* storedPieces(stored: StoredEntry, head: Buffer, oid: Oid): Generator<Uint8Array, boolean> {
  const { pack, position, start, header } = stored;
  const { file, index } = pack;
  const end = index.entryEnd(start, file.size);
  const expected = index.crcAt(position);
  if (end - start <= ONE_PIECE) {
    const entry = file.read(start, end - start);
    if (entry.length < end - start || crc32(entry) !== expected) return false;
    yield head;
    yield entry.subarray(header.length);
    return true;
  }
  let crc = crc32(file.read(start, header.length));
  yield head;
  for (let at = start + header.length; at < end;) {
    const piece = file.read(at, Math.min(ONE_PIECE, end - at));
    if (piece.length === 0) throw objectCorrupt(oid, "its pack ends too early");
    crc = crc32(piece, crc);
    at += piece.length;
    // The last piece goes out only when all was right: a receiver would else store a damaged object.
    if (at >= end && crc !== expected)
      throw objectCorrupt(oid, "its bytes in the pack do not match their checksum");
    yield piece;
  }
  return true;
}

type StoredOrder = {
  /** In the given order. */
  readonly loose: readonly Oid[];
  /** Pack by pack, as they lie there. */
  readonly packed: readonly Oid[];
};

function inStoredOrder(store: ObjectStore, oids: readonly Oid[]): StoredOrder {
  const loose: Oid[] = [];
  const packs = new Map<PackedObject["pack"], { readonly oid: Oid; readonly start: number }[]>();
  for (const oid of oids) {
    const place = store.packed(oid);
    if (place === undefined) {
      loose.push(oid);
      continue;
    }
    const start = place.pack.index.offsetAt(place.position);
    const others = packs.get(place.pack);
    if (others === undefined) packs.set(place.pack, [{ oid, start }]);
    else others.push({ oid, start });
  }
  const packed = [...packs.values()].flatMap((entries) => entries.sort((a, b) => a.start - b.start));
  return { loose, packed: packed.map(({ oid }) => oid) };
}
