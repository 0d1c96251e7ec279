import { closeSync, fstatSync, openSync, readSync } from "node:fs";

import { fromSystem } from "../../base/errors.ts";
import { DamagedData } from "./damaged-data.ts";
import {
  type Allocate,
  allocateAnew,
  checkDeclaredSize,
  inflate,
  inflateChunks,
  inflateContent,
} from "./inflate.ts";
import { type EntryHeader, LONGEST_ENTRY_HEADER, parseEntryHeader } from "./pack-entry.ts";
import { crc32 } from "./zlib.ts";

/** Up to this size an object's stream is read in one piece; larger ones go window by window. */
const ONE_PIECE = 1024 * 1024;
const SMALLEST_READ = 4 * 1024;
/** The checksum at a pack's end. */
export const TRAILER = 20;
/** What `content` takes in one step. */
const SMALL_CONTENT = 64 * 1024;

/**
 * As many bytes of a pack as an entry takes: stored blocks and their heads add a little to the content. A stream that is
 * longer still is legal, and made by nobody.
 */
export function mostBytes({ size, length }: EntryHeader): number {
  return length + size + Math.floor(size / 256) + 256;
}

const NO_WINDOW = Buffer.alloc(0);

export type InflatedEntry = {
  readonly bytes: Buffer;
  /** Where the entry's zlib stream ends in the pack. */
  readonly end: number;
  readonly crc: number;
};

/** For reading from start to end; see `PackFile`. */
export const WHOLE_FILE_WINDOW = 1024 * 1024;

/** A pack on disk, read by `pread` through one window; never held in memory as a whole. */
export class PackFile {
  readonly path: string;
  readonly #handle: number;
  readonly #windowSize: number;
  #window = NO_WINDOW;
  #size: number;
  #start = 0;
  #length = 0;
  #readAhead = SMALLEST_READ;
  #closed = false;

  /**
   * @param handle opened for reading; closed with the file
   * @param windowSize how far it may read ahead; 64 KB suits reads here and there, 1 MB reading from start to end
   */
  constructor(path: string, handle: number, windowSize: number) {
    this.path = path;
    this.#handle = handle;
    this.#size = fstatSync(handle).size;
    this.#windowSize = Math.max(windowSize, SMALLEST_READ);
  }

  /** @param windowSize as for the constructor */
  static open(path: string, windowSize = 64 * 1024): PackFile {
    const handle = openSync(path, "r");
    try {
      return new PackFile(path, handle, windowSize);
    } catch (error) {
      closeSync(handle);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Takes notice that somebody wrote to the file, which now has this size. */
  extendTo(size: number): void {
    this.#size = size;
    this.#length = 0;
  }

  /** Takes notice that bytes were added behind those that are there. */
  growTo(size: number): void {
    this.#size = size;
  }

  /** Returns up to `length` bytes, fewer at the file's end. A view into the window, valid until the next read. */
  read(offset: number, length: number): Buffer {
    if (offset >= this.size) return this.#window.subarray(0, 0);
    const wanted = Math.min(length, this.size - offset);
    if (wanted > this.#windowSize) return this.#fill(Buffer.allocUnsafeSlow(wanted), offset);
    if (offset < this.#start || offset + wanted > this.#start + this.#length) {
      this.#load(offset, wanted);
    }
    const at = offset - this.#start;
    return this.#window.subarray(at, Math.min(at + wanted, this.#length));
  }

  /** @throws DamagedData */
  header(offset: number): EntryHeader {
    return parseEntryHeader(this.read(offset, LONGEST_ENTRY_HEADER));
  }

  /**
   * @param allocate gives the room for the content, maybe with a byte more than it has; called again where the content
   *   has to be read in a second way
   * @throws DamagedData
   */
  inflate(offset: number, header: EntryHeader, allocate: Allocate = allocateAnew): InflatedEntry {
    const { size, length } = header;
    if (size <= ONE_PIECE) {
      const input = this.read(offset, mostBytes(header));
      try {
        const { bytes, consumed } = inflate(input.subarray(length), size, allocate);
        const taken = length + consumed;
        return { bytes, end: offset + taken, crc: crc32(input.subarray(0, taken)) };
      } catch (error) {
        if (!(error instanceof DamagedData && error.reason === "short")) throw error;
      }
    }
    checkDeclaredSize(size, this.size - offset - length);
    const bytes = allocate(size);
    let filled = 0;
    const passed = this.pass(offset, header, (piece) => {
      bytes.set(piece, filled);
      filled += piece.length;
    });
    return { bytes, ...passed };
  }

  /**
   * As `inflate`, the content alone.
   * @throws DamagedData
   */
  content(offset: number, header: EntryHeader, allocate?: Allocate): Uint8Array {
    const { size, length } = header;
    if (size > SMALL_CONTENT) return this.inflate(offset, header, allocate).bytes;
    const input = this.read(offset, length + size + (size >> 8) + 256);
    try {
      return inflateContent(input.subarray(length), size, allocate);
    } catch (error) {
      if (error instanceof DamagedData && error.reason === "short")
        return this.inflate(offset, header, allocate).bytes;
      throw error;
    }
  }

  /** Inflates piece by piece; a piece is valid until the next. Ends with the entry's end and checksum. */
  *chunks(
    offset: number,
    header: EntryHeader,
  ): Generator<Uint8Array, { readonly end: number; readonly crc: number }> {
    const start = offset + header.length;
    let crc = crc32(this.read(offset, header.length));
    const source = {
      read: (position: number) => this.read(start + position, this.#windowSize),
      onInput: (bytes: Uint8Array) => {
        crc = crc32(bytes, crc);
      },
    };
    const consumed = yield* inflateChunks(source, header.size);
    return { end: start + consumed, crc };
  }

  /**
   * Shows the content piece by piece; a piece is valid until the next.
   * @throws DamagedData
   */
  pass(
    offset: number,
    header: EntryHeader,
    see: (piece: Uint8Array) => void,
  ): { readonly end: number; readonly crc: number } {
    const chunks = this.chunks(offset, header);
    for (let step = chunks.next(); ; step = chunks.next()) {
      if (step.done === true) return step.value;
      see(step.value);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#handle);
  }

  /**
   * Reads ahead the further, the longer reads went one way: a jump to a small object should not cost a whole window.
   * Back as well: a pack that came commit by commit holds the newest history at its end.
   */
  #load(offset: number, wanted: number): void {
    const end = this.#start + this.#length;
    const isForward = offset >= this.#start && offset <= end;
    const isBackward = !isForward && offset < this.#start && offset + wanted + this.#readAhead >= this.#start;
    this.#readAhead =
      isForward || isBackward ? Math.min(this.#readAhead * 2, this.#windowSize) : SMALLEST_READ;
    const length = Math.max(wanted, this.#readAhead);
    if (this.#window.length < length) this.#window = Buffer.allocUnsafeSlow(this.#roomFor(length));
    // With room behind: of an entry its head is asked for first.
    const start = isBackward ? Math.max(0, offset + Math.max(wanted, SMALLEST_READ) - length) : offset;
    this.#length = 0;
    this.#length = this.#fill(this.#window.subarray(0, length), start).length;
    this.#start = start;
  }

  /** All that is ever needed of a small file; a collector counts what is allocated, not what is touched. */
  #roomFor(length: number): number {
    return Math.max(length, Math.min(this.#windowSize, this.#size));
  }

  #fill(target: Buffer, offset: number): Buffer {
    // A number that was closed may belong to another file by now.
    if (this.#closed) throw new DamagedData("bad", `${this.path} was closed`);
    try {
      let filled = 0;
      while (filled < target.length) {
        const count = readSync(this.#handle, target, filled, target.length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return target.subarray(0, filled);
    } catch (error) {
      throw fromSystem(error, `read ${this.path}`);
    }
  }
}
