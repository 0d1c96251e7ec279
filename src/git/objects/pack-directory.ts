import { readdirSync } from "node:fs";

import { fromSystem, messageOf, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { BaseCache } from "./base-cache.ts";
import { DamagedData } from "./damaged-data.ts";
import { isOid } from "./hash-object.ts";
import type { PackIndex } from "./pack-index.ts";
import { PackLookup } from "./pack-lookup.ts";
import { Packfile, type PackfileOptions } from "./packfile.ts";

export type PackedObject = { readonly kind: "packed"; readonly pack: Packfile; readonly position: number };

const CACHE_LIMIT = 32 * 1024 * 1024;
/** Far below the usual limit of 1024 (256 on macOS) handles of a process. */
const MOST_OPEN = 64;
/** From so many small packs on they are looked through together. */
const MERGED_FROM = 32;
const SMALL_PACK = 50_000;
/** What a `PackLookup` can tell apart. */
const MOST_MERGED = 65_536;

/** Small packs that are looked through together; one that is gone stays in the list until the next merge. */
type MergedPacks = { readonly lookup: PackLookup; readonly packs: readonly Packfile[] };

/** The packs of a repository. The one that had the last object asked for is asked first. */
export class PackDirectory {
  readonly #directory: string;
  readonly #options: PackfileOptions;
  readonly #cache = new BaseCache<string>(CACHE_LIMIT);
  readonly #unusable = new Map<string, string>();
  readonly #scratch = Buffer.alloc(20);
  /** By path, in the order in which they are asked. */
  #packs: ReadonlyMap<string, Packfile> | undefined;
  #merged: MergedPacks | undefined;
  /** Those of `#packs` that the merged lookup does not know. */
  #single: readonly Packfile[] = [];
  /** Those that a merge left out. */
  #large: ReadonlySet<Packfile> = new Set();
  #isMergeDue = false;
  #recent: Packfile | undefined;
  /** The least recently used first. */
  readonly #open = new Set<Packfile>();

  /** @param gitDirectory of the repository that reads, in whose temporary folder large contents go */
  constructor(directory: string, gitDirectory: string) {
    this.#directory = directory;
    this.#options = { gitDirectory, onOpen: (pack) => this.#onOpen(pack) };
  }

  /** One line for each pack that was left aside because it or its index is damaged. */
  get unusable(): readonly string[] {
    return [...this.#unusable.values()];
  }

  find(oid: Oid): PackedObject | undefined {
    if (!isOid(oid)) return undefined;
    this.#scratch.write(oid, 0, 20, "hex");
    // Nearly always it is where the last one was, or nowhere. Without generators: those cost as much as the look-ups.
    const recent = this.#recent;
    const usual = recent && this.#lookIn(recent);
    if (usual !== undefined) return usual;
    this.#prepare();
    for (const pack of this.#single) {
      const found = pack === recent ? undefined : this.#lookIn(pack);
      if (found !== undefined) return found;
    }
    for (const pack of this.#mergedCandidates(oid)) {
      const found = pack === recent ? undefined : this.#lookIn(pack);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Finds each copy of an object; a good one may exist beside a damaged one. */
  *findAll(oid: Oid): Generator<PackedObject> {
    if (!isOid(oid)) return;
    const recent = this.#recent;
    const first = recent && this.#findIn(recent, oid);
    if (first !== undefined) yield first;
    for (const pack of this.#candidates(oid)) {
      const found = pack === recent ? undefined : this.#findIn(pack, oid);
      if (found !== undefined) yield found;
    }
  }

  /** Returns the names that start with these digits, at most `limit`. */
  withPrefix(prefix: string, limit: number): Oid[] {
    const found: Oid[] = [];
    const first = Buffer.from(prefix.padEnd(40, "0"), "hex");
    for (const pack of this.#list().values()) {
      const index = this.#usable(pack);
      if (index === undefined) continue;
      for (
        let position = index.lowerBound(first);
        position < index.count && found.length < limit;
        position++
      ) {
        const oid = index.oidAt(position);
        if (!oid.startsWith(prefix)) break;
        if (!found.includes(oid)) found.push(oid);
      }
    }
    return found;
  }

  /** Looks again which packs exist. An index without its pack, or a half-copied one, does not count, as in git. */
  refresh(): void {
    const names = new Set(listDirectory(this.#directory));
    const known = this.#packs ?? new Map<string, Packfile>();
    const packs = new Map<string, Packfile>();
    for (const name of names) {
      const path = `${this.#directory}/${name.slice(0, -4)}`;
      const isNew = name.endsWith(".idx") && !known.has(path) && !this.#unusable.has(path);
      if (isNew && names.has(`${name.slice(0, -4)}.pack`))
        packs.set(path, new Packfile(path, this.#cache, this.#options));
    }
    const news = packs.size;
    for (const [path, pack] of known) {
      if (names.has(`${path.slice(this.#directory.length + 1)}.idx`)) packs.set(path, pack);
      else this.#forget(pack);
    }
    if (news === 0 && packs.size === known.size && this.#packs !== undefined) return;
    this.#packs = packs;
    const merged = new Set(this.#merged?.packs);
    this.#single = [...packs.values()].filter((pack) => !merged.has(pack));
    this.#isMergeDue = this.#single.filter((pack) => !this.#large.has(pack)).length > MERGED_FROM;
  }

  close(): void {
    for (const pack of this.#open) pack.close();
    this.#open.clear();
  }

  #list(): ReadonlyMap<string, Packfile> {
    if (this.#packs === undefined) this.refresh();
    return this.#packs ?? new Map();
  }

  /** Packs that may hold an object. The lists are only ever replaced, so other objects may be looked for meanwhile. */
  *#candidates(oid: Oid): Generator<Packfile> {
    this.#prepare();
    yield* this.#single;
    yield* this.#mergedCandidates(oid);
  }

  #prepare(): void {
    this.#list();
    if (this.#isMergeDue) this.#merge();
  }

  #mergedCandidates(oid: Oid): Iterable<Packfile> {
    return this.#merged === undefined ? [] : this.#candidatesAmong(this.#merged, oid);
  }

  *#candidatesAmong({ lookup, packs }: MergedPacks, oid: Oid): Generator<Packfile> {
    for (const number of lookup.numbersOf(Number.parseInt(oid.slice(0, 8), 16))) {
      const pack = packs[number];
      if (pack !== undefined && this.#packs?.get(pack.path) === pack) yield pack;
    }
  }

  #merge(): void {
    this.#isMergeDue = false;
    const small: Packfile[] = [];
    const large: Packfile[] = [];
    const indexes: PackIndex[] = [];
    for (const pack of this.#list().values()) {
      const index = this.#usable(pack);
      if (index === undefined) continue;
      if (index.count > SMALL_PACK || small.length >= MOST_MERGED) {
        large.push(pack);
        continue;
      }
      small.push(pack);
      indexes.push(index);
    }
    this.#merged = { lookup: new PackLookup(indexes), packs: small };
    this.#single = large;
    this.#large = new Set(large);
  }

  #findIn(pack: Packfile, oid: Oid): PackedObject | undefined {
    this.#scratch.write(oid, 0, 20, "hex");
    return this.#lookIn(pack);
  }

  /** For the name in `#scratch`. */
  #lookIn(pack: Packfile): PackedObject | undefined {
    const index = pack.isOpen ? pack.index : this.#usable(pack);
    const position = index?.find(this.#scratch) ?? -1;
    if (position < 0 || (!pack.isOpen && !this.#attempt(pack, () => pack.file))) return undefined;
    this.#use(pack);
    return { kind: "packed", pack, position };
  }

  #usable(pack: Packfile): PackIndex | undefined {
    return this.#attempt(pack, () => pack.index);
  }

  #attempt<Result>(pack: Packfile, open: () => Result): Result | undefined {
    try {
      return open();
    } catch (error) {
      // A repack took it away; it counts again should it come back.
      if (systemCode(error) === "ENOENT") this.#drop(pack);
      else if (error instanceof DamagedData) this.#setAside(pack, error.message);
      else throw fromSystem(error, `read ${pack.path}`);
      return undefined;
    }
  }

  #setAside(pack: Packfile, why: string): void {
    this.#drop(pack);
    this.#unusable.set(pack.path, `${pack.path}.pack was left aside: ${why}`);
  }

  #drop(pack: Packfile): void {
    this.#forget(pack);
    this.#packs = new Map([...this.#list()].filter(([, other]) => other !== pack));
    this.#single = this.#single.filter((other) => other !== pack);
  }

  #forget(pack: Packfile): void {
    pack.close();
    this.#open.delete(pack);
    if (this.#recent === pack) this.#recent = undefined;
  }

  #use(pack: Packfile): void {
    if (this.#recent === pack) return;
    this.#recent = pack;
    this.#open.delete(pack);
    this.#open.add(pack);
  }

  #onOpen(pack: Packfile): void {
    this.#open.add(pack);
    for (const oldest of this.#open) {
      if (this.#open.size <= MOST_OPEN) return;
      oldest.close();
      this.#open.delete(oldest);
    }
  }
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `list ${path}: ${messageOf(error)}`);
  }
}
