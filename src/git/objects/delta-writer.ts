/** Git allows three bytes of length, but never writes more than this into one copy. */
const LONGEST_COPY = 0x10000;
const LONGEST_INSERT = 0x7f;
/** Two sizes of up to ten bytes. */
const LONGEST_HEAD = 20;
const SMALLEST_BUFFER = 256;

/** Collects the instructions of one delta; stops growing once it is longer than allowed. */
export class DeltaWriter {
  readonly #target: Buffer;
  readonly #limit: number;
  #output: Buffer;
  #length = 0;
  isTooLong = false;

  constructor(baseSize: number, target: Buffer, limit: number) {
    this.#target = target;
    this.#limit = limit;
    this.#output = Buffer.allocUnsafe(LONGEST_HEAD + SMALLEST_BUFFER);
    this.#size(baseSize);
    this.#size(target.length);
  }

  /** How many bytes may still be inserted. */
  get room(): number {
    return this.#limit - this.#length;
  }

  /** @param from in the base */
  copy(from: number, length: number): void {
    let offset = from;
    for (let left = length; left > 0 && !this.isTooLong;) {
      const size = Math.min(left, LONGEST_COPY);
      this.#copyOnce(offset, size);
      offset += size;
      left -= size;
    }
  }

  /** Takes the target's own bytes from `start` to `end`. */
  insert(start: number, end: number): void {
    for (let at = start; at < end; at += LONGEST_INSERT) {
      const size = Math.min(LONGEST_INSERT, end - at);
      if (!this.#reserve(size + 1)) return;
      this.#output[this.#length++] = size;
      this.#target.copy(this.#output, this.#length, at, at + size);
      this.#length += size;
    }
  }

  finish(): Uint8Array | undefined {
    if (this.isTooLong || this.#length > this.#limit) return undefined;
    // A copy: the rest of the buffer would stay in memory with it.
    return Buffer.from(this.#output.subarray(0, this.#length));
  }

  /** One byte that says which bytes of offset and length follow; zero bytes are left out. */
  #copyOnce(offset: number, size: number): void {
    if (!this.#reserve(8)) return;
    const output = this.#output;
    const codeAt = this.#length++;
    let code = 0x80;
    let rest = offset;
    for (let bit = 0x01; rest > 0; bit <<= 1) {
      const byte = rest % 256;
      if (byte !== 0) {
        code |= bit;
        output[this.#length++] = byte;
      }
      rest = (rest - byte) / 256;
    }
    const length = size === LONGEST_COPY ? 0 : size;
    for (const [bit, byte] of [
      [0x10, length & 0xff],
      [0x20, length >> 8],
    ] as const) {
      if (byte === 0) continue;
      code |= bit;
      output[this.#length++] = byte;
    }
    output[codeAt] = code;
  }

  #size(size: number): void {
    let rest = size;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#output[this.#length++] = (rest % 0x80) | 0x80;
    this.#output[this.#length++] = rest;
  }

  #reserve(count: number): boolean {
    if (this.#length + count > this.#limit + 8) this.isTooLong = true;
    if (this.isTooLong) return false;
    if (this.#length + count > this.#output.length) {
      const larger = Buffer.allocUnsafe((this.#length + count) * 2);
      this.#output.copy(larger, 0, 0, this.#length);
      this.#output = larger;
    }
    return true;
  }
}
