/**
 * Brings paths of the work tree into the index as they are at this moment. A file counts only when its stat data is
 * the same before and after reading: half of an old and half of a new version is never stored.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { baseName, displayPath, parentPath, toFsPath } from "../paths.ts";
import { workTreeConversion } from "./conversion.ts";
import { ReadingRoom } from "./file-content.ts";
import { FolderLook } from "./folder-look.ts";
import { isForbiddenName, isForbiddenPath } from "./forbidden-names.ts";
import { readEntry } from "./read-entry.ts";
import { checkSameRoot, rootStat } from "./root-folder.ts";
import { statPath } from "./stat.ts";
import { isTemporaryName } from "./temporary-names.ts";
import type { Admit } from "./candidate-file.ts";
import type { ObjectBatch, RepoPath } from "../model.ts";
import type { SkippedPath } from "./changes.ts";
import type { Conversion } from "./conversion.ts";
import type { IndexUpdate } from "./index-model.ts";
import type { IndexTable } from "./index-table.ts";
import type { FileStat } from "./stat.ts";
import type { OpenFolderStats } from "./folder-look.ts";
import type { Reading, ReadEntryInput } from "./read-entry.ts";
import type { WorkTreeSettings } from "./settings.ts";

export type StageInput = {
  readonly root: string;
  readonly gitDirectory: string;
  /** Read under its lock; only the table changes here, writing the file is the caller's. */
  readonly index: IndexTable;
  readonly batch: ObjectBatch;
  readonly paths: readonly RepoPath[];
  readonly settings: WorkTreeSettings;
  /** By default the rules that the work tree has now. */
  readonly conversion?: Conversion;
  readonly admit?: Admit | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly openFolderStats?: OpenFolderStats | undefined;
};

export type StageResult = {
  /** Paths whose entry was set, also where it had the same content before. */
  readonly staged: readonly RepoPath[];
  readonly removed: readonly RepoPath[];
  readonly skipped: readonly SkippedPath[];
  /** Files that changed each time they were read; their entries stay as they were. */
  readonly unsettled: readonly RepoPath[];
};

/** Below this many files the faster stat costs more to load than it gains. */
const FEW_PATHS = 50;

/** How often a file that changes under our hands is read before it is left for the next sync. */
const ATTEMPTS = 3;

/** @throws LullError `FOLDER_MISSING` (kind `guard`) when the top folder is gone; system errors by their own code */
export function stagePaths(input: StageInput): StageResult {
  using staging = new Staging(input);
  return staging.run();
}

class Staging {
  readonly #input: StageInput;
  readonly #reader: ReadEntryInput;
  readonly #look: FolderLook;
  readonly #updates = new Map<RepoPath, IndexUpdate | undefined>();
  readonly #staged: RepoPath[] = [];
  readonly #removed = new Set<RepoPath>();
  readonly #skipped: SkippedPath[] = [];
  readonly #unsettled: RepoPath[] = [];
  /** Folder → why nothing can be read below it; undefined when it is a real folder. */
  readonly #folders = new Map<RepoPath, Reading | undefined>([["", undefined]]);

  readonly #forbidden = new Map<RepoPath, boolean>();

  constructor(input: StageInput) {
    this.#input = input;
    const { root, index, batch, settings, admit } = input;
    const paths = new Set(input.paths);
    const isLeaving = (path: RepoPath): boolean => paths.has(path) && !isSparse(index, path);
    const conversion = input.conversion ?? workTreeConversion({ ...input, objects: batch, isLeaving });
    this.#look = new FolderLook(root, paths.size < FEW_PATHS ? undefined : input.openFolderStats?.(root));
    const statOf = (handle: number): FileStat => this.#look.statOf(handle);
    this.#reader = { root, index, batch, settings, conversion, statOf, admit, room: new ReadingRoom() };
  }

  [Symbol.dispose](): void {
    this.#look.close();
  }

  run(): StageResult {
    const { root, index, paths, signal } = this.#input;
    const before = rootStat(root);
    for (const path of [...new Set(paths)].sort()) {
      throwIfAborted(signal);
      this.#stage(path);
    }
    // What an unmounted disk leaves behind must not count as "removed".
    checkSameRoot(root, before);
    index.update(this.#updates);
    return {
      staged: this.#staged,
      removed: [...this.#removed].sort(),
      skipped: this.#skipped,
      unsettled: this.#unsettled,
    };
  }

  #stage(path: RepoPath): void {
    const reading = this.#read(path);
    if (reading.kind === "skipped") this.#skipped.push({ path, reason: reading.reason });
    else if (reading.kind === "changing") this.#unsettled.push(path);
    else if (reading.kind === "gone") this.#remove(path);
    else {
      this.#makeRoom(path);
      this.#updates.set(path, reading.update);
      this.#removed.delete(path);
      this.#staged.push(path);
    }
  }

  #read(path: RepoPath): Reading {
    if (this.#isForbidden(path) || this.#isTemporary(path)) return skipped("forbidden-name");
    if (this.#isOrHoldsSubmodule(path)) return skipped("submodule");
    const blocked = this.#obstacleAt(parentPath(path));
    if (blocked !== undefined) return blocked;
    let reading = readEntry(this.#reader, path);
    for (let attempt = 1; attempt < ATTEMPTS && reading.kind === "changing"; attempt++) {
      reading = readEntry(this.#reader, path);
    }
    const isLink = reading.kind === "found" && reading.update.mode === MODE.symlink;
    return isLink && isForbiddenPath(path, MODE.symlink) ? skipped("forbidden-name") : reading;
  }

  #isForbidden(path: RepoPath): boolean {
    return isForbiddenName(baseName(path)) || this.#isForbiddenFolder(parentPath(path));
  }

  /** Most paths share their folder with many. */
  #isForbiddenFolder(folder: RepoPath): boolean {
    if (folder === "") return false;
    const known = this.#forbidden.get(folder);
    if (known !== undefined) return known;
    const isForbidden = this.#isForbidden(folder);
    this.#forbidden.set(folder, isForbidden);
    return isForbidden;
  }

  /** A link in a folder's place is no folder: what is behind it belongs to somebody else. */
  #obstacleAt(directory: RepoPath): Reading | undefined {
    if (this.#folders.has(directory)) return this.#folders.get(directory);
    const obstacle = this.#obstacleAt(parentPath(directory)) ?? this.#lookAt(directory);
    this.#folders.set(directory, obstacle);
    return obstacle;
  }

  #lookAt(directory: RepoPath): Reading | undefined {
    if (this.#isSubmodule(directory)) return skipped("submodule");
    try {
      const stat = statPath(toFsPath(this.#input.root, directory));
      return stat?.kind === "directory" ? undefined : { kind: "gone" };
    } catch (error) {
      if (["EACCES", "EPERM"].includes(systemCode(error) ?? "")) return skipped("unreadable");
      throw fromSystem(error, `look at ${displayPath(directory)}`);
    }
  }

  #isSubmodule(path: RepoPath): boolean {
    const position = this.#input.index.find(path);
    return position >= 0 && this.#input.index.modeAt(position) === MODE.submodule;
  }

  /** Left by a checkout that was killed; one that somebody committed is a file like any other. */
  #isTemporary(path: RepoPath): boolean {
    return isTemporaryName(baseName(path)) && this.#input.index.find(path) < 0;
  }

  #isOrHoldsSubmodule(path: RepoPath): boolean {
    const { index } = this.#input;
    const tracked = index.find(path);
    // Below an entry there is none.
    if (tracked >= 0) return index.modeAt(tracked) === MODE.submodule;
    const [from, to] = index.rangeOf(path);
    for (let position = from; position < to; position++) {
      if (index.modeAt(position) === MODE.submodule) return true;
    }
    return false;
  }

  #remove(path: RepoPath): void {
    const { index } = this.#input;
    if (index.find(path) >= 0 && !isSparse(index, path)) this.#drop(path);
  }

  /** A file takes the place of a folder, or lies in a folder that takes the place of a file. */
  #makeRoom(path: RepoPath): void {
    const { index } = this.#input;
    if (index.find(path) >= 0) return;
    const [from, to] = index.rangeOf(path);
    for (let position = from; position < to; position++) this.#drop(index.pathAt(position));
    for (let above = parentPath(path); above !== ""; above = parentPath(above)) {
      if (index.find(above) >= 0) this.#drop(above);
    }
  }

  #drop(path: RepoPath): void {
    this.#updates.set(path, undefined);
    this.#removed.add(path);
  }
}

/** Absent on purpose. */
function isSparse(index: IndexTable, path: RepoPath): boolean {
  const position = index.find(path);
  return position >= 0 && index.isSkipWorktree(position);
}

function skipped(reason: SkippedPath["reason"]): Reading {
  return { kind: "skipped", reason };
}
