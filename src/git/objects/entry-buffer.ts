import type { ObjectKind } from "../model.ts";
import { adler32, deflateRaw, ZLIB_HEADER } from "./deflate.ts";
import { encodeEntryHeader } from "./pack-entry.ts";
import { crc32 } from "./zlib.ts";

const CHECKSUM_BYTES = 4;

/** Pack entries of whole objects, one behind the other in one piece of memory. */
export class EntryBuffer {
  #bytes: Buffer;
  #length = 0;
  readonly #mayGrow: boolean;

  /** @param memory fixed room; left out: as much as it takes */
  constructor(memory?: Buffer) {
    this.#bytes = memory ?? Buffer.alloc(0);
    this.#mayGrow = memory === undefined;
  }

  get length(): number {
    return this.#length;
  }

  /**
   * @returns the entry's CRC-32
   * @throws RangeError when the room is fixed and too small; the content then is no longer of use
   */
  add(kind: ObjectKind, content: Uint8Array): number {
    const raw = deflateRaw(content);
    const header = encodeEntryHeader(kind, content.length);
    const start = this.#length;
    this.#makeRoom(header.length + ZLIB_HEADER.length + raw.length + CHECKSUM_BYTES);
    this.#append(header);
    this.#append(ZLIB_HEADER);
    this.#append(raw);
    this.#length = this.#bytes.writeUInt32BE(adler32(content), this.#length);
    return crc32(this.#bytes.subarray(start, this.#length));
  }

  /** What is in it; valid until the next change. */
  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  #append(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #makeRoom(length: number): void {
    const end = this.#length + length;
    if (end <= this.#bytes.length) return;
    if (!this.#mayGrow) throw new RangeError(`${end} bytes of entries in room for ${this.#bytes.length}`);
    const grown = Buffer.allocUnsafeSlow(Math.max(end, this.#bytes.length * 2));
    grown.set(this.bytes());
    this.#bytes = grown;
  }
}
