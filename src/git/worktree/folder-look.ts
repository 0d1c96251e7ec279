/**
 * lstat for the many names of a scan, without an object for each: the answer is a row of numbers that is compared with
 * the index's row. The platform may bring a faster way; where it has none, or has no answer, the one of `stat.ts` serves.
 */
import { joinPath, toFsPath } from "../paths.ts";
import { FIELD } from "./index-layout.ts";
import { fileStat, rowOf, statHandle, statPath } from "./stat.ts";
import type { RepoPath } from "../model.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { FileStat } from "./stat.ts";

/** What the platform may bring; `src/platform/folder-stats.ts` says the same in its own words. */
export type FolderStats = {
  /** The numbers of the last good `look`: `FIELD` in its order with st_mode whole, then the upper half of the size. */
  readonly answer: Uint32Array;
  readonly answers: Uint32Array;
  readonly layout: RowLayout;
  /** A folder's times tell of every name that comes or goes. */
  readonly tellsChanges: boolean;
  enter(folder: RepoPath): boolean;
  look(path: RepoPath, from: number): boolean;
  lookBelow(path: RepoPath): boolean;
  lookAtHandle(handle: number): boolean;
  lookAtAll(bytes: Uint8Array, places: Uint32Array, from: number, to: number): number;
  list(): FolderNameList | undefined;
  close(): void;
};
export type OpenFolderStats = (root: string) => FolderStats | undefined;

/** The names of a folder, valid until the next look at one. */
export type FolderNameList = {
  readonly count: number;
  has(name: RepoPath): boolean;
  names(): RepoPath[];
};

/** Where a row has what, in words. */
export type RowLayout = { readonly [field in Exclude<keyof typeof FIELD, "device"> | "row"]: number };
/** Stat data of several files, in the byte order of the index's file, as `IndexEntries.words` has them. */
export type StatRows = { readonly words: Int32Array; readonly layout: RowLayout };

/** All of `FIELD`, and the upper half of the size. */
const ANSWER = 11;
const ANSWER_LAYOUT: RowLayout = { ...FIELD, row: ANSWER };

export class FolderLook {
  readonly answer: Uint32Array;
  /** As `lookAtEntries` has filled them. */
  readonly rows: StatRows | undefined;
  readonly #row: StatRows = { words: new Int32Array(ANSWER), layout: ANSWER_LAYOUT };
  readonly #root: string;
  readonly #fast: FolderStats | undefined;
  #folder: RepoPath = "";

  constructor(root: string, fast: FolderStats | undefined) {
    this.#root = root;
    this.#fast = fast;
    this.answer = fast?.answer ?? new Uint32Array(ANSWER);
    if (fast !== undefined) this.rows = { words: new Int32Array(fast.answers.length), layout: fast.layout };
  }

  get tellsChanges(): boolean {
    return this.#fast?.tellsChanges === true;
  }

  /** Makes this folder the one whose names are looked at. */
  enter(folder: RepoPath): void {
    this.#folder = folder;
    this.#fast?.enter(folder);
  }

  /**
   * Fills `answer` with what lies at a path in the folder; its last name begins at `from`.
   * @returns false when nothing is there
   * @throws the system's error, e.g. `EACCES`
   */
  look(path: RepoPath, from: number): boolean {
    if (this.#fast?.look(path, from) === true) return true;
    const stat = statPath(toFsPath(this.#root, joinPath(this.#folder, path.slice(from))));
    if (stat === undefined) return false;
    this.answer.set(rowOf(stat));
    return true;
  }

  /**
   * As `look` for the entries [from, to) of the index, which lie in the folder, as far as it goes quickly.
   * @returns how many of `rows` were filled
   */
  lookAtEntries(entries: IndexEntries, from: number, to: number): number {
    if (this.#fast === undefined || this.rows === undefined) return 0;
    const count = this.#fast.lookAtAll(entries.image, entries.names, from, to);
    if (count > 0) turn(this.#fast.answers, this.rows.words, count * this.rows.layout.row);
    return count;
  }

  /** The last answer as a row. */
  get row(): StatRows {
    turn(this.answer, this.#row.words, ANSWER);
    return this.#row;
  }

  /** The names in the folder; undefined: there is no quick way to them. */
  list(): FolderNameList | undefined {
    return this.#fast?.list();
  }

  /** As `look` for the folder itself. */
  lookAtFolder(): boolean {
    if (this.#fast?.look("", 0) === true) return true;
    const stat = statPath(toFsPath(this.#root, joinPath(this.#folder, ".")));
    if (stat === undefined) return false;
    this.answer.set(rowOf(stat));
    return true;
  }

  /** fstat of an open file. */
  statOf(handle: number): FileStat {
    return this.#fast?.lookAtHandle(handle) === true ? this.stat : statHandle(handle);
  }

  /** The last answer as an object, for what does not happen to every file. */
  get stat(): FileStat {
    return fileStat(this.answer);
  }

  /** Type and rights of the last answer, as st_mode has them. */
  get mode(): number {
    return this.answer[FIELD.mode] ?? 0;
  }

  close(): void {
    this.#fast?.close();
  }
}

/** By two calls however many words there are. */
function turn(from: Uint32Array, to: Int32Array, words: number): void {
  const bytes = words * Uint32Array.BYTES_PER_ELEMENT;
  const target = Buffer.from(to.buffer, to.byteOffset, bytes);
  Buffer.from(from.buffer, from.byteOffset, bytes).copy(target);
  target.swap32();
}
