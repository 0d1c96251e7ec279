/** Puts the entries of an index together: whole runs of known ones by copying their bytes, and new ones one by one. */
import { fixedMemory } from "../../base/fixed-memory.ts";
import { IndexEntries } from "./index-entries.ts";
import {
  EXTENDED_BYTES,
  EXTENDED_FLAG,
  FIELD,
  FIELDS,
  FLAG,
  FLAGS_AT,
  HEADER_BYTES,
  OID_AT,
  OID_BYTES,
  paddedBytes,
  PATH_AT,
} from "./index-layout.ts";
import type { RepoPath } from "../model.ts";
import type { IndexUpdate } from "./index-model.ts";

const ENOUGH_FOR_A_PATH = 64;

/** The two words of flags; what follows from the path and from each other is left to the writer. */
export type EntryFlags = { readonly flags: number; readonly extended: number };
const NO_FLAGS: EntryFlags = { flags: 0, extended: 0 };

export class IndexEntriesWriter {
  #image: Buffer;
  #length = HEADER_BYTES;
  #count = 0;
  #mayBeExtended = false;
  readonly #starts: Uint32Array;
  readonly #names: Uint32Array;

  /**
   * @param count how many entries there will be at most
   * @param bytes how many bytes they will have, as far as that is known
   */
  constructor(count: number, bytes = count * (PATH_AT + ENOUGH_FOR_A_PATH)) {
    this.#image = fixedMemory(HEADER_BYTES + bytes);
    this.#starts = new Uint32Array(count + 1);
    this.#names = new Uint32Array(count);
  }

  /** Appends the entries [from, to) of others as they are. */
  copy({ image, starts, names, mayBeExtended }: IndexEntries, from: number, to: number): void {
    if (from >= to) return;
    const first = starts[from] ?? 0;
    const end = (starts[to] ?? 0) * 4;
    this.#reserve(end - first * 4);
    image.copy(this.#image, this.#length, first * 4, end);
    const moved = this.#length - first * 4;
    for (let position = from, at = this.#count; position < to; position++, at++) {
      this.#starts[at] = (starts[position] ?? 0) + moved / 4;
      this.#names[at] = (names[position] ?? 0) + moved;
    }
    this.#count += to - from;
    this.#mayBeExtended ||= mayBeExtended;
    this.#length += end - first * 4;
  }

  append(path: RepoPath, update: IndexUpdate, flags: EntryFlags = NO_FLAGS): void {
    putVersion(this.#image, this.#begin(path, flags), update);
  }

  /** @param numbers where the ten numbers and the object's name lie in the bytes */
  appendRaw(
    path: RepoPath,
    flags: EntryFlags,
    numbers: { readonly bytes: Buffer; readonly at: number },
  ): void {
    const at = this.#begin(path, flags);
    numbers.bytes.copy(this.#image, at, numbers.at, numbers.at + FIELDS * 4 + OID_BYTES);
  }

  /** The writer is of no further use. */
  finish(): IndexEntries {
    this.#starts[this.#count] = this.#length / 4;
    const image = this.#image.subarray(0, this.#length);
    const starts = this.#starts.subarray(0, this.#count + 1);
    const names = this.#names.subarray(0, this.#count);
    return new IndexEntries(image, { starts, names, mayBeExtended: this.#mayBeExtended });
  }

  /** Appends an entry whose numbers and object name are still zero, and returns where it begins. */
  #begin(path: RepoPath, { flags, extended }: EntryFlags): number {
    const at = this.#length;
    const pathAt = PATH_AT + (extended === 0 ? 0 : EXTENDED_BYTES);
    const bytes = paddedBytes(pathAt + path.length);
    this.#reserve(bytes);
    const own = flags & (FLAG.assumeValid | FLAG.stage);
    const rest = (extended === 0 ? 0 : FLAG.extended) | Math.min(path.length, FLAG.nameLength);
    this.#image.writeUInt16BE(own | rest, at + FLAGS_AT);
    if (extended !== 0) this.#mayBeExtended = true;
    if (extended !== 0) this.#image.writeUInt16BE(extended, at + PATH_AT);
    this.#image.write(path, at + pathAt, "latin1");
    this.#starts[this.#count] = at / 4;
    this.#names[this.#count] = at + pathAt + path.lastIndexOf("/") + 1;
    this.#count++;
    this.#length += bytes;
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#image.length) return;
    const larger = fixedMemory((this.#length + bytes) * 2);
    this.#image.copy(larger, 0, 0, this.#length);
    this.#image = larger;
  }
}

/** @returns the entries with each of the sorted paths set or (change undefined) left out */
export function mergeEntries(
  before: IndexEntries,
  sorted: readonly RepoPath[],
  changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>,
): IndexEntries {
  let bytes = before.image.length;
  for (const path of sorted) bytes += paddedBytes(PATH_AT + EXTENDED_BYTES + path.length);
  const after = new IndexEntriesWriter(before.count + sorted.length, bytes);
  let from = 0;
  for (const path of sorted) {
    const to = before.lowerBound(path, from);
    after.copy(before, from, to);
    const exists = to < before.count && before.compare(to, path) === 0;
    const change = changes.get(path);
    if (change !== undefined) after.append(path, change, exists ? keptFlags(before, to) : NO_FLAGS);
    from = exists ? to + 1 : to;
  }
  after.copy(before, from, before.count);
  return after.finish();
}

/** What the user said about an entry outlives another content; only "intent to add" ends, since now there is some. */
function keptFlags(entries: IndexEntries, position: number): EntryFlags {
  return {
    flags: entries.isAssumeValid(position) ? FLAG.assumeValid : 0,
    extended: entries.extendedFlags(position) & EXTENDED_FLAG.skipWorktree,
  };
}

/**
 * Sets paths that have entries already, in place: of all changes the most frequent ones, and by far the cheapest.
 * @returns false when some path has no entry, is to be left out, or loses its "intent to add"; nothing has changed then
 */
export function replaceEntries(
  entries: IndexEntries,
  sorted: readonly RepoPath[],
  changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>,
): boolean {
  const found: { readonly at: number; readonly update: IndexUpdate }[] = [];
  let position = 0;
  for (const path of sorted) {
    const update = changes.get(path);
    position = entries.lowerBound(path, position);
    if (update === undefined || position >= entries.count || entries.compare(position, path) !== 0)
      return false;
    if (entries.isIntentToAdd(position)) return false;
    found.push({ at: entries.oidAt(position) - OID_AT, update });
  }
  for (const { at, update } of found) putVersion(entries.image, at, update);
  return true;
}

/** Writes the numbers and the object's name of the entry that begins at a byte. */
function putVersion(image: Buffer, at: number, { mode, oid, stat }: IndexUpdate): void {
  const put = (field: number, value: number): number => image.writeUInt32BE(value, at + field * 4);
  put(FIELD.mode, mode);
  image.write(oid, at + OID_AT, "hex");
  put(FIELD.ctimeSeconds, stat?.ctimeSeconds ?? 0);
  put(FIELD.ctimeNanoseconds, stat?.ctimeNanoseconds ?? 0);
  put(FIELD.mtimeSeconds, stat?.mtimeSeconds ?? 0);
  put(FIELD.mtimeNanoseconds, stat?.mtimeNanoseconds ?? 0);
  put(FIELD.device, stat?.device ?? 0);
  put(FIELD.inode, stat?.inode ?? 0);
  put(FIELD.uid, stat?.uid ?? 0);
  put(FIELD.gid, stat?.gid ?? 0);
  put(FIELD.size, stat?.size ?? 0);
}
