import type { FileVersion, ObjectReader, Oid, RepoPath, TreeEntry } from "../model.ts";
import { differingEntries } from "../objects/differing-entries.ts";
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
  const found: NamedTriple[] = [];
  for (const [name, [a, b, c]] of differingEntries(reader, oids)) {
    // Old trees have modes that differ as bytes only.
    if (a !== undefined && isSame(a, b) && isSame(a, c)) continue;
    found.push({ name, versions: [versionOf(a), versionOf(b), versionOf(c)] });
  }
  return found;
}

function versionOf(entry: TreeEntry | undefined): FileVersion | undefined {
  return entry === undefined ? undefined : { mode: entry.mode, oid: entry.oid };
}

function isSame(a: TreeEntry, b: TreeEntry | undefined): boolean {
  return a.oid === b?.oid && a.mode === b.mode;
}
