/** The entries of a pack in the order in which they lie there; an index knows them by name only. */
export class PackOrder {
  /** Ascending. */
  readonly #offsets: Float64Array;
  readonly #offsetAt: (position: number) => number;
  #positions: Uint32Array | undefined;

  /** @param offsetAt the start of each of `count` entries, in any order */
  constructor(count: number, offsetAt: (position: number) => number) {
    this.#offsets = new Float64Array(count);
    this.#offsetAt = offsetAt;
    for (let position = 0; position < count; position++) this.#offsets[position] = offsetAt(position);
    this.#offsets.sort();
  }

  /** Returns the start of the first entry behind an offset. */
  nextOffset(offset: number): number | undefined {
    return this.#offsets[this.#firstFrom(offset + 1)];
  }

  /** Returns the position of the entry that starts there, or -1. */
  positionOf(offset: number): number {
    const rank = this.#firstFrom(offset);
    if (this.#offsets[rank] !== offset) return -1;
    this.#positions ??= this.#rankPositions();
    return this.#positions[rank] ?? -1;
  }

  #rankPositions(): Uint32Array {
    const positions = new Uint32Array(this.#offsets.length);
    for (let position = 0; position < positions.length; position++) {
      positions[this.#firstFrom(this.#offsetAt(position))] = position;
    }
    return positions;
  }

  /** Returns the rank of the first entry that does not start before an offset. */
  #firstFrom(offset: number): number {
    let low = 0;
    let high = this.#offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
