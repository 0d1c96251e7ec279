import type { ObjectKind } from "../model.ts";
import { appendBase, openBase } from "./append-base.ts";
import { DamagedData } from "./damaged-data.ts";
import { EntryContents } from "./entry-contents.ts";
import type { EntryLane } from "./entry-lane.ts";
import type { ReadEntry } from "./entry-feed.ts";
import { EntryTable } from "./entry-table.ts";
import { startObjectHash } from "./hash-object.ts";
import type { KeptContents } from "./kept-contents.ts";
import { type Content, hashContent, type SpoolPlace } from "./large-content.ts";
import { ObjectLinks } from "./object-links.ts";
import type { ObjectStore } from "./object-store.ts";
import { OidTable } from "./oid-table.ts";
import { type EntryHeader, LONGEST_ENTRY_HEADER } from "./pack-entry.ts";
import { mostBytes, type PackFile, TRAILER } from "./pack-file.ts";
import { RecentObjects } from "./recent-objects.ts";
import { TurnKeeper } from "./turn-keeper.ts";

/**
 * Larger blobs are hashed without being held in memory; one that a delta builds upon is read a second time then. With
 * 32 MB a pack of 30 x 20 MB peaked at 246 MB.
 */
const STREAMED_FROM = 4 * 1024 * 1024;
/** Head and the shortest zlib stream. */
const SMALLEST_ENTRY = 9;
const NONE = -1;
/** Numbers by kind; 0 is a delta that is not resolved yet. */
const KINDS: readonly (ObjectKind | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];

export type ResolverOptions = {
  /** Of contents that are too large for memory. */
  readonly place: SpoolPlace;
  readonly signal: AbortSignal | undefined;
  readonly maxObjectBytes: number | undefined;
  readonly onObject: ((resolved: number) => void) | undefined;
};

/**
 * Finds out what each entry of a received pack is: its name, and that it is whole. One pass over the file settles
 * whole objects and deltas whose base is at hand; the other deltas follow depth first from base to children, so that
 * each base is rebuilt about once, without recursion. Where the pack is thin, the missing bases are appended to it from
 * the store, as `git index-pack --fix-thin` does. About 75 bytes an object, in columns, besides the contents.
 */
export class PackResolver implements Disposable {
  readonly entries = new EntryTable();
  readonly links = new ObjectLinks();
  readonly #file: PackFile;
  readonly #options: ResolverOptions;
  #lane: EntryLane | undefined;
  readonly #turns: TurnKeeper;
  readonly #contents: EntryContents;
  /** Where the next entry starts. */
  #offset = 12;
  /** False when what came needs a look at the whole pack. */
  #isFollowing = true;
  #kinds = new Uint8Array(0);
  /** Of each delta: the entry that it builds upon, once known. */
  #bases = new Int32Array(0);
  /** Unresolved deltas as linked lists below their bases. */
  #firstChild = new Int32Array(0);
  #nextSibling = new Int32Array(0);
  /** Bases that are named and have not been seen yet; of each, a list of deltas by `#nextSibling`. */
  readonly #awaited = new OidTable();
  readonly #firstWaiter: number[] = [];
  #waiting = 0;
  #resolved = 0;

  constructor(file: PackFile, options: ResolverOptions) {
    this.#file = file;
    this.#contents = new EntryContents(file, options.place);
    this.#options = options;
    this.#turns = new TurnKeeper(options.signal);
  }

  /** From now on a second thread reads ahead; only before the first entry. */
  useLane(lane: EntryLane): void {
    this.#lane = lane;
  }

  /**
   * Takes in hand the entries that are in the file already, so that the sender's work and this go on at the same time.
   * What seems damaged may be whole when the rest has come: it is left to `scan`, as is everything after it.
   * @param size of the file so far; without a lane at least `FOLLOWED_FROM`
   * @param count as for `scan`
   */
  async follow(size: number, count: number): Promise<void> {
    const news = size - this.#file.size;
    this.#file.growTo(size);
    // The pieces that came are garbage, too.
    if (this.#turns.isDue(news)) await this.#turns.turn();
    this.#lane?.offer(size, false);
    while (this.#isFollowing && this.entries.count < count) {
      try {
        const isTurnDue = this.#followNext(size - TRAILER, count);
        if (isTurnDue === undefined) return;
        if (isTurnDue) await this.#turns.turn();
      } catch (error) {
        if (!(error instanceof DamagedData)) throw error;
        this.#isFollowing = false;
      }
    }
  }

  /**
   * Goes through the (rest of the) file and resolves what can be resolved from it.
   * @param count what the pack's head declares
   * @throws DamagedData
   */
  async scan(count: number): Promise<void> {
    const end = this.#file.size - TRAILER;
    if (count > (end - 12) / SMALLEST_ENTRY)
      throw new DamagedData("short", `the pack cannot hold the ${count} objects that it declares`);
    this.#prepareFor(count);
    this.#lane?.offer(this.#file.size, true);
    while (this.entries.count < count) {
      const read = this.#fromLane((lane) => lane.takeInTime());
      const isTurnDue =
        read === undefined ? this.#scanNext(this.#file.header(this.#offset)) : this.#takeEntry(read);
      if (this.#offset > end) throw new DamagedData("short", "the pack ends within an object");
      if (isTurnDue) await this.#turns.turn();
    }
    if (this.#offset !== end)
      throw new DamagedData("bad", `the pack goes on for ${end - this.#offset} bytes after its last object`);
    for (let index = 0; index < count; index++) this.#bindWaiting(index);
    for (let index = 0; index < count; index++) await this.#settleBelow(index);
  }

  /**
   * Fetches the bases that the pack leaves out and resolves the rest.
   * @param handle of the same file, writable
   * @returns where the pack's checksum belongs now
   * @throws DamagedData when there is a delta whose base is nowhere
   */
  async complete(store: ObjectStore, handle: number): Promise<number> {
    let end = this.#file.size - TRAILER;
    for (let number = 0; this.#waiting > 0 && number < this.#awaited.count; number++) {
      const oid = this.#awaited.oidAt(number);
      if (this.#firstWaiter[number] === NONE || !store.has(oid)) continue;
      const { kind, content } = openBase(store, oid, this.#options.place);
      const written = appendBase(handle, end, { kind, content });
      this.#prepareFor(this.entries.count + 1);
      const index = this.entries.add(end, written.crc, undefined);
      this.#kept.keepLarge(index, content);
      const name = Buffer.from(oid, "hex");
      this.links.addKnown(kind, name);
      this.#name(index, kind, name);
      end = written.end;
      this.#file.extendTo(end);
      this.#bindWaiting(index);
      await this.#settleBelow(index);
    }
    const left = this.entries.count - this.#resolved;
    if (left > 0)
      throw new DamagedData("bad", `${left} objects build upon others that are neither in the pack nor here`);
    return end;
  }

  /** The contents that are still in memory; only when all is done. */
  recent(): RecentObjects {
    return new RecentObjects({
      names: this.entries.oids(),
      kindOf: (index) => this.#kindOf(index),
      contentOf: (index) => this.#kept.peek(index),
      shared: this.#kept.shared,
    });
  }

  [Symbol.dispose](): void {
    this.#contents[Symbol.dispose]();
  }

  /** Makes room for so many entries; while they are still coming, for twice as many as there are. */
  #prepareFor(count: number): void {
    if (this.#kinds.length === 0) {
      // With a lane it is made when the first bytes are there.
      const size = this.#lane === undefined ? this.#file.size : Number.POSITIVE_INFINITY;
      this.#contents.begin(size);
    }
    if (this.#kinds.length < count) this.#extendTo(Math.max(count, this.#kinds.length * 2));
  }

  /** @returns whether a turn is due; undefined when there is no more that is surely whole in the file */
  #followNext(limit: number, count: number): boolean | undefined {
    const read = this.#fromLane((lane) => lane.take());
    const isToCome = this.#lane?.isReading === true || this.#offset + LONGEST_ENTRY_HEADER > limit;
    if (read === undefined && isToCome) return undefined;
    this.#prepareFor(Math.min(count, this.entries.count + 1));
    if (read !== undefined) return this.#takeEntry(read);
    const header = this.#file.header(this.#offset);
    return this.#offset + mostBytes(header) > limit ? undefined : this.#scanNext(header);
  }

  /** The entry that comes next, if the other thread has read it. */
  #fromLane(take: (lane: EntryLane) => ReadEntry | undefined): ReadEntry | undefined {
    const read = this.#lane && take(this.#lane);
    if (read === undefined || read.offset === this.#offset) return read;
    // The one before was damaged, and is looked at once more.
    this.#lane?.close();
    return undefined;
  }

  /** @returns whether a turn is due */
  #scanNext(header: EntryHeader): boolean {
    const offset = this.#offset;
    this.#checkSize(header.size);
    if (header.type === "object" && header.kind === "blob" && header.size > STREAMED_FROM) {
      this.#offset = this.#scanLargeBlob(offset, header);
    } else if (header.type !== "object" && this.#contents.isLarge(header)) {
      this.#offset = this.#scanLargeDelta(offset, header);
    } else {
      const isWhole = header.type === "object";
      const room = isWhole
        ? (size: number) => this.#kept.room(size)
        : (size: number) => this.#contents.scratch(size);
      const { bytes, end, crc } = this.#file.inflate(offset, header, room);
      this.#addEntry({ offset, header, bytes, end, crc });
    }
    this.#lane?.resume(this.#offset);
    return this.#turns.isDue(this.#offset - offset);
  }

  /** As `#scanNext`, of what the other thread has read. */
  #takeEntry(entry: ReadEntry): boolean {
    const { header } = entry;
    this.#checkSize(header.size);
    const bytes = header.type === "object" ? this.#kept.room(header.size) : entry.bytes;
    if (bytes !== entry.bytes) bytes.set(entry.bytes);
    this.#addEntry({ ...entry, bytes });
    return this.#turns.isDue(entry.end - entry.offset);
  }

  /** @param entry of an object, its bytes lie in the last room */
  #addEntry({ offset, header, bytes, end, crc }: ReadEntry): void {
    const index = this.entries.add(offset, crc, undefined);
    if (header.type === "object") {
      this.#kept.keep(index, bytes);
      this.#settle(index, header.kind, bytes);
    } else if (header.type === "ref-delta") this.#await(index, Buffer.from(header.base, "hex"));
    else {
      const base = this.#baseEntry(offset, header);
      const content = this.#kept.get(base);
      if (content === undefined) this.#adopt(base, index);
      else this.#settleDelta(index, base, this.#contents.build(index, content, { offset, delta: bytes }));
    }
    this.#offset = end;
  }

  /** @throws DamagedData */
  #baseEntry(offset: number, { distance }: { readonly distance: number }): number {
    const base = this.entries.startingAt(offset - distance);
    if (base < 0) throw new DamagedData("bad", "a delta names a base where no object starts");
    return base;
  }

  /** Nothing of it stays: it is read once more when its base is there. */
  #scanLargeDelta(
    offset: number,
    header: EntryHeader & { readonly type: "ofs-delta" | "ref-delta" },
  ): number {
    const { end, crc } = this.#file.pass(offset, header, () => {});
    const index = this.entries.add(offset, crc, undefined);
    if (header.type === "ref-delta") this.#await(index, Buffer.from(header.base, "hex"));
    else this.#adopt(this.#baseEntry(offset, header), index);
    return end;
  }

  #scanLargeBlob(offset: number, header: EntryHeader): number {
    const hasher = startObjectHash("blob", header.size);
    const { end, crc } = this.#file.pass(offset, header, (piece) => void hasher.update(piece));
    const oid = hasher.digest();
    this.#name(this.entries.add(offset, crc, undefined), "blob", oid);
    this.links.addBlob(oid);
    return end;
  }

  /** Resolves everything that builds upon a resolved entry, directly or not: a delta's own deltas before its twins. */
  async #settleBelow(root: number): Promise<void> {
    if (this.#kinds[root] === 0) return;
    const stack = [root];
    for (let parent = stack.at(-1); parent !== undefined; parent = stack.at(-1)) {
      const child = this.#firstChild[parent] ?? NONE;
      if (child === NONE) {
        stack.pop();
        continue;
      }
      this.#firstChild[parent] = this.#nextSibling[child] ?? NONE;
      const base = this.#contentOf(parent);
      const content = this.#contents.build(child, base, { offset: this.#offsetOf(child) });
      this.#settleDelta(child, parent, content);
      this.#bindWaiting(child);
      if (this.#firstChild[child] !== NONE) stack.push(child);
      if (this.#turns.isDue(content.length * 2)) await this.#turns.turn();
    }
  }

  #settleDelta(index: number, base: number, content: Content): void {
    this.#bases[index] = base;
    this.#checkSize(content.length);
    this.#settle(index, this.#kindOf(base), content);
  }

  #settle(index: number, kind: ObjectKind, content: Content): void {
    const oid = hashContent(kind, content);
    if (Buffer.isBuffer(content)) this.links.add(kind, content, oid);
    else if (kind === "blob") this.links.addBlob(oid);
    // What links to others is taken apart in memory.
    else this.links.add(kind, content.whole(), oid);
    this.#name(index, kind, oid);
  }

  #name(index: number, kind: ObjectKind, oid: Uint8Array): void {
    this.entries.name(index, oid);
    this.#kinds[index] = KINDS.indexOf(kind);
    this.#resolved++;
    this.#options.onObject?.(this.#resolved);
  }

  #kindOf(index: number): ObjectKind {
    return KINDS[this.#kinds[index] ?? 0] ?? "blob";
  }

  /** Rebuilds a resolved entry's content from what is nearest in memory; chains may be thousands deep. */
  #contentOf(index: number): Content {
    const chain: number[] = [];
    let at = index;
    let content = this.#kept.get(at);
    for (; content === undefined; content = this.#kept.get(at)) {
      const base = this.#bases[at] ?? NONE;
      if (base === NONE) {
        content = this.#contents.read(at, this.#offsetOf(at));
        break;
      }
      chain.push(at);
      at = base;
    }
    for (let next = chain.pop(); next !== undefined; next = chain.pop())
      content = this.#contents.build(next, content, { offset: this.#offsetOf(next) });
    return content;
  }

  #offsetOf(index: number): number {
    return this.entries.offsets[index] ?? 0;
  }

  get #kept(): KeptContents {
    return this.#contents.kept;
  }

  #await(index: number, base: Buffer): void {
    const number = this.#awaited.add(base, 0);
    this.#nextSibling[index] = this.#firstWaiter[number] ?? NONE;
    this.#firstWaiter[number] = index;
    this.#waiting++;
  }

  /** Links the deltas that wait for this entry's name. */
  #bindWaiting(index: number): void {
    if (this.#waiting === 0 || this.#kinds[index] === 0) return;
    const number = this.#awaited.find(this.entries.oids(), index * 20);
    if (number < 0) return;
    for (let waiter = this.#firstWaiter[number] ?? NONE; waiter !== NONE;) {
      const next = this.#nextSibling[waiter] ?? NONE;
      this.#adopt(index, waiter);
      this.#waiting--;
      waiter = next;
    }
    this.#firstWaiter[number] = NONE;
  }

  #adopt(base: number, child: number): void {
    this.#nextSibling[child] = this.#firstChild[base] ?? NONE;
    this.#firstChild[base] = child;
  }

  #extendTo(count: number): void {
    this.#kept.extendTo(count);
    const kinds = this.#kinds;
    this.#kinds = new Uint8Array(count);
    this.#kinds.set(kinds);
    this.#bases = extended(this.#bases, count);
    this.#firstChild = extended(this.#firstChild, count);
    this.#nextSibling = extended(this.#nextSibling, count);
  }

  #checkSize(size: number): void {
    const { maxObjectBytes } = this.#options;
    if (maxObjectBytes !== undefined && size > maxObjectBytes) {
      throw new DamagedData("bad", `an object has ${size} bytes, more than the limit of ${maxObjectBytes}`);
    }
  }
}

function extended(column: Int32Array, count: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(count).fill(NONE);
  longer.set(column);
  return longer;
}
