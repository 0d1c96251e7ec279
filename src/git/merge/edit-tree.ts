import { LullError } from "../../base/errors.ts";
import { MAX_TREE_DEPTH, treeTooDeep } from "../history/compare-trees.ts";
import {
  type FileVersion,
  MODE,
  type ObjectBatch,
  type ObjectReader,
  type Oid,
  type RepoPath,
  type TreeEntry,
} from "../model.ts";
import { readTree, serializeTree } from "../objects/tree-object.ts";

/** Paths to what shall stand there; `undefined` removes the file. */
export type TreeEdits = ReadonlyMap<RepoPath, FileVersion | undefined>;

/**
 * Writes a tree that differs from the given one at the given paths only, and returns its name. Folders without an
 * edit are not read; a folder whose last file goes away goes too.
 * @throws LullError `FILE_AND_FOLDER` when the edits put a file where files below it stay
 */
export function editTree(batch: ObjectBatch, tree: Oid, edits: TreeEdits): Oid {
  if (edits.size === 0) return tree;
  const root: Folder = { edits: new Map(), folders: new Map() };
  for (const [path, version] of edits) {
    let folder = root;
    const names = path.split("/");
    const last = names.pop() ?? "";
    if (names.length >= MAX_TREE_DEPTH) throw treeTooDeep(tree);
    for (const name of names) {
      let next = folder.folders.get(name);
      if (next === undefined) folder.folders.set(name, (next = { edits: new Map(), folders: new Map() }));
      folder = next;
    }
    folder.edits.set(last, version);
  }
  return editFolder(batch, tree, root) ?? batch.write("tree", new Uint8Array(0));
}

/** Returns what stands at a path, folders included, or undefined. */
export function entryAt(reader: ObjectReader, tree: Oid, path: RepoPath): FileVersion | undefined {
  let current: FileVersion = { mode: MODE.directory, oid: tree };
  for (const name of path.split("/")) {
    if (current.mode !== MODE.directory) return undefined;
    const entry = readTree(reader, current.oid).find((candidate) => candidate.name === name);
    if (entry === undefined) return undefined;
    current = { mode: entry.mode, oid: entry.oid };
  }
  return current;
}

/** The edits within one folder, by name. */
type Folder = { readonly edits: Map<string, FileVersion | undefined>; readonly folders: Map<string, Folder> };

/** Recursion is as deep as the tree, which is limited. Returns undefined for a folder without entries. */
function editFolder(batch: ObjectBatch, tree: Oid | undefined, folder: Folder): Oid | undefined {
  const entries = new Map<string, TreeEntry>();
  for (const entry of tree === undefined ? [] : readTree(batch, tree)) entries.set(entry.name, entry);
  for (const [name, inner] of folder.folders) {
    const existing = entries.get(name);
    const isFolder = existing?.mode === MODE.directory;
    const oid = editFolder(batch, isFolder ? existing.oid : undefined, inner);
    if (oid !== undefined && existing !== undefined && !isFolder && !folder.edits.has(name))
      throw fileAndFolder(name);
    if (oid !== undefined) entries.set(name, { mode: MODE.directory, name, oid });
    else if (isFolder) entries.delete(name);
  }
  for (const [name, version] of folder.edits) {
    const existing = entries.get(name);
    if (version !== undefined) {
      if (existing?.mode === MODE.directory) throw fileAndFolder(name);
      entries.set(name, { ...version, name });
    } else if (existing?.mode !== MODE.directory) {
      entries.delete(name);
    }
  }
  return entries.size === 0 ? undefined : batch.write("tree", serializeTree([...entries.values()]));
}

function fileAndFolder(name: string): LullError {
  return new LullError({
    kind: "failed",
    code: "FILE_AND_FOLDER",
    message: `${JSON.stringify(name)} would have to be a file and a folder in one tree`,
    hint: "please report this with the two commits that were merged",
  });
}
