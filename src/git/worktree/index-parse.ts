/** Reads the bytes of git's index file, versions 2, 3 and 4 (gitformat-index). */
import { LullError } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { parseCachedTrees } from "./cached-trees.ts";
import { emptyColumns, FIELD, FIELDS, FLAG, OID_BYTES, trimColumns } from "./index-columns.ts";
import { IndexTable } from "./index-table.ts";
import type { CachedTrees } from "./cached-trees.ts";
import type { IndexColumns } from "./index-columns.ts";

const HEADER_BYTES = 12;
/** An entry of version 2 up to its path: ten numbers, an object name, one word of flags. */
const ENTRY_BYTES = FIELDS * 4 + OID_BYTES + 2;
const EXTENDED = 0x4000;
const STAGE = 0x3000;
const NAME_LENGTH = 0x0fff;
const OID_WORDS = OID_BYTES / 4;
const ENTRY_WORDS = FIELDS + OID_WORDS;
/** The entry for a whole folder in a sparse index. */
const SPARSE_DIRECTORY = MODE.directory;
const ENTRY_MODES: ReadonlySet<number> = new Set([MODE.file, MODE.executable, MODE.symlink, MODE.submodule]);

/**
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
  checkSum(bytes, file);
  const body = bytes.subarray(0, bytes.length - OID_BYTES);
  const count = body.readUInt32BE(8);
  if (count * (ENTRY_BYTES + 1) > body.length) throw corrupt(file, `it can not hold ${count} entries`);
  const columns = emptyColumns(count);
  const entries = new EntryReader(body, columns, { version, file });
  let hasConflicts = false;
  for (let read = 0; read < count; read++) {
    if (entries.next()) hasConflicts = true;
  }
  const trees = readExtensions(body, entries.at, file);
  if (entries.disorder !== undefined) {
    throw corrupt(file, `its entries are not in order at ${JSON.stringify(entries.disorder)}`);
  }
  return new IndexTable(trimColumns(columns), trees, hasConflicts);
}

class EntryReader {
  at = HEADER_BYTES;
  /** The first path that is not after the one before it, or is empty: replaced entries of a split index have no path. */
  disorder: string | undefined;
  readonly #bytes: Buffer;
  /** The whole file as text: cutting paths out of it costs half of decoding each. */
  readonly #text: string;
  readonly #columns: IndexColumns;
  readonly #numbers: Numbers;
  readonly #version: number;
  readonly #file: string;
  #path = "";
  #stage = 0;

  constructor(
    bytes: Buffer,
    columns: IndexColumns,
    { version, file }: { readonly version: number; readonly file: string },
  ) {
    this.#bytes = bytes;
    this.#columns = columns;
    this.#text = bytes.toString("latin1");
    this.#numbers = version === 4 ? new LooseNumbers(bytes) : new AlignedNumbers(bytes, columns);
    this.#version = version;
    this.#file = file;
  }

  /** Appends the next entry to the columns, unless it is a conflict stage: then returns true. */
  next(): boolean {
    const columns = this.#columns;
    const start = this.at;
    const position = columns.paths.length;
    this.#numbers.copy(start, columns, position);
    const flags = this.#word(start + ENTRY_BYTES - 2);
    const isExtended = (flags & EXTENDED) !== 0;
    if (isExtended && this.#version < 3) throw corrupt(this.#file, "version 2 with extended flags");
    columns.flags[position] = flags & FLAG.assumeValid;
    columns.extended[position] = isExtended
      ? this.#word(start + ENTRY_BYTES) & (FLAG.skipWorktree | FLAG.intentToAdd)
      : 0;
    const path = this.#readPath(start, ENTRY_BYTES + (isExtended ? 2 : 0), flags & NAME_LENGTH);
    this.#checkMode(columns.fields[position * FIELDS + FIELD.mode] ?? 0, path);
    const stage = (flags & STAGE) >> 12;
    if (path < this.#path || (path === this.#path && stage <= this.#stage) || path === "") {
      this.disorder ??= path;
    }
    this.#path = path;
    this.#stage = stage;
    if (stage !== 0) return true;
    columns.paths.push(path);
    return false;
  }

  /** Two bytes, the higher first. */
  #word(at: number): number {
    const high = this.#bytes[at];
    const low = this.#bytes[at + 1];
    if (high === undefined || low === undefined) throw corrupt(this.#file, "it ends too early");
    return high * 256 + low;
  }

  #readPath(start: number, offset: number, length: number): string {
    if (this.#version === 4) return this.#readSharedPath(start + offset);
    const from = start + offset;
    const end = length < NAME_LENGTH ? from + length : this.#bytes.indexOf(0, from);
    if (end < 0 || this.#bytes[end] !== 0) throw corrupt(this.#file, "a path has no end");
    // One to eight NULs pad the entry to a multiple of eight.
    this.at = start + ((end - start + 8) & ~7);
    return this.#text.slice(from, end);
  }

  /** Version 4: how many bytes of the path before to drop, then what follows instead. */
  #readSharedPath(from: number): string {
    let at = from;
    let byte = this.#bytes.readUInt8(at++);
    let dropped = byte & 0x7f;
    while ((byte & 0x80) !== 0) {
      byte = this.#bytes.readUInt8(at++);
      dropped = (dropped + 1) * 128 + (byte & 0x7f);
    }
    const end = this.#bytes.indexOf(0, at);
    if (end < 0 || dropped > this.#path.length) throw corrupt(this.#file, "a path has no end");
    this.at = end + 1;
    return this.#path.slice(0, this.#path.length - dropped) + this.#text.slice(at, end);
  }

  #checkMode(mode: number, path: string): void {
    if (ENTRY_MODES.has(mode)) return;
    if (mode === SPARSE_DIRECTORY) throw unsupported(this.#file, "sparse index");
    throw corrupt(this.#file, `${JSON.stringify(path)} has the mode ${mode.toString(8)}`);
  }
}

/** Copies the ten numbers and the object name of the entry at `start` to their place in the columns. */
type Numbers = { copy(start: number, columns: IndexColumns, position: number): void };

/** Versions 2 and 3: entries begin at multiples of four, so that all bytes are turned round in one go. */
class AlignedNumbers implements Numbers {
  readonly #raw: Uint32Array;
  readonly #numbers: Uint32Array;
  /** The object names of the columns, in words. */
  readonly #names: Uint32Array;

  constructor(bytes: Buffer, { oids }: IndexColumns) {
    this.#names = new Uint32Array(oids.buffer, oids.byteOffset, oids.length / 4);
    const words = Math.floor(bytes.length / 4);
    this.#raw = new Uint32Array(words);
    new Uint8Array(this.#raw.buffer).set(bytes.subarray(0, words * 4));
    this.#numbers = this.#raw.slice();
    Buffer.from(this.#numbers.buffer).swap32();
  }

  copy(start: number, { fields }: IndexColumns, position: number): void {
    const from = start / 4;
    if (from + ENTRY_WORDS > this.#raw.length) throw new RangeError("an entry beyond the end");
    for (let field = 0, to = position * FIELDS; field < FIELDS; field++)
      fields[to + field] = this.#numbers[from + field] ?? 0;
    for (let word = 0, to = position * OID_WORDS; word < OID_WORDS; word++)
      this.#names[to + word] = this.#raw[from + FIELDS + word] ?? 0;
  }
}

/** Version 4: entries begin anywhere. */
class LooseNumbers implements Numbers {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  copy(start: number, { fields, oids }: IndexColumns, position: number): void {
    for (let field = 0; field < FIELDS; field++)
      fields[position * FIELDS + field] = this.#bytes.readUInt32BE(start + field * 4);
    this.#bytes.copy(oids, position * OID_BYTES, start + FIELDS * 4, start + FIELDS * 4 + OID_BYTES);
  }
}

/** Optional extensions (first letter in upper case) are caches and may be dropped; all others must be known. */
function readExtensions(body: Buffer, from: number, file: string): CachedTrees {
  let trees: CachedTrees = new Map();
  for (let at = from; at < body.length;) {
    const name = body.toString("latin1", at, at + 4);
    const length = body.readUInt32BE(at + 4);
    const start = at + 8;
    at = start + length;
    if (at > body.length) throw corrupt(file, `its extension ${JSON.stringify(name)} has no end`);
    if (name === "TREE") trees = parseCachedTrees(body.subarray(start, at));
    else if (!/^[A-Z]/.test(name)) throw unsupported(file, extensionName(name));
  }
  return trees;
}

function extensionName(name: string): string {
  if (name === "link") return "split index";
  return name === "sdir" ? "sparse index" : `index extension ${JSON.stringify(name)}`;
}

function checkSum(bytes: Buffer, file: string): void {
  const stored = bytes.subarray(bytes.length - OID_BYTES);
  // `index.skipHash` (on with feature.manyFiles) writes zeros.
  if (stored.every((byte) => byte === 0)) return;
  const computed = new Bun.CryptoHasher("sha1").update(bytes.subarray(0, bytes.length - OID_BYTES)).digest();
  if (!stored.equals(computed)) throw corrupt(file, "its checksum does not match");
}

function corrupt(file: string, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "failed",
    code: "INDEX_CORRUPT",
    message: `git's index ${file} is damaged: ${why}`,
    hint: `remove ${file} and run \`git reset\`: it is rebuilt from the last commit and no file is touched`,
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
