import type { ObjectReader, Oid, TreeEntry } from "../model.ts";
import { MODE } from "../model.ts";
import { BaseCache } from "../objects/base-cache.ts";
import { differingEntries, type EntryRow } from "../objects/differing-entries.ts";
import { OidTable } from "../objects/oid-table.ts";
import { nextTreeEntry, readTree } from "../objects/tree-object.ts";

type Visit = { readonly tree: Oid; readonly bases: readonly Oid[] };

/** Bytes of trees kept: a commit's tree is its child's base, so most are asked for twice in a row. */
const CACHED_BYTES = 8 * 1024 * 1024;

/** Gathers trees and blobs that some trees hold and their bases do not, each once. Submodules' commits are no part of it. */
export class TreeDifference {
  /** Trees and blobs in the order in which they were met. */
  readonly found = new Set<Oid>();
  readonly #reader: Pick<ObjectReader, "read">;
  /** What the bases hold under the names at which something differs: most of what comes back or moves was there. */
  readonly #replaced = new Set<Oid>();
  /** Of what was found: the version that it replaces, the oldest that is not sent itself where there are several. */
  readonly #previous = new Map<Oid, Oid>();
  /** All that the bases hold, of those in front of `#unlisted`: few ask, and then for most of it. */
  readonly #known = new OidTable();
  #unlisted: Oid[] = [];

  constructor(reader: ObjectReader) {
    this.#reader = withCache(reader);
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

  /**
   * Whether a base holds this in a folder that was compared: the other side has it, or gets it with `found`. By no means
   * all that it has.
   */
  isKnown(oid: Oid): boolean {
    if (this.#replaced.has(oid)) return true;
    const unlisted = this.#unlisted;
    this.#unlisted = [];
    for (const base of unlisted) this.#list(base);
    return this.#known.findOid(oid) >= 0;
  }

  /**
   * The version that stood in the place of a tree or blob before, which the other side has or is found as well; undefined
   * for what is new under its name.
   */
  previous(oid: Oid): Oid | undefined {
    return this.#previous.get(oid);
  }

  #compare({ tree, bases }: Visit, pending: Visit[]): void {
    this.#unlisted.push(...bases);
    if (bases[0] !== undefined) this.#replaced.add(bases[0]);
    this.#replaces(tree, bases[0]);
    const folders: Visit[] = [];
    for (const [entry, ...before] of this.#rowsOf(tree, bases)) {
      if (entry === undefined || entry.mode === MODE.submodule || this.#isMoved(entry, before)) continue;
      if (entry.mode === MODE.directory) folders.push({ tree: entry.oid, bases: foldersAmong(before) });
      else {
        this.#replaces(
          entry.oid,
          before.find((other) => other !== undefined && other.mode !== MODE.directory)?.oid,
        );
        this.found.add(entry.oid);
      }
    }
    for (let index = folders.length - 1; index >= 0; index--) {
      const folder = folders[index];
      if (folder !== undefined) pending.push(folder);
    }
  }

  #replaces(oid: Oid, before: Oid | undefined): void {
    if (before === undefined || before === oid || this.#previous.has(oid)) return;
    const first = this.#previous.get(before) ?? before;
    if (first !== oid) this.#previous.set(oid, first);
  }

  #rowsOf(tree: Oid, bases: readonly Oid[]): Iterable<EntryRow> {
    if (bases.length === 0) return readTree(this.#reader, tree).map((entry) => [entry]);
    const rows = differingEntries(this.#reader, [tree, ...bases]);
    for (const row of rows.values())
      for (const before of row.slice(1)) if (before !== undefined) this.#replaced.add(before.oid);
    return rows.values();
  }

  /** What is new under its name may be a copy of what lies elsewhere. What was edited under its name hardly ever is. */
  #isMoved({ oid }: TreeEntry, before: EntryRow): boolean {
    return before.every((entry) => entry === undefined) ? this.isKnown(oid) : this.#replaced.has(oid);
  }

  #list(tree: Oid): void {
    const { bytes } = this.#reader.read(tree);
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < buffer.length;) {
      const { end } = nextTreeEntry(buffer, at);
      this.#known.add(buffer, end - 20);
      at = end;
    }
  }
}

function foldersAmong(entries: EntryRow): Oid[] {
  const folders: Oid[] = [];
  for (const entry of entries) if (entry?.mode === MODE.directory) folders.push(entry.oid);
  return folders;
}

/** Keeps what was read last. */
function withCache(reader: ObjectReader): Pick<ObjectReader, "read"> {
  const cache = new BaseCache<Oid>(CACHED_BYTES);
  return {
    read(oid) {
      let object = cache.get(oid);
      if (object === undefined) cache.set(oid, (object = reader.read(oid)));
      return object;
    },
  };
}
