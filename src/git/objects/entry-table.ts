/** The entries of a pack in the making, in pack order: what its index will say. Grows as entries come. */
export class EntryTable {
  /** Start of each entry in the pack. */
  readonly offsets: number[] = [];
  /** CRC-32 of each entry's bytes as they lie in the pack. */
  readonly crcs: number[] = [];
  #oids = Buffer.alloc(0);

  get count(): number {
    return this.offsets.length;
  }

  /** @param oid 20 raw bytes; undefined while the name is not known yet (an unresolved delta) */
  add(offset: number, crc: number, oid: Uint8Array | undefined): number {
    const index = this.offsets.push(offset) - 1;
    this.crcs.push(crc);
    if (this.#oids.length < (index + 1) * 20) {
      this.#oids = Buffer.concat([this.#oids], Math.max(20 * 1024, this.#oids.length * 2));
    }
    if (oid !== undefined) this.#oids.set(oid, index * 20);
    return index;
  }

  name(index: number, oid: Uint8Array): void {
    this.#oids.set(oid, index * 20);
  }

  /** @returns the entry that starts at this offset, or -1 */
  startingAt(offset: number): number {
    let low = 0;
    let high = this.offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return this.offsets[low] === offset ? low : -1;
  }

  /** 20 bytes an entry. */
  oids(): Buffer {
    return this.#oids.subarray(0, this.count * 20);
  }

  oidAt(index: number): string {
    return this.#oids.toString("hex", index * 20, index * 20 + 20);
  }
}
