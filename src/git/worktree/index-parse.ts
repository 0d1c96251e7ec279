/** Reads the bytes of git's index file, versions 2, 3 and 4 (gitformat-index). */
import { LullError } from "../../base/errors.ts";
import { MODE, type RepoPath } from "../model.ts";
import { IndexEntries, turned } from "./index-entries.ts";
import { IndexEntriesWriter } from "./index-entries-writer.ts";
import {
  EXTENDED_BYTES,
  FIELD,
  FLAG,
  FLAGS_AT,
  FLAGS_WORD,
  HEADER_BYTES,
  OID_BYTES,
  ENTRY_ALIGNMENT,
  PATH_AT,
} from "./index-layout.ts";
import { IndexTable } from "./index-table.ts";

/** The entry for a whole folder in a sparse index. */
const SPARSE_DIRECTORY = MODE.directory;
const NUL = 0;
const SLASH = 0x2f;
const ENTRY_MODES: ReadonlySet<number> = new Set([MODE.file, MODE.executable, MODE.symlink, MODE.submodule]);
/** As words of the file are read here. */
const TURNED_FILE = turned(MODE.file) | 0;
const TURNED_EXECUTABLE = turned(MODE.executable) | 0;

/**
 * Everything but the checksum is looked at; that is for `checkSum`.
 * @param bytes the whole file, in memory of its own (see `fixedMemory`); the table keeps them
 * @param file its path, for messages
 * @throws LullError `INDEX_CORRUPT` (kind `failed`), or `UNSUPPORTED_REPOSITORY` (kind `unsafe`) for a split or
 *   sparse index and for extensions that must be understood but are not
 */
export function parseIndex(bytes: Buffer, file: string): IndexTable {
  try {
    return parse(bytes, file);
  } catch (error) {
    // A count or a length that lies sends a read beyond the end.
    if (error instanceof RangeError) throw corrupt(file, "it ends too early", error);
    throw error;
  }
}

function parse(bytes: Buffer, file: string): IndexTable {
  if (bytes.length < HEADER_BYTES + OID_BYTES) throw corrupt(file, `it has only ${bytes.length} bytes`);
  if (bytes.toString("latin1", 0, 4) !== "DIRC") throw corrupt(file, "it does not begin with DIRC");
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) throw unsupported(file, `index version ${version}`);
  const body = bytes.subarray(0, bytes.length - OID_BYTES);
  const count = body.readUInt32BE(8);
  if (count * (PATH_AT + 1) > body.length) throw corrupt(file, `it can not hold ${count} entries`);
  // Entries begin at multiples of four; what may be left over belongs to an extension.
  const flat =
    version === 4
      ? unpackEntries(body, count, file)
      : { image: bytes.subarray(0, body.length & ~3), end: undefined };
  const found = new EntryFinder(flat.image, version, file).find(count);
  const trees = readExtensions(body, flat.end ?? found.end, file);
  if (found.disorder !== undefined) {
    throw corrupt(file, `its entries are not in order at ${JSON.stringify(found.disorder)}`);
  }
  return new IndexTable(found.entries, trees, found.unmerged);
}

/** Version 4 shortens each path by what it shares with the one before. @returns the same as version 2 or 3 */
function unpackEntries(body: Buffer, count: number, file: string): { image: Buffer; end: number } {
  const writer = new IndexEntriesWriter(count);
  let path = "";
  let at = HEADER_BYTES;
  for (let position = 0; position < count; position++) {
    const start = at;
    const flags = body.readUInt16BE(start + FLAGS_AT);
    at += PATH_AT;
    let extended = 0;
    if ((flags & FLAG.extended) !== 0) {
      extended = body.readUInt16BE(at);
      at += EXTENDED_BYTES;
    }
    let byte = body.readUInt8(at++);
    let dropped = byte & 0x7f;
    while ((byte & 0x80) !== 0) {
      byte = body.readUInt8(at++);
      dropped = (dropped + 1) * 128 + (byte & 0x7f);
    }
    const end = body.indexOf(NUL, at);
    if (end < 0 || dropped > path.length) throw corrupt(file, "a path has no end");
    path = path.slice(0, path.length - dropped) + body.toString("latin1", at, end);
    at = end + 1;
    writer.appendRaw(path, { flags, extended }, { bytes: body, at: start });
  }
  return { image: writer.finish().image, end: at };
}

type Found = {
  /** Without conflict stages. */
  readonly entries: IndexEntries;
  /** Paths that have stages. */
  readonly unmerged: readonly RepoPath[];
  /** Where the last entry ends, in bytes. */
  readonly end: number;
  /** The first path that is not after the one before it, or is empty: replaced entries of a split index have no path. */
  readonly disorder: string | undefined;
};

/** Finds where the entries of versions 2 and 3 lie, and checks each of them. */
class EntryFinder {
  readonly #image: Buffer;
  readonly #words: Int32Array;
  readonly #version: number;
  readonly #file: string;
  /** So many bytes at least, from their beginning, the two paths compared last have in common. */
  #shared = 0;

  /** @param image the file from its beginning, over memory of its own; a multiple of four bytes */
  constructor(image: Buffer, version: number, file: string) {
    this.#image = image;
    this.#words = new Int32Array(image.buffer, image.byteOffset, image.length / 4);
    this.#version = version;
    this.#file = file;
  }

  find(count: number): Found {
    const image = this.#image;
    const words = this.#words;
    const starts = new Uint32Array(count + 1);
    const names = new Uint32Array(count);
    let disordered: number | undefined;
    let allFlags = 0;
    let at = HEADER_BYTES / 4;
    let before = at;
    let folder = 0;
    // One loop with few calls in it: in a process that is as young as this, calls cost more than the work.
    for (let position = 0; position < count; position++) {
      const word = words[at + FLAGS_WORD];
      if (word === undefined) throw new RangeError("an entry beyond the end");
      const flags = ((word & 0xff) << 8) | ((word >>> 8) & 0xff);
      allFlags |= flags;
      const start = at * 4;
      const pathAt = start + PATH_AT + ((flags & FLAG.extended) === 0 ? 0 : EXTENDED_BYTES);
      let length = flags & FLAG.nameLength;
      if (length === FLAG.nameLength) length = this.#pathLength(pathAt);
      const end = pathAt + length;
      const next = start + ((end - start + ENTRY_ALIGNMENT) & -ENTRY_ALIGNMENT);
      if (next > image.length) throw new RangeError("an entry beyond the end");
      if (image[end] !== NUL) throw corrupt(this.#file, "a path has no end");
      const mode = words[at + FIELD.mode] ?? 0;
      if (mode !== TURNED_FILE && mode !== TURNED_EXECUTABLE) this.#checkMode(turned(mode), pathAt, end);
      starts[position] = at;
      if (length === 0 || (position > 0 && !this.#isBefore(before, at))) disordered ??= position;
      folder = this.#folderLength(pathAt, end, folder);
      names[position] = pathAt + folder;
      before = at;
      at = next / 4;
    }
    starts[count] = at;
    if ((allFlags & FLAG.extended) !== 0 && this.#version < 3)
      throw corrupt(this.#file, "version 2 with extended flags");
    const mayBeExtended = (allFlags & FLAG.extended) !== 0;
    const all = new IndexEntries(image.subarray(0, at * 4), { starts, names, mayBeExtended });
    const hasConflicts = (allFlags & FLAG.stage) !== 0;
    return {
      ...(hasConflicts ? withoutStages(all) : { entries: all, unmerged: [] }),
      end: at * 4,
      disorder: disordered === undefined ? undefined : all.path(disordered),
    };
  }

  /** Of a path that is too long for the flags. */
  #pathLength(from: number): number {
    const end = this.#image.indexOf(NUL, from);
    if (end < 0) throw corrupt(this.#file, "a path has no end");
    return end - from;
  }

  /**
   * Up to behind the last slash of a path [from, end), in bytes.
   * @param before that of the path before: in what both share, the last slash is known
   */
  #folderLength(from: number, end: number, before: number): number {
    const isKnown = this.#shared >= before;
    const searched = isKnown ? from + this.#shared : from;
    let name = end;
    while (name > searched && this.#image[name - 1] !== SLASH) name--;
    return isKnown && name === searched ? before : name - from;
  }

  /** True when the entry that begins with one word comes before the one that begins with another. */
  #isBefore(one: number, other: number): boolean {
    const words = this.#words;
    this.#shared = 0;
    const flags = turned(words[one + FLAGS_WORD] ?? 0);
    const otherFlags = turned(words[other + FLAGS_WORD] ?? 0);
    const isExtended = (((flags | otherFlags) >>> 16) & FLAG.extended) !== 0;
    if (!isExtended) {
      // Both paths lie alike in their words. The one in which the first path ends is left out: what fills it is unknown.
      const length = (flags >>> 16) & FLAG.nameLength;
      const end = (PATH_AT + length) >>> 2;
      const order = (flags & 0xffff) - (otherFlags & 0xffff);
      if (order !== 0 && length > 1) return order < 0;
      for (let word = FLAGS_WORD + 1; word < end; word++) {
        const a = words[one + word] ?? 0;
        const b = words[other + word] ?? 0;
        if (a !== b) {
          this.#shared = word * 4 - PATH_AT;
          return turned(a) < turned(b);
        }
      }
    }
    const order = Buffer.compare(this.#pathBytes(one), this.#pathBytes(other));
    return order < 0 || (order === 0 && stageOf(flags) < stageOf(otherFlags));
  }

  #pathBytes(at: number): Buffer {
    const flags = turned(this.#words[at + FLAGS_WORD] ?? 0) >>> 16;
    const from = at * 4 + PATH_AT + ((flags & FLAG.extended) === 0 ? 0 : EXTENDED_BYTES);
    return this.#image.subarray(from, this.#image.indexOf(NUL, from));
  }

  #checkMode(mode: number, from: number, end: number): void {
    if (ENTRY_MODES.has(mode)) return;
    if (mode === SPARSE_DIRECTORY) throw unsupported(this.#file, "sparse index");
    const path = this.#image.toString("latin1", from, end);
    throw corrupt(this.#file, `${JSON.stringify(path)} has the mode ${mode.toString(8)}`);
  }
}

function stageOf(flagsWord: number): number {
  return (flagsWord >>> 16) & FLAG.stage;
}

function withoutStages(all: IndexEntries): Pick<Found, "entries" | "unmerged"> {
  const writer = new IndexEntriesWriter(all.count, all.image.length);
  const unmerged = new Set<RepoPath>();
  for (let position = 0; position < all.count; position++)
    if (stageOf(all.field(position, FLAGS_WORD)) === 0) writer.copy(all, position, position + 1);
    else unmerged.add(all.path(position));
  return { entries: writer.finish(), unmerged: [...unmerged] };
}

/**
 * Optional extensions (first letter in upper case) are caches and may be dropped; all others must be known.
 * @returns the body of TREE, for `CachedTreesReader`
 */
function readExtensions(body: Buffer, from: number, file: string): Buffer | undefined {
  let trees: Buffer | undefined;
  for (let at = from; at < body.length;) {
    const name = body.toString("latin1", at, at + 4);
    const length = body.readUInt32BE(at + 4);
    const start = at + 8;
    at = start + length;
    if (at > body.length) throw corrupt(file, `its extension ${JSON.stringify(name)} has no end`);
    if (name === "TREE") trees = body.subarray(start, at);
    else if (!/^[A-Z]/.test(name)) throw unsupported(file, extensionName(name));
  }
  return trees;
}

function extensionName(name: string): string {
  if (name === "link") return "split index";
  return name === "sdir" ? "sparse index" : `index extension ${JSON.stringify(name)}`;
}

/**
 * @param body all of the file but the checksum at its end, in pieces, each valid until the next
 * @throws LullError `INDEX_CORRUPT`
 */
export function checkSum(body: Iterable<Uint8Array>, stored: Buffer, file: string): void {
  // `index.skipHash` (on with feature.manyFiles) writes zeros.
  if (stored.length === OID_BYTES && stored.every((byte) => byte === 0)) return;
  const hasher = new Bun.CryptoHasher("sha1");
  for (const piece of body) hasher.update(piece);
  if (!hasher.digest().equals(stored)) throw corrupt(file, "its checksum does not match");
}

function corrupt(file: string, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "failed",
    code: "INDEX_CORRUPT",
    message: `git's index ${file} is damaged: ${why}`,
    hint: "`lull verify --repair` makes it anew from the last commit (as `git reset` does once the file is removed); no file of yours is touched",
    data: { path: file },
    cause,
  });
}

const HINTS: Readonly<Record<string, string>> = {
  "split index": "run `git update-index --no-split-index` in this repository",
  "sparse index": "run `git sparse-checkout reapply --no-sparse-index` in this repository",
};

function unsupported(file: string, feature: string): LullError {
  return new LullError({
    kind: "unsafe",
    code: "UNSUPPORTED_REPOSITORY",
    message: `git's index ${file} uses a feature that lull does not know: ${feature}`,
    hint: HINTS[feature] ?? "nothing was changed; a newer lull may know it",
    data: { path: file, feature },
  });
}
