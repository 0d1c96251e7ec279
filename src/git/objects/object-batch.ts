import { existsSync, readSync, rmSync, utimesSync } from "node:fs";

import { syncDirectory } from "../../base/atomic-file.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { fromSystem, LullError } from "../../base/errors.ts";
import type { GitObject, ObjectBatch, ObjectKind, Oid } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { STREAM_THRESHOLD } from "./deflate.ts";
import { hashObject } from "./hash-object.ts";
import { makeTemporaryDirectory } from "./install-pack.ts";
import { isWholeLoose, loosePath, syncLoose, writeLoose } from "./loose-object.ts";
import { LooseNames } from "./loose-names.ts";
import type { ObjectStore } from "./object-store.ts";
import { PackWriter, type PackWriterOptions } from "./pack-writer.ts";

/** From this many objects on they become one pack: on ext4 a synced pack of 10,000 took 0.09 x of the loose files' time. */
const PACK_FROM = 10;
/** What waits for the decision between loose and pack stays in memory. */
const MOST_PENDING_BYTES = 16 * 1024 * 1024;
const READ_SIZE = 1024 * 1024;
/** Of new trees that are kept until `finish`; a merge or a commit of 1 % of 10,000 files has 200 KB. */
const MOST_TREE_BYTES = 1024 * 1024;

/**
 * Starts a batch of new objects; several may be open at once. After `finish` it is empty and may be used again.
 */
export function openObjectBatch(store: ObjectStore, options: ObjectBatchOptions = {}): ObjectBatch {
  return new DiskBatch(store, options);
}

export type ObjectBatchOptions = PackWriterOptions & {
  /** Tells when objects that are there already were used last. */
  readonly clock?: Clock;
};

class DiskBatch implements ObjectBatch {
  readonly #store: ObjectStore;
  readonly #objects: string;
  readonly #clock: Clock;
  readonly #writing: PackWriterOptions;
  readonly #pending = new Map<Oid, GitObject>();
  #pendingBytes = 0;
  #directory: string | undefined;
  #writer: PackWriter | undefined;
  readonly #keeps: Disposable[] = [];
  /** Objects whose loose file is there but damaged; the batch writes them anew. */
  readonly #torn = new Set<Oid>();
  /** New ones, kept for the checkout or the scan that follows. */
  readonly #trees = new Map<Oid, GitObject>();
  #treeBytes = 0;
  #loose: LooseNames | undefined;
  readonly #freshPacks = new Map<string, boolean>();
  /** Folders of objects that are there already but whose names may not have reached the disk. */
  readonly #reliedOn = new Set<string>();

  constructor(store: ObjectStore, { clock = systemClock, ...writing }: ObjectBatchOptions) {
    this.#store = store;
    this.#objects = `${store.gitDirectory}/objects`;
    this.#clock = clock;
    this.#writing = writing;
  }

  has(oid: Oid): boolean {
    return this.#isNew(oid) || this.#store.has(oid);
  }

  read(oid: Oid): GitObject {
    return (
      this.#pending.get(oid) ?? this.#written(oid, (writer) => writer.read(oid)) ?? this.#store.read(oid)
    );
  }

  header(oid: Oid): { readonly kind: ObjectKind; readonly size: number } {
    const pending = this.#pending.get(oid);
    if (pending !== undefined) return { kind: pending.kind, size: pending.bytes.length };
    return this.#written(oid, (writer) => writer.header(oid)) ?? this.#store.header(oid);
  }

  write(kind: ObjectKind, bytes: Uint8Array): Oid {
    const oid = hashObject(kind, bytes);
    if (this.#isNew(oid) || this.#isStored(oid)) return oid;
    if (kind === "tree") this.#noteTree(oid, bytes);
    const isSmall =
      bytes.length <= STREAM_THRESHOLD && this.#pendingBytes + bytes.length <= MOST_PENDING_BYTES;
    if (this.#writer === undefined && isSmall && this.#pending.size + 1 < PACK_FROM) {
      // A copy: the caller may reuse its buffer.
      this.#pending.set(oid, { kind, bytes: Buffer.from(bytes) });
      this.#pendingBytes += bytes.length;
    } else {
      this.#openWriter().add(oid, kind, bytes);
    }
    return oid;
  }

  writeBlobFrom(handle: number, size: number): Oid {
    if (size > STREAM_THRESHOLD) {
      const isKnown = (oid: Oid): boolean => this.#isNew(oid) || this.#isStored(oid);
      return this.#openWriter().addStream("blob", size, fileChunks(handle, size), isKnown);
    }
    const bytes = Buffer.allocUnsafe(size);
    let filled = 0;
    for (const chunk of fileChunks(handle, size)) {
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    return this.write("blob", bytes);
  }

  finish(): void {
    // A `git gc` may have packed what was in such a folder, and removed it.
    for (const folder of this.#reliedOn) if (existsSync(folder)) syncDirectory(folder);
    if (this.#writer !== undefined) {
      if (this.#writer.count > 0) this.#keeps.push(this.#writer.finish(this.#store.gitDirectory).keep);
      // Now that the pack holds them; git would go on complaining about the damaged files.
      for (const oid of this.#torn)
        if (this.#writer.has(oid)) rmSync(loosePath(this.#objects, oid), { force: true });
      this.#store.refresh();
    } else if (this.#pending.size > 0) {
      const news = [...this.#pending].map(([oid, object]) => ({ oid, ...object }));
      writeLoose(this.#objects, this.#temporaryDirectory(), news);
    }
    for (const [oid, tree] of this.#trees) this.#store.keepTree(oid, tree);
    this.#forget();
  }

  discard(): void {
    this.#forget();
    for (const keep of this.#keeps.splice(0)) keep[Symbol.dispose]();
  }

  #forget(): void {
    this.#writer?.close();
    this.#writer = undefined;
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#torn.clear();
    this.#trees.clear();
    this.#treeBytes = 0;
    this.#loose = undefined;
    this.#freshPacks.clear();
    this.#reliedOn.clear();
  }

  #noteTree(oid: Oid, bytes: Uint8Array): void {
    this.#treeBytes += bytes.length;
    // A copy: the caller may reuse its buffer.
    if (this.#treeBytes <= MOST_TREE_BYTES) this.#trees.set(oid, { kind: "tree", bytes: Buffer.from(bytes) });
  }

  #isNew(oid: Oid): boolean {
    return this.#pending.has(oid) || this.#writer?.has(oid) === true;
  }

  /** Tells whether the store has the object whole, and keeps a `git gc` from pruning it before it is referenced. */
  #isStored(oid: Oid): boolean {
    const location = this.#store.locate(oid, (this.#loose ??= new LooseNames(this.#objects)));
    if (location === undefined) return false;
    if (location.kind === "packed") return this.#freshenPack(`${location.pack.path}.pack`);
    if (location.size > 0 && isWholeLoose(this.#objects, oid)) return this.#relyOnLoose(oid);
    this.#torn.add(oid);
    return false;
  }

  #relyOnLoose(oid: Oid): boolean {
    // Before the new time is set, which would make each sync wait for the disk.
    syncLoose(this.#objects, oid);
    this.#reliedOn.add(`${this.#objects}/${oid.slice(0, 2)}`);
    return this.#freshen(loosePath(this.#objects, oid));
  }

  #freshenPack(path: string): boolean {
    this.#reliedOn.add(`${this.#objects}/pack`);
    const done = this.#freshPacks.get(path);
    if (done !== undefined) return done;
    const result = this.#freshen(path);
    this.#freshPacks.set(path, result);
    return result;
  }

  /** Marks a file as used now. When that is not possible the object is written anew, as git does. */
  #freshen(path: string): boolean {
    try {
      const now = this.#clock.now() / 1000;
      utimesSync(path, now, now);
      return true;
    } catch {
      return false;
    }
  }

  #openWriter(): PackWriter {
    if (this.#writer !== undefined) return this.#writer;
    const writer = new PackWriter(this.#temporaryDirectory(), this.#writing);
    this.#writer = writer;
    for (const [oid, { kind, bytes }] of this.#pending) writer.add(oid, kind, bytes);
    this.#pending.clear();
    return writer;
  }

  #temporaryDirectory(): string {
    return (this.#directory ??= makeTemporaryDirectory(this.#store.gitDirectory, "batch"));
  }

  #written<Result>(oid: Oid, use: (writer: PackWriter) => Result | undefined): Result | undefined {
    try {
      return this.#writer === undefined ? undefined : use(this.#writer);
    } catch (error) {
      throw error instanceof DamagedData ? objectCorrupt(oid, error.message, error) : error;
    }
  }
}

/**
 * Reads an open file from its start in pieces that share one buffer.
 * @throws LullError `FILE_CHANGED` when there are not exactly `size` bytes
 */
function* fileChunks(handle: number, size: number): Generator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_SIZE, size + 1));
  for (let at = 0; ;) {
    // One byte more than declared is asked for, to see that there is none.
    const count = readSome(handle, buffer, Math.min(buffer.length, size + 1 - at), at);
    at += count;
    if (at > size || (count === 0 && at < size)) throw fileChanged(size);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

function readSome(handle: number, buffer: Buffer, length: number, position: number): number {
  try {
    return readSync(handle, buffer, 0, length, position);
  } catch (error) {
    throw fromSystem(error, "read a file to be stored");
  }
}

function fileChanged(size: number): LullError {
  return new LullError({
    kind: "failed",
    code: "FILE_CHANGED",
    message: `a file changed while it was read; it had ${size} bytes before`,
    hint: "nothing was stored of it; the next sync takes it as it is then",
  });
}
