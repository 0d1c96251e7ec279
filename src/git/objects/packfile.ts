import { dirname } from "node:path";

import type { GitObject, ObjectKind, Oid } from "../model.ts";
import type { BaseCache } from "./base-cache.ts";
import { DamagedData } from "./damaged-data.ts";
import { applyDelta, parseDeltaSizes } from "./delta.ts";
import { hashObject } from "./hash-object.ts";
import { type Allocate, inflatePrefix, PREFIX_INPUT } from "./inflate.ts";
import {
  type Content,
  hashContent,
  piecesOf,
  rebuild,
  release,
  spool,
  type SpoolPlace,
  WHOLE_IN_MEMORY,
} from "./large-content.ts";
import { type OpenedObject, type OpenOptions, wholeObject } from "./opened-object.ts";
import type { EntryHeader } from "./pack-entry.ts";
import { PackFile } from "./pack-file.ts";
import { PackIndex } from "./pack-index.ts";

/** Up to this size a whole object is verified by its name, and how long its entry is in the pack need not be known. */
const BY_NAME = 4 * 1024;

/** Bases by `<path>:<offset>`. */
export type PackCache = BaseCache<string>;

type Located = { readonly offset: number; readonly header: EntryHeader };

/** What a chain of deltas builds upon. */
type Root = {
  readonly kind: ObjectKind;
  readonly size: number;
  object(): GitObject;
  /** The same bytes one after the other, each piece valid until the next. */
  pieces(): Iterable<Uint8Array>;
};

/** Where contents go that are too large for memory. Default: the repository in which the pack lies. */
export type PackfileOptions = Partial<SpoolPlace> & {
  /** Told each time a file handle is taken. */
  readonly onOpen?: ((pack: Packfile) => void) | undefined;
  /** Reads what the index names also where the pack's own head or end is damaged; each object is verified all the same. */
  readonly isLenient?: boolean | undefined;
};

/** One pack with its index. Both are opened when first needed; `close` gives the file handle back until the next read. */
export class Packfile {
  /** Without the extension. */
  readonly path: string;
  readonly #cache: PackCache;
  readonly #onOpen: ((pack: Packfile) => void) | undefined;
  readonly #place: SpoolPlace;
  readonly #isLenient: boolean;
  #index: PackIndex | undefined;
  #file: PackFile | undefined;

  constructor(path: string, cache: PackCache, options: PackfileOptions = {}) {
    this.path = path;
    this.#cache = cache;
    this.#onOpen = options.onOpen;
    this.#isLenient = options.isLenient === true;
    const { gitDirectory = dirname(dirname(dirname(path))), wholeInMemory = WHOLE_IN_MEMORY } = options;
    this.#place = { gitDirectory, wholeInMemory };
  }

  /** @throws DamagedData when the index is not usable */
  get index(): PackIndex {
    return (this.#index ??= PackIndex.load(`${this.path}.idx`));
  }

  /** @throws DamagedData when the pack is not the one that the index describes */
  get file(): PackFile {
    if (this.#file === undefined) {
      this.#file = this.#isLenient ? PackFile.open(`${this.path}.pack`) : openPack(this.path, this.index);
      this.#onOpen?.(this);
    }
    return this.#file;
  }

  /** Whether index and pack are at hand, both found to be good. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /**
   * Every byte that is returned was verified: by the name, or, for what is large and no delta, by the index's checksum of the entry.
   * @throws DamagedData
   */
  read(position: number, oid: Oid, allocate?: Allocate): GitObject {
    const offset = this.index.offsetAt(position);
    const header = this.file.header(offset);
    if (header.type !== "object") {
      const object = this.#resolve({ offset, header });
      if (object === undefined) return this.#readLarge({ offset, header }, oid);
      if (hashObject(object.kind, object.bytes) !== oid) throw wrongName();
      return object;
    }
    if (header.size <= BY_NAME) {
      // Its name vouches for it, and to compute that costs no more than the checksum.
      const bytes = this.#contentOf(offset, header, allocate);
      if (bytes !== undefined && hashObject(header.kind, bytes) === oid) return { kind: header.kind, bytes };
    }
    const { bytes, crc } = this.file.inflate(offset, header, allocate);
    if (crc !== this.index.crcAt(position)) throw crcMismatch();
    return { kind: header.kind, bytes };
  }

  /** Undefined: it is damaged. */
  #contentOf(offset: number, header: EntryHeader, allocate?: Allocate): Uint8Array | undefined {
    try {
      return this.file.content(offset, header, allocate);
    } catch (error) {
      if (error instanceof DamagedData) return undefined;
      throw error;
    }
  }

  /** @throws DamagedData */
  header(position: number): { readonly kind: ObjectKind; readonly size: number } {
    const offset = this.index.offsetAt(position);
    const header = this.file.header(offset);
    if (header.type === "object") return { kind: header.kind, size: header.size };
    const delta = inflatePrefix(this.file.read(offset + header.length, PREFIX_INPUT), 20);
    const root = this.#chain({ offset, header }).root;
    return { kind: root.kind, size: parseDeltaSizes(delta).result };
  }

  /**
   * As `read` for an object of at most `wholeUpTo` bytes and for most deltas, else piece by piece.
   * @throws DamagedData at the latest after the last piece
   */
  open(position: number, oid: Oid, { wholeUpTo, allocate }: OpenOptions): OpenedObject {
    const offset = this.index.offsetAt(position);
    const header = this.file.header(offset);
    if (header.type !== "object") {
      const object = this.#resolve({ offset, header });
      if (object === undefined) {
        const { kind, size } = this.header(position);
        if (size <= wholeUpTo) return wholeObject(this.#readLarge({ offset, header }, oid));
        return { kind, size, bytes: undefined, chunks: this.#largeChunks({ offset, header }, oid) };
      }
      if (hashObject(object.kind, object.bytes) !== oid) throw wrongName();
      return wholeObject(object);
    }
    if (header.size <= wholeUpTo) return wholeObject(this.read(position, oid, allocate));
    const { kind, size } = header;
    return { kind, size, bytes: undefined, chunks: this.#checkedChunks(position, offset, header) };
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  *#checkedChunks(position: number, offset: number, header: EntryHeader): Generator<Uint8Array> {
    const { crc } = yield* this.file.chunks(offset, header);
    if (crc !== this.index.crcAt(position)) throw crcMismatch();
  }

  #readLarge(start: Located, oid: Oid): GitObject {
    const { kind, content } = this.#resolveLarge(start, oid);
    try {
      return { kind, bytes: Buffer.isBuffer(content) ? content : content.whole() };
    } finally {
      release(content);
    }
  }

  *#largeChunks(start: Located, oid: Oid): Generator<Uint8Array> {
    const { content } = this.#resolveLarge(start, oid);
    try {
      yield* piecesOf(content);
    } finally {
      release(content);
    }
  }

  /** As `#resolve`, with whatever is too large for memory in files; what it returns has that name. */
  #resolveLarge(start: Located, oid: Oid): { readonly kind: ObjectKind; readonly content: Content } {
    const { deltas, root } = this.#chain(start);
    const isLarge = root.size > this.#place.wholeInMemory;
    let content: Content = isLarge ? spool(this.#place, root.pieces()) : asBuffer(root.object().bytes);
    try {
      for (let next = deltas.pop(); next !== undefined; next = deltas.pop()) {
        const base = content;
        content = rebuild(this.#place, base, this.file.chunks(next.offset, next.header));
        release(base);
      }
      const name = Buffer.from(hashContent(root.kind, content)).toString("hex");
      if (name !== oid) throw wrongName();
      return { kind: root.kind, content };
    } catch (error) {
      release(content);
      throw error;
    }
  }

  /** @returns undefined when one of the contents on the way is too large to lie in memory */
  #resolve(start: Located): GitObject | undefined {
    const { deltas, root } = this.#chain(start);
    const { wholeInMemory } = this.#place;
    if (root.size > wholeInMemory) return undefined;
    let object = root.object();
    for (let next = deltas.pop(); next !== undefined; next = deltas.pop()) {
      if (next.header.size > wholeInMemory) return undefined;
      const delta = this.file.content(next.offset, next.header);
      if (parseDeltaSizes(delta).result > wholeInMemory) return undefined;
      object = { kind: object.kind, bytes: applyDelta(object.bytes, delta) };
      this.#cache.set(`${this.path}:${next.offset}`, object);
    }
    return object;
  }

  /** Walks from a delta to what it builds upon; the deltas come back with the one nearest to the base last. */
  #chain(start: Located): {
    readonly deltas: Located[];
    readonly root: Root;
  } {
    const deltas: Located[] = [];
    let { offset, header } = start;
    for (;;) {
      const key = `${this.path}:${offset}`;
      const cached = this.#cache.get(key);
      if (cached !== undefined) {
        const { kind, bytes } = cached;
        const root = { kind, size: bytes.length, object: () => cached, pieces: () => [bytes] };
        return { deltas, root };
      }
      if (header.type === "object") {
        const whole = { offset, header, kind: header.kind };
        const object = (): GitObject => {
          const base = { kind: whole.kind, bytes: this.file.content(whole.offset, whole.header) };
          this.#cache.set(key, base);
          return base;
        };
        const pieces = (): Iterable<Uint8Array> => this.file.chunks(whole.offset, whole.header);
        return { deltas, root: { kind: whole.kind, size: header.size, object, pieces } };
      }
      deltas.push({ offset, header });
      if (deltas.length > this.index.count)
        throw new DamagedData("bad", "its deltas build upon each other in a circle");
      offset = this.#baseOffset(offset, header);
      header = this.file.header(offset);
    }
  }

  #baseOffset(offset: number, header: EntryHeader & { readonly type: "ofs-delta" | "ref-delta" }): number {
    if (header.type === "ref-delta") {
      const position = this.index.find(Buffer.from(header.base, "hex"));
      if (position < 0) throw new DamagedData("bad", `its delta base ${header.base} is not in the same pack`);
      return this.index.offsetAt(position);
    }
    if (header.distance > offset - 12) throw new DamagedData("bad", "its delta base lies outside the pack");
    return offset - header.distance;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function wrongName(): DamagedData {
  return new DamagedData("bad", "it does not match its name");
}

function crcMismatch(): DamagedData {
  return new DamagedData("bad", "its bytes in the pack do not match their checksum");
}

function openPack(path: string, index: PackIndex): PackFile {
  const file = PackFile.open(`${path}.pack`);
  const head = file.read(0, 12);
  const isPack =
    head.length === 12 && head.toString("latin1", 0, 4) === "PACK" && [2, 3].includes(head.readUInt32BE(4));
  const fits =
    isPack &&
    head.readUInt32BE(8) === index.count &&
    file.read(file.size - 20, 20).equals(index.packChecksum);
  if (fits) return file;
  file.close();
  throw new DamagedData("bad", `${path}.pack is not the pack that its index describes`);
}
