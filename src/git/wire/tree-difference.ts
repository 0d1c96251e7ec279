import type { ObjectReader, Oid, TreeEntry } from "../model.ts";
import { MODE } from "../model.ts";
import { readTree } from "../objects/tree-object.ts";

type Visit = { readonly tree: Oid; readonly bases: readonly Oid[] };

/** Parsed trees kept: a commit's tree is its child's base, so most are asked for twice in a row. */
const CACHED_ENTRIES = 200_000;

/** Gathers trees and blobs that some trees hold and their bases do not, each once. Submodules' commits are no part of it. */
export class TreeDifference {
  /** Trees and blobs in the order in which they were met. */
  readonly found = new Set<Oid>();
  /**
   * What the bases hold in the folders that were compared: the other side has it, or gets it with `found`. By no means
   * all that it has.
   */
  readonly known = new Set<Oid>();
  readonly #reader: ObjectReader;
  readonly #cache = new Map<Oid, readonly TreeEntry[]>();
  #cachedEntries = 0;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  /**
   * @param bases trees that the other side has, or that were added before: the parents' trees. So a tree that was
   *   found once is whole, and needs no second look when it turns up with other bases.
   */
  add(tree: Oid, bases: readonly Oid[]): void {
    const pending: Visit[] = [{ tree, bases }];
    for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
      if (this.found.has(visit.tree) || visit.bases.includes(visit.tree)) continue;
      this.found.add(visit.tree);
      this.#compare(visit, pending);
    }
  }

  addBlob(oid: Oid): void {
    this.found.add(oid);
  }

  #compare({ tree, bases }: Visit, pending: Visit[]): void {
    const hadFolders = new Map<string, Oid[]>();
    for (const base of bases) {
      for (const { mode, name, oid } of this.#entries(base)) {
        this.known.add(oid);
        if (mode !== MODE.directory) continue;
        const same = hadFolders.get(name);
        if (same === undefined) hadFolders.set(name, [oid]);
        else same.push(oid);
      }
    }
    const folders: Visit[] = [];
    for (const { mode, name, oid } of this.#entries(tree)) {
      if (mode === MODE.submodule || this.known.has(oid)) continue;
      if (mode === MODE.directory) folders.push({ tree: oid, bases: hadFolders.get(name) ?? [] });
      else this.found.add(oid);
    }
    for (let index = folders.length - 1; index >= 0; index--) {
      const folder = folders[index];
      if (folder !== undefined) pending.push(folder);
    }
  }

  #entries(tree: Oid): readonly TreeEntry[] {
    const cached = this.#cache.get(tree);
    if (cached !== undefined) return cached;
    const entries = readTree(this.#reader, tree);
    if (this.#cachedEntries > CACHED_ENTRIES) {
      this.#cache.clear();
      this.#cachedEntries = 0;
    }
    this.#cache.set(tree, entries);
    this.#cachedEntries += entries.length;
    return entries;
  }
}
