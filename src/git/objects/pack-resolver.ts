import { crc32 } from "node:zlib";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import type { GitObject, ObjectKind, ObjectReader, Oid } from "../model.ts";
import { BaseCache } from "./base-cache.ts";
import { checkObject } from "./check-object.ts";
import { DamagedData } from "./damaged-data.ts";
import { deflate } from "./deflate.ts";
import { applyDelta } from "./delta.ts";
import { EntryTable } from "./entry-table.ts";
import { hashObjectBytes, startObjectHash } from "./hash-object.ts";
import { encodeEntryHeader, type EntryHeader } from "./pack-entry.ts";
import type { PackFile } from "./pack-file.ts";
import { TurnKeeper } from "./turn-keeper.ts";

const CACHE_LIMIT = 48 * 1024 * 1024;
/** Larger blobs are hashed without being held in memory. */
const STREAMED_FROM = 32 * 1024 * 1024;
/** Head and the shortest zlib stream. */
const SMALLEST_ENTRY = 9;
const NONE = -1;

export type ResolverOptions = {
  readonly signal: AbortSignal | undefined;
  readonly maxObjectBytes: number | undefined;
  readonly onObject: ((resolved: number) => void) | undefined;
};

/**
 * Finds out what each entry of a received pack is: its name, and that it is whole. One pass over the file settles
 * whole objects and deltas whose base is at hand; the other deltas follow from base to children, without recursion.
 * Where the pack is thin, the missing bases are appended to it from the store, as `git index-pack --fix-thin` does.
 */
export class PackResolver {
  readonly entries = new EntryTable();
  readonly #file: PackFile;
  readonly #options: ResolverOptions;
  readonly #turns: TurnKeeper;
  readonly #cache = new BaseCache<number>(CACHE_LIMIT);
  /** Of each entry; undefined while it is an unresolved delta. */
  readonly #kinds: (ObjectKind | undefined)[] = [];
  /** Of each delta: the entry that it builds upon, once known. */
  readonly #bases: number[] = [];
  /** Unresolved deltas as linked lists below their bases: small numbers only, for packs of millions. */
  readonly #firstChild: number[] = [];
  readonly #nextSibling: number[] = [];
  /** Deltas whose base is named and has not been seen yet. */
  readonly #waiting = new Map<Oid, number[]>();
  #resolved = 0;
  /** Deltas are needed for a moment only, and most are small. */
  readonly #scratch = Buffer.allocUnsafeSlow(64 * 1024);

  constructor(file: PackFile, options: ResolverOptions) {
    this.#file = file;
    this.#options = options;
    this.#turns = new TurnKeeper(options.signal);
  }

  /**
   * Goes through the whole file and resolves what can be resolved from it.
   * @param count what the pack's head declares
   * @throws DamagedData
   */
  async scan(count: number): Promise<void> {
    const end = this.#file.size - 20;
    if (count > (end - 12) / SMALLEST_ENTRY)
      throw new DamagedData("short", `the pack cannot hold the ${count} objects that it declares`);
    let offset = 12;
    for (let index = 0; index < count; index++) {
      const next = this.#scanEntry(offset);
      if (next > end) throw new DamagedData("short", "the pack ends within an object");
      if (this.#turns.isDue(next - offset)) await this.#turns.turn();
      offset = next;
    }
    if (offset !== end)
      throw new DamagedData("bad", `the pack goes on for ${end - offset} bytes after its last object`);
    for (let index = 0; index < count; index++) this.#bindWaiting(index);
    for (let index = 0; index < count; index++) await this.#settleBelow(index);
  }

  /**
   * Fetches the bases that the pack leaves out and resolves the rest.
   * @param handle of the same file, writable
   * @returns where the pack's checksum belongs now
   * @throws DamagedData when there is a delta whose base is nowhere
   */
  async complete(store: ObjectReader, handle: number): Promise<number> {
    let end = this.#file.size - 20;
    for (const oid of this.#waiting.keys()) {
      if (!this.#waiting.has(oid) || !store.has(oid)) continue;
      const base = store.read(oid);
      const entry = Buffer.concat([encodeEntryHeader(base.kind, base.bytes.length), deflate(base.bytes)]);
      try {
        writeFully(handle, entry, end);
      } catch (error) {
        throw fromSystem(error, "complete the pack");
      }
      const index = this.#add(end, crc32(entry), NONE);
      this.#settle(index, base, Buffer.from(oid, "hex"));
      end += entry.length;
      this.#file.extendTo(end);
      this.#bindWaiting(index);
      await this.#settleBelow(index);
    }
    const left = this.entries.count - this.#resolved;
    if (left > 0)
      throw new DamagedData("bad", `${left} objects build upon others that are neither in the pack nor here`);
    return end;
  }

  /** @returns where the entry ends */
  #scanEntry(offset: number): number {
    const header = this.#file.header(offset);
    this.#checkSize(header.size);
    if (header.type === "object") {
      if (header.kind === "blob" && header.size > STREAMED_FROM) return this.#scanLargeBlob(offset, header);
      const { bytes, end, crc } = this.#file.inflate(offset, header);
      checkObject(header.kind, bytes);
      this.#settle(
        this.#add(offset, crc, NONE),
        { kind: header.kind, bytes },
        hashObjectBytes(header.kind, bytes),
      );
      return end;
    }
    const delta = this.#file.inflate(offset, header, this.#scratch);
    if (header.type === "ref-delta") {
      const index = this.#add(offset, delta.crc, NONE);
      const others = this.#waiting.get(header.base);
      if (others === undefined) this.#waiting.set(header.base, [index]);
      else others.push(index);
      return delta.end;
    }
    const base = this.#entryAt(offset - header.distance);
    const index = this.#add(offset, delta.crc, base);
    const baseObject = this.#cache.get(base);
    if (baseObject === undefined) this.#adopt(base, index);
    else this.#settleDelta(index, baseObject, delta.bytes);
    return delta.end;
  }

  #scanLargeBlob(offset: number, header: EntryHeader): number {
    const hasher = startObjectHash("blob", header.size);
    const chunks = this.#file.chunks(offset, header);
    for (let step = chunks.next(); ; step = chunks.next()) {
      if (step.done === true) {
        const index = this.#add(offset, step.value.crc, NONE);
        this.#name(index, "blob", hasher.digest());
        return step.value.end;
      }
      hasher.update(step.value);
    }
  }

  /** Resolves everything that builds upon a resolved entry, directly or not. */
  async #settleBelow(root: number): Promise<void> {
    if (this.#kinds[root] === undefined || this.#firstChild[root] === NONE) return;
    const stack = [root];
    for (let parent = stack.pop(); parent !== undefined; parent = stack.pop()) {
      const base = this.#objectAt(parent);
      for (
        let child = this.#firstChild[parent] ?? NONE;
        child !== NONE;
        child = this.#nextSibling[child] ?? NONE
      ) {
        const delta = this.#deltaAt(child);
        this.#settleDelta(child, base, delta);
        this.#bindWaiting(child);
        if (this.#firstChild[child] !== NONE) stack.push(child);
        if (this.#turns.isDue(delta.length + base.bytes.length)) await this.#turns.turn();
      }
      this.#firstChild[parent] = NONE;
    }
  }

  #settleDelta(index: number, base: GitObject, delta: Uint8Array): void {
    const bytes = applyDelta(base.bytes, delta);
    this.#checkSize(bytes.length);
    checkObject(base.kind, bytes);
    this.#settle(index, { kind: base.kind, bytes }, hashObjectBytes(base.kind, bytes));
  }

  #settle(index: number, object: GitObject, oid: Uint8Array): void {
    this.#cache.set(index, object);
    this.#name(index, object.kind, oid);
  }

  #name(index: number, kind: ObjectKind, oid: Uint8Array): void {
    this.entries.name(index, oid);
    this.#kinds[index] = kind;
    this.#resolved++;
    this.#options.onObject?.(this.#resolved);
  }

  /** Rebuilds a resolved entry's object from what is nearest in the cache; chains may be thousands deep. */
  #objectAt(index: number): GitObject {
    const chain: number[] = [];
    let at = index;
    let object = this.#cache.get(at);
    for (; object === undefined; object = this.#cache.get(at)) {
      const base = this.#bases[at] ?? NONE;
      if (base === NONE) {
        object = this.#wholeAt(at);
        break;
      }
      chain.push(at);
      at = base;
    }
    for (let next = chain.pop(); next !== undefined; next = chain.pop()) {
      object = { kind: object.kind, bytes: applyDelta(object.bytes, this.#deltaAt(next)) };
      this.#cache.set(next, object);
    }
    return object;
  }

  #wholeAt(index: number): GitObject {
    const offset = this.entries.offsets[index] ?? 0;
    const header = this.#file.header(offset);
    const object = { kind: this.#kinds[index] ?? "blob", bytes: this.#file.inflate(offset, header).bytes };
    this.#cache.set(index, object);
    return object;
  }

  /** Valid until the next delta is asked for. */
  #deltaAt(index: number): Uint8Array {
    const offset = this.entries.offsets[index] ?? 0;
    return this.#file.inflate(offset, this.#file.header(offset), this.#scratch).bytes;
  }

  /** Links the deltas that wait for this entry's name. */
  #bindWaiting(index: number): void {
    if (this.#waiting.size === 0 || this.#kinds[index] === undefined) return;
    const oid = this.entries.oidAt(index);
    for (const waiter of this.#waiting.get(oid) ?? []) {
      this.#bases[waiter] = index;
      this.#adopt(index, waiter);
    }
    this.#waiting.delete(oid);
  }

  #adopt(base: number, child: number): void {
    this.#nextSibling[child] = this.#firstChild[base] ?? NONE;
    this.#firstChild[base] = child;
  }

  #add(offset: number, crc: number, base: number): number {
    this.#kinds.push(undefined);
    this.#bases.push(base);
    this.#firstChild.push(NONE);
    this.#nextSibling.push(NONE);
    return this.entries.add(offset, crc, undefined);
  }

  #entryAt(offset: number): number {
    const { offsets } = this.entries;
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    if (offsets[low] !== offset) throw new DamagedData("bad", "a delta names a base where no object starts");
    return low;
  }

  #checkSize(size: number): void {
    const { maxObjectBytes } = this.#options;
    if (maxObjectBytes !== undefined && size > maxObjectBytes) {
      throw new DamagedData("bad", `an object has ${size} bytes, more than the limit of ${maxObjectBytes}`);
    }
  }
}
