import {
  type FileVersion,
  MODE,
  type ObjectReader,
  type Oid,
  type RepoPath,
  type TreeEntry,
} from "../model.ts";
import { readTree } from "../objects/tree-object.ts";
import type { Triple } from "./merge-entry.ts";

/** What three trees have under one name; a file and a folder of one name are one. */
export type NamedTriple = { readonly name: RepoPath; readonly versions: Triple<FileVersion | undefined> };

/**
 * Returns the names at which three trees of one folder are not all alike, in the order of the trees.
 * @param oids undefined: there is no folder
 * @throws LullError of the reader, `OBJECT_CORRUPT`
 */
export function threeTreeDifferences(
  reader: ObjectReader,
  oids: Readonly<Triple<Oid | undefined>>,
): NamedTriple[] {
  const trees = new Map<Oid, readonly TreeEntry[]>();
  const treeOf = (oid: Oid | undefined): readonly TreeEntry[] => {
    if (oid === undefined) return [];
    let tree = trees.get(oid);
    if (tree === undefined) trees.set(oid, (tree = readTree(reader, oid)));
    return tree;
  };
  const [base, ours, theirs] = [treeOf(oids[0]), treeOf(oids[1]), treeOf(oids[2])];
  const found = new Map<RepoPath, NamedTriple>();
  for (let [inBase, inOurs, inTheirs] = [0, 0, 0]; ;) {
    const [a, b, c] = [base[inBase], ours[inOurs], theirs[inTheirs]];
    const first = earlier(earlier(a, b), c);
    if (first === undefined) return [...found.values()];
    const [atBase, atOurs, atTheirs] = [isAt(first, a), isAt(first, b), isAt(first, c)];
    if (atBase) inBase++;
    if (atOurs) inOurs++;
    if (atTheirs) inTheirs++;
    if (atBase && atOurs && atTheirs && sameEntry(a, b) && sameEntry(a, c)) continue;
    let triple = found.get(first.name);
    if (triple === undefined) {
      triple = { name: first.name, versions: [undefined, undefined, undefined] };
      found.set(first.name, triple);
    }
    if (atBase) triple.versions[0] = versionOf(a);
    if (atOurs) triple.versions[1] = versionOf(b);
    if (atTheirs) triple.versions[2] = versionOf(c);
  }
}

function versionOf(entry: TreeEntry | undefined): FileVersion | undefined {
  return entry === undefined ? undefined : { mode: entry.mode, oid: entry.oid };
}

function earlier(a: TreeEntry | undefined, b: TreeEntry | undefined): TreeEntry | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  return sortKey(b) < sortKey(a) ? b : a;
}

function isAt(first: TreeEntry, entry: TreeEntry | undefined): boolean {
  return (
    entry !== undefined &&
    entry.name === first.name &&
    (entry.mode === MODE.directory) === (first.mode === MODE.directory)
  );
}

function sameEntry(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function sortKey(entry: TreeEntry): string {
  return entry.mode === MODE.directory ? `${entry.name}/` : entry.name;
}
