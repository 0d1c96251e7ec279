import { readdirSync } from "node:fs";

import { fromSystem, messageOf, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { BaseCache } from "./base-cache.ts";
import { DamagedData } from "./damaged-data.ts";
import { isOid } from "./hash-object.ts";
import type { PackIndex } from "./pack-index.ts";
import { Packfile } from "./packfile.ts";

export type PackedObject = { readonly kind: "packed"; readonly pack: Packfile; readonly position: number };

const CACHE_LIMIT = 32 * 1024 * 1024;
/** Far below the usual limit of 1024 (256 on macOS) handles of a process. */
const MOST_OPEN = 64;

/** The packs of a repository. The one that had the last object asked for is asked first. */
export class PackDirectory {
  readonly #directory: string;
  readonly #cache = new BaseCache<string>(CACHE_LIMIT);
  readonly #unusable = new Map<string, string>();
  readonly #scratch = Buffer.alloc(20);
  #packs: readonly Packfile[] | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** One line for each pack that was left aside because it or its index is damaged. */
  get unusable(): readonly string[] {
    return [...this.#unusable.values()];
  }

  find(oid: Oid): PackedObject | undefined {
    for (const found of this.findAll(oid)) return found;
    return undefined;
  }

  /** Finds each copy of an object; a good one may exist beside a damaged one. */
  *findAll(oid: Oid): Generator<PackedObject> {
    if (!isOid(oid)) return;
    // The list is only ever replaced, so a caller may look for other objects between two copies.
    for (const pack of this.#list()) {
      this.#scratch.write(oid, 0, 20, "hex");
      const position = this.#usable(pack)?.find(this.#scratch) ?? -1;
      if (position < 0 || !this.#attempt(pack, () => pack.file)) continue;
      this.#moveToFront(pack);
      yield { kind: "packed", pack, position };
    }
  }

  /** Returns the names that start with these digits, at most `limit`. */
  withPrefix(prefix: string, limit: number): Oid[] {
    const found: Oid[] = [];
    const first = Buffer.from(prefix.padEnd(40, "0"), "hex");
    for (const pack of this.#list()) {
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
    const known = new Map((this.#packs ?? []).map((pack) => [pack.path, pack]));
    const packs: Packfile[] = [];
    for (const pack of known.values()) {
      if (names.has(`${pack.path.slice(this.#directory.length + 1)}.idx`)) packs.push(pack);
      else pack.close();
    }
    for (const name of names) {
      const path = `${this.#directory}/${name.slice(0, -4)}`;
      const isNew = name.endsWith(".idx") && !known.has(path) && !this.#unusable.has(path);
      if (isNew && names.has(`${name.slice(0, -4)}.pack`)) packs.unshift(new Packfile(path, this.#cache));
    }
    this.#packs = packs;
  }

  close(): void {
    for (const pack of this.#packs ?? []) pack.close();
  }

  #list(): readonly Packfile[] {
    if (this.#packs === undefined) this.refresh();
    return this.#packs ?? [];
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
    pack.close();
    this.#packs = this.#packs?.filter((other) => other !== pack);
  }

  #moveToFront(pack: Packfile): void {
    const packs = this.#packs ?? [];
    if (packs[0] === pack) return;
    this.#packs = [pack, ...packs.filter((other) => other !== pack)];
    if (packs.length <= MOST_OPEN) return;
    for (const old of this.#packs.filter((other) => other.isOpen).slice(MOST_OPEN)) old.close();
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
