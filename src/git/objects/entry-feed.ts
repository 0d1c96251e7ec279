import type { ObjectKind } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { type EntryHeader, LONGEST_ENTRY_HEADER } from "./pack-entry.ts";
import { mostBytes, type PackFile, TRAILER } from "./pack-file.ts";

/** An entry of a pack with its stream inflated: an object's content, or a delta. */
export type ReadEntry = {
  readonly offset: number;
  readonly header: EntryHeader;
  readonly bytes: Buffer;
  /** Where the entry ends in the pack. */
  readonly end: number;
  readonly crc: number;
};

/** Entries that may be read ahead: so many, and with so many bytes of content. */
const SLOTS = 1024;
const CONTENT_BYTES = 4 * 1024 * 1024;
/** Larger ones are left to whoever takes the pack in. */
export const LARGEST_FED = CONTENT_BYTES >>> 3;

/** Of the control words: one that counts the calls to each side, then what is so. */
const CALLS = 0;
const ANSWERS = 1;
const STATE = 2;
const MADE = 3;
const TAKEN = 4;
const IS_COMPLETE = 5;
const CONTROL_BYTES = 32;
/** Bytes that are in the file, as a 64-bit word. */
const STORED_AT = CONTROL_BYTES;
const RESUME_AT = STORED_AT + 8;
const SLOTS_AT = RESUME_AT + 8;
/** In each slot: five numbers of 64 bits, two of 32, the name of a delta's base, one more number. */
const SLOT_BYTES = 72;
const OFFSET = 0;
const END = 1;
const SIZE = 2;
const START = 3;
const DISTANCE = 4;
const TYPE = 10;
const CRC = 11;
/** Of the head. */
const LENGTH = 17;
const BASE_AT = 48;
const OID_BYTES = 20;
const NUMBERS_PER_SLOT = SLOT_BYTES / 8;
const WORDS_PER_SLOT = SLOT_BYTES / 4;
const CONTENT_AT = SLOTS_AT + SLOTS * SLOT_BYTES;

/** idle → reading ⇄ paused (the next entry is the other side's) → ended (by the other side) → closed. */
const IDLE = 0;
const READING = 1;
const PAUSED = 2;
const ENDED = 3;
const CLOSED = 4;

const KINDS: readonly (ObjectKind | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];
const OFS_DELTA = 6;
const REF_DELTA = 7;

/** The other side is called for so many entries at once; to wake a thread costs as much as to hash one. */
const ENTRIES_PER_CALL = 16;
/** As for the files of a checkout (`file-orders.ts`). */
const ENTRIES_PER_COLLECTION = 4000;
/** How long a side sleeps at most until it looks again by itself. */
const NAP_MS = 5000;
/** Behind the pack's head. */
const FIRST_ENTRY = 12;

/** The memory that the thread which takes a pack in shares with one that reads the pack's file ahead of it. */
export class EntryFeed {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #stored: BigInt64Array;
  readonly #resume: Float64Array;
  readonly #numbers: Float64Array;
  readonly #words: Int32Array;
  readonly #bytes: Buffer;
  /** On either side, counted on from lap to lap. */
  #made = 0;
  #taken = 0;
  #isHolding = false;
  /** Where the next content goes, counted on from lap to lap. */
  #head = 0;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(CONTENT_AT + CONTENT_BYTES)) {
    this.shared = shared;
    this.#control = new Int32Array(shared, 0, CONTROL_BYTES / 4);
    this.#stored = new BigInt64Array(shared, STORED_AT, 1);
    this.#resume = new Float64Array(shared, RESUME_AT, 1);
    this.#numbers = new Float64Array(shared, SLOTS_AT, (SLOTS * SLOT_BYTES) / 8);
    this.#words = new Int32Array(shared, SLOTS_AT, (SLOTS * SLOT_BYTES) / 4);
    this.#bytes = Buffer.from(shared);
  }

  /** Says how much of the pack is in the file. */
  offer(stored: number, isComplete: boolean): void {
    Atomics.store(this.#stored, 0, BigInt(stored));
    if (isComplete) Atomics.store(this.#control, IS_COMPLETE, 1);
    this.#call(CALLS);
  }

  /** The next entry if it is there. Its views are valid until the next call. */
  take(): ReadEntry | undefined {
    if (this.#isHolding) {
      this.#isHolding = false;
      Atomics.store(this.#control, TAKEN, ++this.#taken);
      if (this.#taken % ENTRIES_PER_CALL === 0) this.#call(CALLS);
    }
    if (Atomics.load(this.#control, MADE) === this.#taken) return undefined;
    this.#isHolding = true;
    return this.#entryAt(this.#taken % SLOTS);
  }

  /** After `take` had nothing. False: nothing comes until `resume`, or ever, or it took too long. */
  waitForEntry(mostMs: number): boolean {
    this.#call(CALLS);
    for (;;) {
      const answers = Atomics.load(this.#control, ANSWERS);
      const isReading = this.isReading;
      if (Atomics.load(this.#control, MADE) !== this.#taken) return true;
      if (!isReading) return false;
      if (Atomics.wait(this.#control, ANSWERS, answers, mostMs) === "timed-out")
        return Atomics.load(this.#control, MADE) !== this.#taken;
    }
  }

  /** False: what comes next is not for the other thread, or it has not begun. */
  get isReading(): boolean {
    return Atomics.load(this.#control, STATE) === READING;
  }

  /** False: the other thread is late, or there is none. */
  get hasBegun(): boolean {
    return Atomics.load(this.#control, STATE) !== IDLE;
  }

  /** Lets the other thread go on behind an entry that was not for it. */
  resume(offset: number): void {
    this.#resume[0] = offset;
    if (Atomics.compareExchange(this.#control, STATE, PAUSED, READING) === PAUSED) this.#call(CALLS);
  }

  /** Ends it. @returns false when the other thread did not close the file in this time */
  end(mostMs: number): boolean {
    for (;;) {
      const state = Atomics.load(this.#control, STATE);
      if (state === CLOSED) return true;
      if (Atomics.compareExchange(this.#control, STATE, state, ENDED) !== state) continue;
      if (state === IDLE) return true;
      this.#call(CALLS);
      return Atomics.wait(this.#control, STATE, ENDED, mostMs) !== "timed-out";
    }
  }

  /** The other thread's work for one pack: reads entry after entry until `end`. */
  serve(open: () => PackFile): void {
    if (Atomics.compareExchange(this.#control, STATE, IDLE, READING) !== IDLE) return;
    try {
      const file = open();
      try {
        this.#readAll(file);
      } finally {
        file.close();
      }
    } finally {
      Atomics.store(this.#control, STATE, CLOSED);
      Atomics.notify(this.#control, STATE);
      this.#call(ANSWERS);
    }
  }

  #readAll(file: PackFile): void {
    let offset = FIRST_ENTRY;
    let isPaused = false;
    for (;;) {
      const calls = Atomics.load(this.#control, CALLS);
      const state = Atomics.load(this.#control, STATE);
      if (state === ENDED) return;
      if (isPaused && state === READING) {
        isPaused = false;
        offset = this.#resume[0] ?? 0;
      }
      const next = isPaused ? "wait" : this.#readNext(file, offset);
      if (typeof next === "number") {
        offset = next;
        continue;
      }
      if (next === "pause") {
        isPaused = true;
        Atomics.compareExchange(this.#control, STATE, READING, PAUSED);
      }
      // Before it sleeps, so that the other side never waits for what is there.
      this.#call(ANSWERS);
      Atomics.wait(this.#control, CALLS, calls, NAP_MS);
    }
  }

  /** @returns where the entry ends */
  #readNext(file: PackFile, offset: number): number | "wait" | "pause" {
    const isComplete = Atomics.load(this.#control, IS_COMPLETE) === 1;
    const stored = Number(Atomics.load(this.#stored, 0));
    file.growTo(stored);
    const limit = stored - TRAILER;
    if (isComplete ? offset >= limit : offset + LONGEST_ENTRY_HEADER > limit) return "wait";
    try {
      const header = file.header(offset);
      if (header.size > LARGEST_FED) return "pause";
      if (!isComplete && offset + mostBytes(header) > limit) return "wait";
      const start = this.#roomFor(header.size + 1);
      if (start === undefined) return "wait";
      return this.#put(file, offset, header, start);
    } catch (error) {
      // The other side reads it, and meets the reason.
      if (error instanceof DamagedData) return "pause";
      throw error;
    }
  }

  /** Undefined: there is none until the other side has taken some of what was made. */
  #roomFor(size: number): number | undefined {
    const taken = Atomics.load(this.#control, TAKEN);
    if (this.#made - taken >= SLOTS) return undefined;
    const start = this.#startOf(size);
    if (taken === this.#made) return start;
    const oldest = this.#numbers[(taken % SLOTS) * NUMBERS_PER_SLOT + START] ?? 0;
    return start + size <= oldest + CONTENT_BYTES ? start : undefined;
  }

  /** Contents do not go round the end. */
  #startOf(size: number): number {
    const at = this.#head % CONTENT_BYTES;
    return at + size > CONTENT_BYTES ? this.#head + CONTENT_BYTES - at : this.#head;
  }

  #put(file: PackFile, offset: number, header: EntryHeader, start: number): number {
    const at = CONTENT_AT + (start % CONTENT_BYTES);
    const room = (size: number): Buffer => this.#bytes.subarray(at, at + size);
    const { end, crc } = file.inflate(offset, header, room);
    const slot = this.#made % SLOTS;
    const numbers = slot * NUMBERS_PER_SLOT;
    this.#numbers[numbers + OFFSET] = offset;
    this.#numbers[numbers + END] = end;
    this.#numbers[numbers + SIZE] = header.size;
    this.#numbers[numbers + START] = start;
    const words = slot * WORDS_PER_SLOT;
    this.#words[words + CRC] = crc;
    this.#words[words + LENGTH] = header.length;
    this.#words[words + TYPE] = this.#describe(slot, header);
    this.#head = start + header.size + 1;
    Atomics.store(this.#control, MADE, ++this.#made);
    if (this.#made % ENTRIES_PER_CALL === 0) this.#call(ANSWERS);
    if (this.#made % ENTRIES_PER_COLLECTION === 0) Bun.gc(true);
    return end;
  }

  /** @returns the type */
  #describe(slot: number, header: EntryHeader): number {
    switch (header.type) {
      case "ofs-delta":
        this.#numbers[slot * NUMBERS_PER_SLOT + DISTANCE] = header.distance;
        return OFS_DELTA;
      case "ref-delta":
        this.#bytes.write(header.base, SLOTS_AT + slot * SLOT_BYTES + BASE_AT, "hex");
        return REF_DELTA;
      case "object":
        return KINDS.indexOf(header.kind);
    }
  }

  #entryAt(slot: number): ReadEntry {
    const numbers = slot * NUMBERS_PER_SLOT;
    const words = slot * WORDS_PER_SLOT;
    const size = this.#numbers[numbers + SIZE] ?? 0;
    const at = CONTENT_AT + ((this.#numbers[numbers + START] ?? 0) % CONTENT_BYTES);
    const offset = this.#numbers[numbers + OFFSET] ?? 0;
    return {
      offset,
      header: this.#headerAt(slot, size),
      bytes: this.#bytes.subarray(at, at + size),
      end: this.#numbers[numbers + END] ?? 0,
      crc: (this.#words[words + CRC] ?? 0) >>> 0,
    };
  }

  #headerAt(slot: number, size: number): EntryHeader {
    const length = this.#words[slot * WORDS_PER_SLOT + LENGTH] ?? 0;
    const type = this.#words[slot * WORDS_PER_SLOT + TYPE] ?? 0;
    if (type === OFS_DELTA) {
      const distance = this.#numbers[slot * NUMBERS_PER_SLOT + DISTANCE] ?? 0;
      return { type: "ofs-delta", distance, size, length };
    }
    if (type === REF_DELTA) {
      const at = SLOTS_AT + slot * SLOT_BYTES + BASE_AT;
      return { type: "ref-delta", base: this.#bytes.toString("hex", at, at + OID_BYTES), size, length };
    }
    return { type: "object", kind: KINDS[type] ?? "blob", size, length };
  }

  #call(side: typeof CALLS | typeof ANSWERS): void {
    Atomics.add(this.#control, side, 1);
    Atomics.notify(this.#control, side);
  }
}
