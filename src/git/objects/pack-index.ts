import { readFileSync } from "node:fs";

import type { Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { renewPackIndex } from "./old-pack-index.ts";
import { PackOrder } from "./pack-order.ts";

const OIDS = 8 + 1024;

const MAGIC = 0xff744f63;

/** A version 2 pack index in memory, checked from head to checksum when it is loaded. Positions follow oid order. */
export class PackIndex {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #crcs: number;
  readonly #offsets: number;
  readonly #longOffsets: number;
  #packOrder: PackOrder | undefined;

  /** @throws DamagedData with the reason why this is no usable index */
  constructor(bytes: Buffer) {
    this.count = checkIndex(bytes);
    this.#bytes = bytes;
    this.#crcs = OIDS + this.count * 20;
    this.#offsets = this.#crcs + this.count * 4;
    this.#longOffsets = this.#offsets + this.count * 4;
  }

  /** @throws DamagedData, or the system's error */
  static load(path: string): PackIndex {
    const bytes = readFileSync(path);
    // A version 1 index starts with its fan-out, which nobody's pack is large enough to make look like this.
    const isOld = bytes.length >= 8 && bytes.readUInt32BE(0) !== MAGIC;
    return new PackIndex(isOld ? renewPackIndex(bytes, path.replace(/idx$/, "pack")) : bytes);
  }

  /** The 20 bytes at the pack's end. */
  get packChecksum(): Buffer {
    return this.#bytes.subarray(-40, -20);
  }

  /**
   * @param oid 20 raw bytes
   * @returns its position, or -1
   */
  find(oid: Buffer): number {
    const position = this.lowerBound(oid);
    if (position >= this.count) return -1;
    return this.#bytes.compare(oid, 0, 20, OIDS + position * 20, OIDS + position * 20 + 20) === 0
      ? position
      : -1;
  }

  /** Returns the first position whose oid is not below this one; `count` when there is none. */
  lowerBound(oid: Buffer): number {
    const first = oid[0] ?? 0;
    const head = oid.readUInt32BE(0);
    let low = first === 0 ? 0 : this.#bytes.readUInt32BE(8 + (first - 1) * 4);
    let high = this.#bytes.readUInt32BE(8 + first * 4);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.headAt(middle);
      if (other < head || (other === head && this.#isBelow(middle, oid))) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The first four bytes of a name; they decide nearly every comparison. */
  headAt(position: number): number {
    return this.#bytes.readUInt32BE(OIDS + position * 20);
  }

  oidAt(position: number): Oid {
    return this.#bytes.toString("hex", OIDS + position * 20, OIDS + position * 20 + 20);
  }

  crcAt(position: number): number {
    return this.#bytes.readUInt32BE(this.#crcs + position * 4);
  }

  offsetAt(position: number): number {
    const offset = this.#bytes.readUInt32BE(this.#offsets + position * 4);
    if (offset < 0x80000000) return offset;
    const at = this.#longOffsets + (offset - 0x80000000) * 8;
    if (at + 8 > this.#bytes.length - 40)
      throw new DamagedData("bad", "the pack index points outside itself");
    return Number(this.#bytes.readBigUInt64BE(at));
  }

  /** Returns where the entry that starts at `offset` ends: the next entry's start, or the pack's checksum. */
  entryEnd(offset: number, packSize: number): number {
    return this.#order().nextOffset(offset) ?? packSize - 20;
  }

  /** Returns the position of the entry that starts at `offset`, or -1. */
  positionOf(offset: number): number {
    return this.#order().positionOf(offset);
  }

  #isBelow(position: number, oid: Buffer): boolean {
    const start = OIDS + position * 20;
    return this.#bytes.compare(oid, 0, 20, start, start + 20) < 0;
  }

  /** The first call sorts all offsets. */
  #order(): PackOrder {
    this.#packOrder ??= new PackOrder(this.count, (position) => this.offsetAt(position));
    return this.#packOrder;
  }
}

/** Returns the number of objects. */
function checkIndex(bytes: Buffer): number {
  if (bytes.length < OIDS + 40) throw new DamagedData("bad", "the pack index is cut short");
  if (bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== 2) {
    throw new DamagedData("bad", "the pack index is not of version 2");
  }
  let count = 0;
  for (let first = 0; first < 256; first++) {
    const upTo = bytes.readUInt32BE(8 + first * 4);
    if (upTo < count) throw new DamagedData("bad", "the pack index has a fan-out that falls");
    count = upTo;
  }
  const longOffsets = bytes.length - (OIDS + count * 28 + 40);
  if (longOffsets < 0 || longOffsets % 8 !== 0 || longOffsets > count * 8) {
    throw new DamagedData("bad", `the pack index has the wrong size for ${count} objects`);
  }
  // 1 ms a megabyte. Git leaves this to fsck; here a flipped bit must not send a read to the wrong place.
  const checksum = new Bun.CryptoHasher("sha1").update(bytes.subarray(0, -20)).digest();
  if (bytes.compare(checksum, 0, 20, bytes.length - 20) !== 0) {
    throw new DamagedData("bad", "the pack index does not match its own checksum");
  }
  return count;
}
