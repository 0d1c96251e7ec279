/**
 * lstat for the many names of a scan, without an object for each: the answer is a row of numbers that is compared with
 * the index's row. The platform may bring a faster way; where it has none, or has no answer, the one of `stat.ts` serves.
 */
import { joinPath, toFsPath } from "../paths.ts";
import { FIELD } from "./index-columns.ts";
import { fileStat, rowOf, statPath } from "./stat.ts";
import type { RepoPath } from "../model.ts";
import type { FileStat } from "./stat.ts";

/** What the platform may bring; `src/platform/folder-stats.ts` says the same in its own words. */
export type FolderStats = {
  /** The numbers of the last good `look`: `FIELD` in its order with st_mode whole, then the upper half of the size. */
  readonly answer: Uint32Array;
  /** A folder's times tell of every name that comes or goes. */
  readonly tellsChanges: boolean;
  enter(folder: RepoPath): boolean;
  look(path: RepoPath, from: number): boolean;
  close(): void;
};
export type OpenFolderStats = (root: string) => FolderStats | undefined;

/** All of `FIELD`, and the upper half of the size. */
const ANSWER = 11;

export class FolderLook {
  readonly answer: Uint32Array;
  readonly #root: string;
  readonly #fast: FolderStats | undefined;
  #folder: RepoPath = "";

  constructor(root: string, fast: FolderStats | undefined) {
    this.#root = root;
    this.#fast = fast;
    this.answer = fast?.answer ?? new Uint32Array(ANSWER);
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

  /** As `look` for the folder itself. */
  lookAtFolder(): boolean {
    if (this.#fast?.look("", 0) === true) return true;
    const stat = statPath(toFsPath(this.#root, joinPath(this.#folder, ".")));
    if (stat === undefined) return false;
    this.answer.set(rowOf(stat));
    return true;
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
