/** Reads the bytes of git's index file, versions 2, 3 and 4 (gitformat-index). */
import { LullError } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { parseCachedTrees } from "./cached-trees.ts";
import { emptyColumns, FIELDS, FLAG, OID_BYTES, trimColumns } from "./index-columns.ts";
import { IndexTable } from "./index-table.ts";
import type { CachedTrees } from "./cached-trees.ts";
import type { IndexColumns } from "./index-columns.ts";

const HEADER_BYTES = 12;
/** An entry of version 2 up to its path: ten numbers, an object name, one word of flags. */
const ENTRY_BYTES = FIELDS * 4 + OID_BYTES + 2;
const EXTENDED = 0x4000;
const STAGE = 0x3000;
const NAME_LENGTH = 0x0fff;
/** The entry for a whole folder in a sparse index. */
const SPARSE_DIRECTORY = MODE.directory;
const ENTRY_MODES: readonly number[] = [MODE.file, MODE.executable, MODE.symlink, MODE.submodule];

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
  const entries = new EntryReader(body, version, file);
  const columns = emptyColumns(count);
  let hasConflicts = false;
  for (let read = 0; read < count; read++) {
    if (entries.next(columns)) hasConflicts = true;
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
  readonly #view: DataView;
  readonly #version: number;
  readonly #file: string;
  #path = "";
  #stage = 0;

  constructor(bytes: Buffer, version: number, file: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#version = version;
    this.#file = file;
  }

  /** Appends the next entry to the columns, unless it is a conflict stage: then returns true. */
  next(columns: IndexColumns): boolean {
    const start = this.at;
    const position = columns.paths.length;
    for (let field = 0; field < FIELDS; field++) {
      columns.fields[position * FIELDS + field] = this.#view.getUint32(start + field * 4);
    }
    this.#bytes.copy(columns.oids, position * OID_BYTES, start + FIELDS * 4, start + FIELDS * 4 + OID_BYTES);
    const flags = this.#view.getUint16(start + ENTRY_BYTES - 2);
    const isExtended = (flags & EXTENDED) !== 0;
    if (isExtended && this.#version < 3) throw corrupt(this.#file, "version 2 with extended flags");
    columns.flags[position] = flags & FLAG.assumeValid;
    columns.extended[position] = isExtended
      ? this.#view.getUint16(start + ENTRY_BYTES) & (FLAG.skipWorktree | FLAG.intentToAdd)
      : 0;
    const path = this.#readPath(start, ENTRY_BYTES + (isExtended ? 2 : 0), flags & NAME_LENGTH);
    this.#checkMode(columns.fields[position * FIELDS + 6] ?? 0, path);
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

  #readPath(start: number, offset: number, length: number): string {
    if (this.#version === 4) return this.#readSharedPath(start + offset);
    const from = start + offset;
    const end = length < NAME_LENGTH ? from + length : this.#bytes.indexOf(0, from);
    if (end < 0 || this.#bytes[end] !== 0) throw corrupt(this.#file, "a path has no end");
    // One to eight NULs pad the entry to a multiple of eight.
    this.at = start + ((end - start + 8) & ~7);
    return this.#bytes.toString("latin1", from, end);
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
    return this.#path.slice(0, this.#path.length - dropped) + this.#bytes.toString("latin1", at, end);
  }

  #checkMode(mode: number, path: string): void {
    if (ENTRY_MODES.includes(mode)) return;
    if (mode === SPARSE_DIRECTORY) throw unsupported(this.#file, "sparse index");
    throw corrupt(this.#file, `${JSON.stringify(path)} has the mode ${mode.toString(8)}`);
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
