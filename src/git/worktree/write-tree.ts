/** Turns the index into tree objects. Folders in which nothing changed are taken over by name from the index's cache. */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import { MODE, ZERO_OID } from "../model.ts";
import { displayPath, parentPath } from "../paths.ts";
import { isForbiddenName, isForbiddenPath } from "./forbidden-names.ts";
import { OID_BYTES } from "./index-layout.ts";
import type { FileMode, ObjectBatch, Oid, RepoPath } from "../model.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { IndexTable } from "./index-table.ts";

/**
 * Returns the root tree's name; the trees are in the batch, and the index remembers them.
 * @throws LullError `FORBIDDEN_NAME` (kind `unsafe`), `OBJECT_MISSING` (kind `failed`) when an entry of a changed
 *   folder names an object that nobody has
 */
export function writeTree(index: IndexTable, batch: ObjectBatch, signal?: AbortSignal): Oid {
  return new TreeWriter(index, batch, signal).run();
}

const SLASH = 0x2f;

type OpenFolder = {
  readonly path: RepoPath;
  readonly from: number;
  readonly tree: TreeBytes;
  /** What it was written as when the index was read: all its entries that are still the same are known with it. */
  readonly isKnown: boolean;
  /** It holds an intent-to-add entry, which its tree leaves out: the tree does not cover all entries. */
  isPartial: boolean;
};

class TreeWriter {
  readonly #index: IndexTable;
  readonly #batch: ObjectBatch;
  readonly #signal: AbortSignal | undefined;
  readonly #touched: ReadonlySet<number>;
  /** The folders that are being written, from the root down to the present one. */
  readonly #open: OpenFolder[] = [];
  /** By depth: a folder's bytes are needed until it is written, and then by the next one at the same depth. */
  readonly #buffers: TreeBytes[] = [];

  constructor(index: IndexTable, batch: ObjectBatch, signal: AbortSignal | undefined) {
    this.#index = index;
    this.#batch = batch;
    this.#signal = signal;
    this.#touched = index.touchedPositions();
  }

  run(): Oid {
    const known = this.#cached("");
    if (known !== undefined) return known;
    const { entries } = this.#index;
    let folder = this.#start("", 0);
    for (let at = 0; at < this.#index.count;) {
      while (!isBelow(entries, at, folder.path)) folder = this.#end(folder, at);
      if (entries.nameStart(at) === nameStart(folder)) {
        this.#addFile(folder, at);
        at++;
        continue;
      }
      throwIfAborted(this.#signal);
      const path = entries.path(at);
      const slash = path.indexOf("/", nameStart(folder));
      const directory = path.slice(0, slash);
      const oid = this.#cached(directory);
      if (oid === undefined) {
        folder = this.#start(directory, at);
        continue;
      }
      this.#addFolder(folder, directory, oid);
      at = this.#index.rangeOf(directory)[1];
    }
    while (folder.path !== "") folder = this.#end(folder, this.#index.count);
    return this.#write(folder, this.#index.count);
  }

  #start(path: RepoPath, from: number): OpenFolder {
    const depth = this.#open.length;
    const tree = (this.#buffers[depth] ??= new TreeBytes());
    tree.clear();
    const before = this.#index.treeBefore(path);
    const isKnown = before !== undefined && this.#batch.has(before);
    const folder: OpenFolder = { path, from, tree, isKnown, isPartial: false };
    this.#open.push(folder);
    return folder;
  }

  /** Writes a folder that has no further entry and returns its parent. */
  #end(folder: OpenFolder, to: number): OpenFolder {
    this.#open.pop();
    const parent = this.#open.at(-1);
    if (parent === undefined) throw new Error("the root folder holds every path");
    if (folder.isPartial) parent.isPartial = true;
    // Only intent-to-add entries: git has no empty folders.
    if (folder.tree.length > 0) this.#addFolder(parent, folder.path, this.#write(folder, to));
    return parent;
  }

  #write(folder: OpenFolder, to: number): Oid {
    const oid = this.#batch.write("tree", folder.tree.bytes());
    if (!folder.isPartial) this.#index.rememberTree(folder.path, { oid, entries: to - folder.from });
    return oid;
  }

  #addFile(folder: OpenFolder, position: number): void {
    if (this.#index.isIntentToAdd(position)) {
      folder.isPartial = true;
      return;
    }
    const { entries } = this.#index;
    if (!folder.isKnown || this.#touched.has(position))
      this.#check(entries.path(position), entries.name(position), position);
    folder.tree.appendEntry(entries, position);
  }

  /** What the folder's former tree did not have is checked before it gets into a new one. */
  #check(path: RepoPath, name: RepoPath, position: number): void {
    const { mode, oid } = this.#index.versionAt(position);
    if (isForbiddenPath(name, mode)) throw forbiddenName(path);
    if (oid === ZERO_OID || (mode !== MODE.submodule && !this.#batch.has(oid)))
      throw objectMissing(path, oid);
  }

  #addFolder(parent: OpenFolder, path: RepoPath, oid: Oid): void {
    const name = path.slice(nameStart(parent));
    if (isForbiddenName(name)) throw forbiddenName(path);
    parent.tree.appendFolder(name, oid);
  }

  /** A cached tree counts only while its object is there: a crash may have kept the index and lost the object. */
  #cached(path: RepoPath): Oid | undefined {
    const oid = this.#index.cachedTree(path);
    return oid !== undefined && this.#batch.has(oid) ? oid : undefined;
  }
}

const MODE_TEXT: Readonly<Record<FileMode, string>> = {
  [MODE.file]: "100644",
  [MODE.executable]: "100755",
  [MODE.symlink]: "120000",
  [MODE.directory]: "40000",
  [MODE.submodule]: "160000",
};

/** The bytes of a tree object in the making. */
class TreeBytes {
  #bytes = Buffer.allocUnsafe(4096);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  appendFolder(name: RepoPath, oid: Oid): void {
    const head = `${MODE_TEXT[MODE.directory]} ${name}\0`;
    this.#reserve(head.length + OID_BYTES);
    this.length += this.#bytes.write(head, this.length, "latin1");
    this.length += this.#bytes.write(oid, this.length, "hex");
  }

  appendEntry(entries: IndexEntries, position: number): void {
    const mode = MODE_TEXT[entries.mode(position)];
    const from = entries.names[position] ?? 0;
    // With the NUL behind it.
    const to = entries.pathEnd(position) + 1;
    const oidAt = entries.oidAt(position);
    this.#reserve(mode.length + 1 + to - from + OID_BYTES);
    this.length += this.#bytes.write(`${mode} `, this.length, "latin1");
    this.length += entries.image.copy(this.#bytes, this.length, from, to);
    this.length += entries.image.copy(this.#bytes, this.length, oidAt, oidAt + OID_BYTES);
  }

  /** Valid until the next change. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(bytes: number): void {
    const end = this.length + bytes;
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.bytes()], end * 2);
  }
}

/** Where the names of a folder's entries begin in their paths. */
function nameStart({ path }: OpenFolder): number {
  return path === "" ? 0 : path.length + 1;
}

function isBelow(entries: IndexEntries, position: number, directory: RepoPath): boolean {
  if (directory === "") return true;
  const end = directory.length;
  return entries.image[entries.pathAt(position) + end] === SLASH && entries.startsWith(position, directory);
}

function forbiddenName(path: RepoPath): LullError {
  return new LullError({
    kind: "unsafe",
    code: "FORBIDDEN_NAME",
    message: `the path ${JSON.stringify(displayPath(path))} can be taken for git's own folder and must not be committed`,
    hint: "rename it, or take it out of the index with `git rm --cached`",
    data: { path: displayPath(path), folder: displayPath(parentPath(path)) },
  });
}

function objectMissing(path: RepoPath, oid: Oid): LullError {
  return new LullError({
    kind: "failed",
    code: "OBJECT_MISSING",
    message: `the index names the object ${oid} for ${JSON.stringify(displayPath(path))}, but the repository does not have it`,
    hint: "run `git fsck`; adding the file again (`git add`) writes the object anew",
    data: { path: displayPath(path), oid },
  });
}
