import { LullError } from "../../base/errors.ts";
import { MAX_TREE_DEPTH, treeTooDeep } from "../history/compare-trees.ts";
import {
  type FileVersion,
  MODE,
  type ObjectBatch,
  type Oid,
  type RepoPath,
  type TreeEntry,
} from "../model.ts";
import { oidAtPlace, placesInTree, putVersion, type WantedEntry } from "../objects/tree-in-place.ts";
import { readTree, serializeTree } from "../objects/tree-object.ts";

/** Paths to what shall stand there; `undefined` removes the file. */
export type TreeEdits = ReadonlyMap<RepoPath, FileVersion | undefined>;

/**
 * Writes a tree that differs from the given one at the given paths only, and returns its name. Folders without an
 * edit are not read; a folder whose last file goes away goes too.
 * @param replaced what shall stand at these paths instead of whatever is there, folders as a whole
 * @throws LullError `FILE_AND_FOLDER` when the edits put a file where files below it stay
 */
export function editTree(
  batch: ObjectBatch,
  tree: Oid,
  edits: TreeEdits,
  replaced: TreeEdits = new Map(),
): Oid {
  if (edits.size === 0 && replaced.size === 0) return tree;
  const root = noEdits();
  for (const [path, version] of replaced) {
    const { folder, name } = folderOf(root, path, tree);
    folder.replaced.set(name, version);
  }
  for (const [path, version] of edits) {
    const { folder, name } = folderOf(root, path, tree);
    folder.edits.set(name, version);
  }
  return editFolder(batch, tree, root) ?? batch.write("tree", new Uint8Array(0));
}

function folderOf(
  root: Folder,
  path: RepoPath,
  tree: Oid,
): { readonly folder: Folder; readonly name: string } {
  let folder = root;
  const names = path.split("/");
  const last = names.pop() ?? "";
  if (names.length >= MAX_TREE_DEPTH) throw treeTooDeep(tree);
  for (const name of names) {
    let next = folder.folders.get(name);
    if (next === undefined) folder.folders.set(name, (next = noEdits()));
    folder = next;
  }
  return { folder, name: last };
}

/** The edits within one folder, by name. */
type Folder = {
  readonly replaced: Map<string, FileVersion | undefined>;
  readonly edits: Map<string, FileVersion | undefined>;
  readonly folders: Map<string, Folder>;
};

function noEdits(): Folder {
  return { replaced: new Map(), edits: new Map(), folders: new Map() };
}

/** Recursion is as deep as the tree, which is limited. Returns undefined for a folder without entries. */
function editFolder(batch: ObjectBatch, tree: Oid | undefined, folder: Folder): Oid | undefined {
  const inPlace = tree === undefined ? undefined : editInPlace(batch, tree, folder);
  if (inPlace !== undefined) return inPlace;
  const entries: Entries = new Map();
  for (const entry of tree === undefined ? [] : readTree(batch, tree)) entries.set(entry.name, entry);
  for (const [name, version] of folder.replaced) {
    if (version === undefined) entries.delete(name);
    else entries.set(name, { ...version, name });
  }
  for (const [name, inner] of folder.folders) {
    const existing = entries.get(name);
    const isFolder = existing?.mode === MODE.directory;
    const oid = editFolder(batch, isFolder ? existing.oid : undefined, inner);
    if (oid !== undefined && existing !== undefined && !isFolder && !folder.edits.has(name))
      throw fileAndFolder(name);
    if (oid !== undefined) entries.set(name, { mode: MODE.directory, name, oid });
    else if (isFolder) entries.delete(name);
  }
  for (const [name, version] of folder.edits) editFile(entries, name, version);
  return entries.size === 0 ? undefined : batch.write("tree", serializeTree([...entries.values()]));
}

/** What most edits are: other content for files that are there. Undefined: there is more to it, nothing was settled. */
function editInPlace(batch: ObjectBatch, tree: Oid, folder: Folder): Oid | undefined {
  const wanted: WantedEntry[] = [];
  for (const edits of [folder.replaced, folder.edits])
    for (const [name, version] of edits) {
      if (version === undefined) return undefined;
      wanted.push({ name, isFolder: version.mode === MODE.directory });
    }
  for (const name of folder.folders.keys()) wanted.push({ name, isFolder: true });
  const { kind, bytes } = batch.read(tree);
  if (kind !== "tree") return undefined;
  const places = placesInTree(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), wanted);
  if (places === undefined) return undefined;
  const edited = Buffer.from(bytes);
  const versions: FileVersion[] = [...folder.replaced.values(), ...folder.edits.values()].filter(
    (version) => version !== undefined,
  );
  for (const inner of folder.folders.values()) {
    const place = places[versions.length];
    const oid = place && editFolder(batch, oidAtPlace(edited, place), inner);
    if (oid === undefined) return undefined;
    versions.push({ mode: MODE.directory, oid });
  }
  for (const [order, place] of places.entries()) {
    const version = versions[order];
    if (version !== undefined) putVersion(edited, place, version);
  }
  return batch.write("tree", edited);
}

type Entries = Map<string, TreeEntry>;

function editFile(entries: Entries, name: string, version: FileVersion | undefined): void {
  const isFolder = entries.get(name)?.mode === MODE.directory;
  if (version === undefined) {
    if (!isFolder) entries.delete(name);
  } else {
    if (isFolder) throw fileAndFolder(name);
    entries.set(name, { ...version, name });
  }
}

function fileAndFolder(name: string): LullError {
  return new LullError({
    kind: "failed",
    code: "FILE_AND_FOLDER",
    message: `${JSON.stringify(name)} would have to be a file and a folder in one tree`,
    hint: "please report this with the two commits that were merged",
  });
}
