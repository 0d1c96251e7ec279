/**
 * The objects of one repository: loose files and packs below `objects/`, read and written as git does. This folder
 * owns the bytes of objects and their durability; it must not know refs, the index, the work tree or who asks.
 * Everything that is read was verified against a checksum; everything that is written is synced before anybody may
 * refer to it. Reading starts here, writing at `object-batch.ts`, packs from outside come in by `ingest-pack.ts`, packs for
 * others leave by `pack-stream.ts`. Sha256 and worktrees are refused before a store is opened.
 */
import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem, type LullError } from "../../base/errors.ts";
import { EMPTY_TREE, type GitObject, type ObjectKind, type ObjectReader, type Oid } from "../model.ts";
import { alternateFolders } from "./alternates.ts";
import { BaseCache } from "./base-cache.ts";
import { DamagedData, objectCorrupt, objectMissing } from "./damaged-data.ts";
import { isOid } from "./hash-object.ts";
import { looseSize, looseWithPrefix, openLoose, readLoose, readLooseHeader } from "./loose-object.ts";
import { type OpenedObject, type OpenOptions, wholeObject } from "./opened-object.ts";
import type { LooseNames } from "./loose-names.ts";
import type { RecentObjects } from "./recent-objects.ts";
import { PackDirectory, type PackedObject } from "./pack-directory.ts";

export type ObjectStore = ObjectReader & {
  readonly gitDirectory: string;
  /**
   * Where an object lies, without looking for new packs; undefined when it lies nowhere. A loose file of size 0 is
   * what a power cut left: it holds no object.
   * @param loose spares a look at the file system where it knows that there is no file
   */
  locate(oid: Oid, loose?: LooseNames): ObjectLocation | undefined;
  /** As `locate`, in packs only: for who has no use for the size of a loose file, which costs a system call. */
  packed(oid: Oid): PackedObject | undefined;
  /** Finds the one object whose name starts with these digits (four or more); the word `ambiguous` for several. */
  resolvePrefix(prefix: string): string | undefined;
  /**
   * Content piece by piece, each piece valid until the next one is asked for. What goes through here is verified
   * only when the last piece was taken: throw away what was made of it should an error follow.
   */
  chunks(oid: Oid): Generator<Uint8Array>;
  /**
   * Looks an object up once and gives it whole when it has at most `wholeUpTo` bytes, else piece by piece as `chunks`
   * does. What lies as a delta may come whole up to 32 MB.
   */
  open(oid: Oid, options: OpenOptions): OpenedObject;
  /** Writes a blob of any size to an open file in little memory; as `chunks` for errors. */
  copyBlobTo(oid: Oid, handle: number): void;
  /** Takes notice of packs that were added or removed. Happens by itself when an object is not found. */
  refresh(): void;
  /** Objects of its packs that are in memory and are about to be read. Kept until others come, or `close`. */
  keepRecent(objects: RecentObjects): void;
  /** What `keepRecent` was given, if it is still there. */
  readonly recent: RecentObjects | undefined;
  /** A tree that was written just now, for whoever compares with it next. */
  keepTree(oid: Oid, tree: GitObject): void;
  /** Gives file handles and memory back; the store may still be used. */
  close(): void;
};

export type ObjectLocation = PackedObject | { readonly kind: "loose"; readonly size: number };

/** @param gitDirectory the `.git` folder, or a bare repository */
export function openObjectStore(gitDirectory: string): ObjectStore {
  return new DiskStore(gitDirectory);
}

const EMPTY_TREE_OBJECT: GitObject = { kind: "tree", bytes: new Uint8Array(0) };
/** Of trees that were read last; 20 KB is a folder of 500 files. */
const TREE_BYTES = 4 * 1024 * 1024;
/** Digits of a prefix below which git refuses to look. */
const SHORTEST_PREFIX = 4;

type Copy = PackedObject | { readonly kind: "loose"; readonly objects: string };

/** A place for objects: the repository's own, or one that it borrows from (`info/alternates`). */
type Folder = { readonly objects: string; readonly packs: PackDirectory };

class DiskStore implements ObjectStore {
  readonly gitDirectory: string;
  /** The own one first. */
  readonly #folders: readonly Folder[];
  #recent: RecentObjects | undefined;
  /** A fetch, a merge and a checkout each compare the same folders; those of their two hundred change hands in between. */
  #trees = new BaseCache<Oid>(TREE_BYTES);

  constructor(gitDirectory: string) {
    this.gitDirectory = gitDirectory;
    const own = `${gitDirectory}/objects`;
    this.#folders = [own, ...alternateFolders(own)].map((objects) => ({
      objects,
      packs: new PackDirectory(`${objects}/pack`, gitDirectory),
    }));
  }

  has(oid: Oid): boolean {
    if (oid === EMPTY_TREE || this.#isStored(oid)) return true;
    if (!isOid(oid)) return false;
    this.refresh();
    return this.#isStored(oid);
  }

  locate(oid: Oid, loose?: LooseNames): ObjectLocation | undefined {
    if (!isOid(oid)) return undefined;
    let empty: ObjectLocation | undefined;
    for (const [place, { objects, packs }] of this.#folders.entries()) {
      const packed = packs.find(oid);
      if (packed !== undefined) return packed;
      // The names that the caller listed are those of the own folder.
      if (place === 0 && loose?.isSurelyAbsent(oid) === true) continue;
      const size = looseSize(objects, oid);
      if (size !== undefined && size > 0) return { kind: "loose", size };
      if (size !== undefined) empty ??= { kind: "loose", size };
    }
    return empty;
  }

  packed(oid: Oid): PackedObject | undefined {
    for (const { packs } of this.#folders) {
      const found = packs.find(oid);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  read(oid: Oid): GitObject {
    const known = this.#trees.get(oid) ?? this.#recent?.get(oid);
    if (known !== undefined) return known;
    const object =
      this.#fromAnyCopy(oid, (copy) =>
        copy.kind === "packed" ? copy.pack.read(copy.position, oid) : readLoose(copy.objects, oid),
      ) ?? this.#known(oid);
    if (object.kind === "tree") this.#trees.set(oid, object);
    return object;
  }

  header(oid: Oid): { readonly kind: ObjectKind; readonly size: number } {
    const found = this.#fromAnyCopy(oid, (copy) =>
      copy.kind === "packed" ? copy.pack.header(copy.position) : readLooseHeader(copy.objects, oid),
    );
    if (found !== undefined) return found;
    const { kind, bytes } = this.#known(oid);
    return { kind, size: bytes.length };
  }

  open(oid: Oid, options: OpenOptions): OpenedObject {
    const { wholeUpTo } = options;
    const recent = this.#trees.get(oid) ?? this.#recent?.get(oid);
    if (recent !== undefined && recent.bytes.length <= wholeUpTo) return wholeObject(recent);
    const found = this.#fromAnyCopy(oid, (copy) =>
      copy.kind === "packed"
        ? copy.pack.open(copy.position, oid, options)
        : openLoose(copy.objects, oid, wholeUpTo),
    );
    if (found === undefined) return wholeObject(this.#known(oid));
    return found.bytes === undefined ? { ...found, chunks: namedErrors(found.chunks, oid) } : found;
  }

  *chunks(oid: Oid): Generator<Uint8Array> {
    const opened = this.open(oid, { wholeUpTo: 0 });
    if (opened.bytes === undefined) yield* opened.chunks;
    else yield opened.bytes;
  }

  copyBlobTo(oid: Oid, handle: number): void {
    for (const chunk of this.chunks(oid)) {
      try {
        writeFully(handle, chunk);
      } catch (error) {
        throw fromSystem(error, `write the content of object ${oid}`);
      }
    }
  }

  resolvePrefix(prefix: string): string | undefined {
    const digits = prefix.toLowerCase();
    if (digits.length < SHORTEST_PREFIX || !/^[0-9a-f]{1,40}$/.test(digits)) return undefined;
    const found = new Set(
      this.#folders.flatMap(({ objects, packs }) => [
        ...packs.withPrefix(digits, 2),
        ...looseWithPrefix(objects, digits),
      ]),
    );
    if (found.size > 1) return "ambiguous";
    const [oid] = found;
    return oid;
  }

  refresh(): void {
    for (const { packs } of this.#folders) packs.refresh();
  }

  keepRecent(objects: RecentObjects): void {
    this.#recent = objects;
  }

  get recent(): RecentObjects | undefined {
    return this.#recent;
  }

  keepTree(oid: Oid, tree: GitObject): void {
    this.#trees.set(oid, tree);
  }

  close(): void {
    this.#recent = undefined;
    this.#trees = new BaseCache(TREE_BYTES);
    for (const { packs } of this.#folders) packs.close();
  }

  #isStored(oid: Oid): boolean {
    const location = this.locate(oid);
    return location?.kind === "packed" || (location?.size ?? 0) > 0;
  }

  /**
   * Tries every copy of an object until one is whole: packs first, then the loose file, then once more after a look
   * for new packs (a repack may have moved the object in between).
   * @returns undefined when there is no copy
   * @throws LullError `OBJECT_CORRUPT` when there are only damaged ones
   */
  #fromAnyCopy<Result>(oid: Oid, use: (copy: Copy) => Result | undefined): Result | undefined {
    const usual = this.#fromUsualCopy(oid, use);
    if (usual !== undefined || !isOid(oid)) return usual;
    let damage: LullError | undefined;
    for (const attempt of ["first", "after a refresh"]) {
      if (attempt !== "first") this.refresh();
      for (const copy of this.#copies(oid)) {
        try {
          const result = use(copy);
          if (result !== undefined) return result;
        } catch (error) {
          const corrupt = named(error, oid);
          // A failing disk must not look like a damaged or missing object.
          if (corrupt.code !== "OBJECT_CORRUPT") throw corrupt;
          damage ??= corrupt;
        }
      }
    }
    if (damage !== undefined) throw damage;
    return undefined;
  }

  /** The first packed copy or else the loose one, without the ado for which a damaged or missing one is the reason. */
  #fromUsualCopy<Result>(oid: Oid, use: (copy: Copy) => Result | undefined): Result | undefined {
    const [own] = this.#folders;
    const packed = own?.packs.find(oid);
    if (own === undefined || (packed === undefined && !isOid(oid))) return undefined;
    try {
      return use(packed ?? { kind: "loose", objects: own.objects });
    } catch (error) {
      const corrupt = named(error, oid);
      if (corrupt.code !== "OBJECT_CORRUPT") throw corrupt;
      return undefined;
    }
  }

  *#copies(oid: Oid): Generator<Copy> {
    for (const { objects, packs } of this.#folders) {
      yield* packs.findAll(oid);
      yield { kind: "loose", objects };
    }
  }

  #known(oid: Oid): GitObject {
    if (oid === EMPTY_TREE) return EMPTY_TREE_OBJECT;
    throw objectMissing(
      oid,
      this.#folders.flatMap(({ packs }) => packs.unusable),
    );
  }
}

function* namedErrors(chunks: Generator<Uint8Array>, oid: Oid): Generator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    throw named(error, oid);
  }
}

function named(error: unknown, oid: Oid): LullError {
  return error instanceof DamagedData
    ? objectCorrupt(oid, error.message, error)
    : fromSystem(error, `read object ${oid}`);
}
