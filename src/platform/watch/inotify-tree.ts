/** One watched tree among those of an inotify: a watch for each folder in it, kept up as folders come, go and move. */
import { closeSync, constants, openSync, realpathSync } from "node:fs";

import { listFolder } from "../folder-name-list.ts";
import { IN, type Inotify } from "./inotify.ts";
import { type FolderTable, NONE } from "./folder-table.ts";
import type { TreeEvent, TreeToWatch, WatchedTree, WatchRefusal } from "./folder-watcher.ts";
import { watchFailed, watchLimit } from "./refusals.ts";

/** Written content, names that come and go, and modes. */
const CHANGES =
  IN.MODIFY |
  IN.ATTRIB |
  IN.CLOSE_WRITE |
  IN.CREATE |
  IN.DELETE |
  IN.MOVED_FROM |
  IN.MOVED_TO |
  IN.DELETE_SELF |
  IN.MOVE_SELF;
/** `MASK_ADD`: another source may watch the folder by the same watch. `EXCL_UNLINK`: what has no name is no change. */
const MASK = CHANGES | IN.ONLYDIR | IN.DONT_FOLLOW | IN.EXCL_UNLINK | IN.MASK_ADD;
const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Of other names the bytes have to be handed over. */
const ASCII = /^[\u0000-\u007f]*$/;
/** So many folders are entered before others get a turn: a millisecond or two. */
const FOLDERS_A_TURN = 128;

export type InotifyTreeInput = {
  readonly tree: TreeToWatch;
  /** Its number in the table. */
  readonly id: number;
  readonly inotify: Inotify;
  readonly table: FolderTable;
  readonly onClose: () => void;
};

export class InotifyTree implements WatchedTree {
  readonly ready: Promise<void>;
  readonly #input: InotifyTreeInput;
  /** The folder without links on the way, as bytes in latin1. */
  #place = "";
  #root: number = NONE;
  #folders = 0;
  /** Rows of folders whose names have not been looked at yet. */
  readonly #toList: number[] = [];
  /** Told when all is listed: what is in a new folder was not seen to change. */
  readonly #toTell: string[] = [];
  #work: Promise<void> | undefined;
  #isClosed = false;

  constructor(input: InotifyTreeInput) {
    this.#input = input;
    this.ready = this.#start();
  }

  get folders(): number {
    return this.#folders;
  }

  async rearm(): Promise<void> {
    if (this.#isClosed) return;
    for (const row of this.#input.table.allOf(this.#input.id)) if (row !== this.#root) this.#release(row);
    this.#toList.length = 0;
    this.#toList.push(this.#root);
    await this.#listAll();
  }

  /** Nothing is known about what has happened. */
  lose(): void {
    this.#tell({ kind: "lost" });
  }

  refuse(refusal: WatchRefusal): void {
    this.#end({ kind: "refused", refusal });
  }

  /** What the kernel says about one of the tree's folders. */
  handle(row: number, mask: number, name: string): void {
    if (name === "") this.#handleFolder(row, mask);
    else this.#handleName(row, mask, name);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const row of this.#input.table.allOf(this.#input.id)) this.#release(row);
    this.#toList.length = 0;
    this.#input.onClose();
  }

  async #start(): Promise<void> {
    // Whoever asked for the watch gets it first, and then what it tells.
    await nextTurn();
    if (this.#isClosed) return;
    try {
      this.#place = realpathSync(this.#input.tree.directory, "buffer").toString("latin1");
    } catch {
      return this.#end({ kind: "gone" });
    }
    const { id, inotify, table } = this.#input;
    const watch = inotify.add(this.#place, MASK);
    if (watch === "absent") return this.#end({ kind: "gone" });
    if (typeof watch !== "number") return this.#refuseFor(watch);
    this.#root = table.add({ tree: id, parent: NONE, name: "", watch });
    this.#folders = 1;
    this.#toList.push(this.#root);
    await this.#listAll();
  }

  #handleFolder(row: number, mask: number): void {
    const isGone = (mask & (IN.IGNORED | IN.UNMOUNT)) !== 0;
    if (row === this.#root) {
      if (isGone || (mask & IN.MOVE_SELF) !== 0) this.#end({ kind: "gone" });
      return;
    }
    if (!isGone) return;
    if ((mask & IN.UNMOUNT) !== 0) this.#changed(this.#input.table.pathOf(row));
    this.#releaseBelow(row);
  }

  #handleName(row: number, mask: number, name: string): void {
    const { table, tree } = this.#input;
    const path = below(table.pathOf(row), name);
    const isFolder = (mask & IN.ISDIR) !== 0;
    if (tree.isLeftOut(path, isFolder)) return;
    if (!isFolder) return this.#changed(path);
    if ((mask & (IN.DELETE | IN.MOVED_FROM)) !== 0) {
      const child = table.childOf(row, name);
      if (child !== NONE) this.#releaseBelow(child);
      this.#changed(path);
    } else if (this.#enter(row, name) || (mask & (IN.CREATE | IN.MOVED_TO)) !== 0) {
      // A change of a folder's mode is none, unless it can be entered now.
      this.#toTell.push(path);
      void this.#listAll();
    }
  }

  /** @returns true when the folder is watched only now */
  #enter(parent: number, name: string): boolean {
    const { id, inotify, table } = this.#input;
    const watch = inotify.add(this.#absolute(below(table.pathOf(parent), name)), MASK);
    // It is gone again, or may not be read: then a sync can not read it either.
    if (watch === "absent") return false;
    if (typeof watch !== "number") {
      this.#refuseFor(watch);
      return false;
    }
    const known = table.rowIn(id, watch);
    if (known !== NONE) {
      if (table.isChild(known, parent, name) || this.#isOnWay(known, parent)) return false;
      // Moved here, and the news of its leaving are still to come.
      this.#releaseBelow(known);
      return this.#enter(parent, name);
    }
    this.#toList.push(table.add({ tree: id, parent, name, watch }));
    this.#folders++;
    return true;
  }

  /** A folder that is mounted somewhere below itself. */
  #isOnWay(row: number, from: number): boolean {
    for (let at = from; at !== NONE; at = this.#input.table.parentOf(at)) if (at === row) return true;
    return false;
  }

  #listAll(): Promise<void> {
    this.#work ??= this.#listInTurns();
    return this.#work;
  }

  async #listInTurns(): Promise<void> {
    // The events that came together are handled first.
    await Promise.resolve();
    for (let count = 1; !this.#isClosed; count++) {
      const row = this.#toList.pop();
      if (row === undefined) break;
      this.#list(row);
      if (count % FOLDERS_A_TURN === 0) await nextTurn();
    }
    this.#work = undefined;
    for (const path of this.#toTell.splice(0)) this.#changed(path);
  }

  /** The watch is there already: what comes while the names are read is told by the kernel. */
  #list(row: number): void {
    const { table, tree } = this.#input;
    if (table.treeOf(row) !== this.#input.id) return;
    const folder = table.pathOf(row);
    const found = namesIn(this.#absolute(folder), tree.ruleFile?.name);
    if (found.hasRules) tree.ruleFile?.enter(folder);
    for (const name of found.folders) {
      if (this.#isClosed) return;
      if (!tree.isLeftOut(below(folder, name), true)) this.#enter(row, name);
    }
  }

  #releaseBelow(top: number): void {
    for (const row of this.#input.table.below(top)) this.#release(row);
  }

  #release(row: number): void {
    const { inotify, table } = this.#input;
    const watch = table.watchOf(row);
    this.#folders--;
    if (table.remove(row)) inotify.remove(watch);
  }

  #absolute(path: string): string {
    return path === "" ? this.#place : `${this.#place === "/" ? "" : this.#place}/${path}`;
  }

  #changed(path: string): void {
    this.#tell({ kind: "changed", path });
  }

  #refuseFor(reason: "limit" | "failed"): void {
    this.refuse(reason === "limit" ? watchLimit() : watchFailed("the system refused to watch a folder"));
  }

  #end(event: TreeEvent): void {
    if (this.#isClosed) return;
    this[Symbol.dispose]();
    this.#input.tree.tell(event);
  }

  #tell(event: TreeEvent): void {
    if (!this.#isClosed) this.#input.tree.tell(event);
  }
}

/** Nothing, when it can not be read. */
function namesIn(
  folder: string,
  ruleFile: string | undefined,
): { readonly folders: readonly string[]; readonly hasRules: boolean } {
  let handle: number;
  try {
    handle = openSync(ASCII.test(folder) ? folder : Buffer.from(folder, "latin1"), OPEN_FOLDER);
  } catch {
    return { folders: [], hasRules: false };
  }
  try {
    const names = listFolder(handle);
    const hasRules = ruleFile !== undefined && names?.has(ruleFile) === true;
    return { folders: names?.folders() ?? [], hasRules };
  } finally {
    closeSync(handle);
  }
}

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
