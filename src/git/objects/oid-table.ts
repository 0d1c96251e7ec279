import type { Oid } from "../model.ts";

const OID_BYTES = 20;
const FIRST_SLOTS = 1024;

/** A set of object names in which each has a number, by order of coming: 28 bytes a name where a Map takes 150. */
export class OidTable {
  #bytes = Buffer.alloc(FIRST_SLOTS * OID_BYTES);
  /** Number plus one; 0 for a free slot. Always less than half full. */
  #slots = new Int32Array(FIRST_SLOTS * 2);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @returns the number of the name whose 20 bytes start at `at`, or -1 */
  find(bytes: Uint8Array, at: number): number {
    return (this.#slots[this.#slotOf(bytes, at)] ?? 0) - 1;
  }

  findOid(oid: Oid): number {
    return this.find(Buffer.from(oid, "hex"), 0);
  }

  /** @returns its number, which is `count` before the call when it is new */
  add(bytes: Uint8Array, at: number): number {
    const slot = this.#slotOf(bytes, at);
    const known = this.#slots[slot] ?? 0;
    if (known > 0) return known - 1;
    const number = this.#count++;
    if (this.#count * OID_BYTES > this.#bytes.length)
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    this.#bytes.set(bytes.subarray(at, at + OID_BYTES), number * OID_BYTES);
    this.#slots[slot] = number + 1;
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    return number;
  }

  /** The 20 bytes of a name; a view. */
  bytesAt(number: number): Buffer {
    return this.#bytes.subarray(number * OID_BYTES, (number + 1) * OID_BYTES);
  }

  oidAt(number: number): Oid {
    return this.#bytes.toString("hex", number * OID_BYTES, (number + 1) * OID_BYTES);
  }

  #slotOf(bytes: Uint8Array, at: number): number {
    const mask = this.#slots.length - 1;
    // Names are hashes already.
    const head =
      ((bytes[at] ?? 0) |
        ((bytes[at + 1] ?? 0) << 8) |
        ((bytes[at + 2] ?? 0) << 16) |
        ((bytes[at + 3] ?? 0) << 24)) >>>
      0;
    for (let slot = head & mask; ; slot = (slot + 1) & mask) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0 || this.#isAt(number, bytes, at)) return slot;
    }
  }

  #isAt(number: number, bytes: Uint8Array, at: number): boolean {
    for (let byte = 0; byte < OID_BYTES; byte++) {
      if (this.#bytes[number * OID_BYTES + byte] !== bytes[at + byte]) return false;
    }
    return true;
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let number = 0; number < this.#count; number++)
      this.#slots[this.#slotOf(this.#bytes, number * OID_BYTES)] = number + 1;
  }
}
