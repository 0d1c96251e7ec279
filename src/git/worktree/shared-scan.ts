import { countUntouched } from "./untouched.ts";
import { IndexEntries } from "./index-entries.ts";
import { IndexTable } from "./index-table.ts";
import type { FolderLook } from "./folder-look.ts";
import type { Timestamp } from "./index-table.ts";

/** Of the control words: what the memory holds, which scan is under way, and what it is about. */
const CONTROL = {
  entries: 0,
  imageBytes: 1,
  pieces: 2,
  mayBeExtended: 3,
  scan: 4,
  over: 5,
  fileMode: 6,
  seconds: 7,
  nanoseconds: 8,
} as const;
const CONTROL_WORDS = 9;
const WORD_BYTES = 4;
/** As many as `FolderLook` looks at in one go. */
const MOST_IN_PIECE = 64;

/** A piece goes from free to taken (by either thread) to done. Four states for each scan, so that no old one is believed. */
const PIECE = { free: 0, taken: 1, done: 2, kept: 3 } as const;
const STATES = 4;

const UNTOUCHED = 1;

/**
 * A scan's tracked files in memory that two threads share: pieces of the index, each the files of one folder, and for
 * each file whether it was found untouched. The thread that scans takes the pieces as it comes to them, the other one
 * from the first on.
 */
export class SharedScan {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #entries: IndexEntries;
  /** Where each piece begins; one number more for the end of the last one. */
  readonly #pieces: Uint32Array;
  readonly #states: Int32Array;
  /** For each entry; valid where its piece is done. */
  readonly #results: Uint8Array;

  /** @param shared made by `of`, possibly by another thread */
  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#control = new Int32Array(shared, 0, CONTROL_WORDS);
    const word = (name: keyof typeof CONTROL): number => this.#control[CONTROL[name]] ?? 0;
    const count = word("entries");
    const pieces = word("pieces");
    const parts = new Parts(shared, CONTROL_WORDS * WORD_BYTES);
    const starts = parts.words(count + 1);
    const names = parts.words(count);
    this.#pieces = parts.words(pieces + 1);
    this.#states = new Int32Array(shared, parts.words(pieces).byteOffset, pieces);
    const image = parts.bytes(word("imageBytes"));
    this.#results = parts.bytes(count);
    const mayBeExtended = word("mayBeExtended") !== 0;
    this.#entries = new IndexEntries(image, { starts, names, mayBeExtended });
  }

  static of(entries: IndexEntries): SharedScan {
    const pieces = piecesOf(entries);
    const { count, image, starts, names, mayBeExtended } = entries;
    const words = CONTROL_WORDS + starts.length + names.length + pieces.length + (pieces.length - 1);
    const shared = new SharedArrayBuffer(words * WORD_BYTES + image.length + count);
    const control = new Int32Array(shared, 0, CONTROL_WORDS);
    control[CONTROL.entries] = count;
    control[CONTROL.imageBytes] = image.length;
    control[CONTROL.pieces] = pieces.length - 1;
    control[CONTROL.mayBeExtended] = mayBeExtended ? 1 : 0;
    const scan = new SharedScan(shared);
    scan.#pieces.set(pieces);
    scan.#entries.starts.set(starts);
    scan.#entries.names.set(names);
    scan.#entries.image.set(image);
    return scan;
  }

  /** Takes over other numbers and names of the same entries; the scan before is over. */
  renew({ image }: IndexEntries): void {
    this.#entries.image.set(image);
  }

  /** The position of the first entry of each piece; one number more for the end of the last one. */
  get pieces(): Uint32Array {
    return this.#pieces;
  }

  /** Starts another scan: nothing is known. @returns its number, for the other thread */
  begin(index: { readonly timestamp: Timestamp }, fileMode: boolean): number {
    const scan = (this.#control[CONTROL.scan] ?? 0) + 1;
    this.#control[CONTROL.fileMode] = fileMode ? 1 : 0;
    this.#control[CONTROL.seconds] = index.timestamp.seconds;
    this.#control[CONTROL.nanoseconds] = index.timestamp.nanoseconds;
    for (let piece = 0; piece < this.#states.length; piece++)
      Atomics.store(this.#states, piece, scan * STATES + PIECE.free);
    Atomics.store(this.#control, CONTROL.scan, scan);
    return scan;
  }

  /** Nobody needs more of it. */
  end(): void {
    Atomics.store(this.#control, CONTROL.over, this.#control[CONTROL.scan] ?? 0);
  }

  /**
   * The results of a piece, for each of its entries 1 when it is untouched, if the other thread has it; otherwise it is
   * the caller's to look at.
   * @param mostMs how long to wait while the other thread is at it
   * @returns "silent" when that was not enough
   */
  take(piece: number, mostMs: number): Uint8Array | "silent" | undefined {
    const first = (this.#control[CONTROL.scan] ?? 0) * STATES;
    const state = Atomics.compareExchange(this.#states, piece, first + PIECE.free, first + PIECE.kept);
    if (state === first + PIECE.free) return undefined;
    if (state === first + PIECE.taken) Atomics.wait(this.#states, piece, state, mostMs);
    if (Atomics.load(this.#states, piece) !== first + PIECE.done)
      return state === first + PIECE.taken ? "silent" : undefined;
    return this.#results.subarray(this.#pieces[piece], this.#pieces[piece + 1]);
  }

  /** The other thread's part in a scan: takes piece after piece until all are taken, or the scan is over. */
  serve(scan: number, look: FolderLook): void {
    const index = new IndexTable(this.#entries);
    index.timestamp = {
      seconds: (this.#control[CONTROL.seconds] ?? 0) >>> 0,
      nanoseconds: this.#control[CONTROL.nanoseconds] ?? 0,
    };
    const compare = { index, fileMode: this.#control[CONTROL.fileMode] !== 0 };
    const first = scan * STATES;
    for (let piece = 0; piece < this.#states.length; piece++) {
      if (Atomics.load(this.#control, CONTROL.over) >= scan) return;
      const state = Atomics.compareExchange(this.#states, piece, first + PIECE.free, first + PIECE.taken);
      if (state !== first + PIECE.free) continue;
      this.#lookAt(piece, look, compare);
      // Not when the next scan has begun meanwhile.
      Atomics.compareExchange(this.#states, piece, first + PIECE.taken, first + PIECE.done);
      Atomics.notify(this.#states, piece);
    }
  }

  #lookAt(
    piece: number,
    look: FolderLook,
    compare: { readonly index: IndexTable; readonly fileMode: boolean },
  ): void {
    const entries = this.#entries;
    const from = this.#pieces[piece] ?? 0;
    const to = this.#pieces[piece + 1] ?? 0;
    this.#results.fill(0, from, to);
    const path = entries.path(from);
    look.enter(path.slice(0, Math.max(0, entries.nameStart(from) - 1)));
    const seen = look.lookAtEntries(entries, from, to);
    if (look.rows === undefined) return;
    for (let row = 0; row < seen; row++) {
      const untouched = countUntouched(compare, look.rows, { row, end: seen, position: from });
      this.#results.fill(UNTOUCHED, from + row, from + row + untouched);
      row += untouched;
    }
  }
}

/** Cuts one piece of memory into several. */
class Parts {
  readonly #shared: SharedArrayBuffer;
  #at: number;

  constructor(shared: SharedArrayBuffer, at: number) {
    this.#shared = shared;
    this.#at = at;
  }

  words(count: number): Uint32Array {
    const words = new Uint32Array(this.#shared, this.#at, count);
    this.#at += words.byteLength;
    return words;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.from(this.#shared, this.#at, count);
    this.#at += count;
    return bytes;
  }
}

/** Neighbours in the index that lie in the same folder, not too many in a piece. */
function piecesOf(entries: IndexEntries): Uint32Array {
  const starts: number[] = [];
  for (let position = 0; position < entries.count;) {
    starts.push(position);
    const end = Math.min(entries.count, position + MOST_IN_PIECE);
    const length = entries.nameStart(position);
    const at = entries.pathAt(position);
    const folder = entries.image.subarray(at, at + length);
    let next = position + 1;
    while (next < end && entries.nameStart(next) === length && isAt(entries, next, folder)) next++;
    position = next;
  }
  return Uint32Array.from([...starts, entries.count]);
}

function isAt(entries: IndexEntries, position: number, folder: Buffer): boolean {
  const at = entries.pathAt(position);
  return entries.image.compare(folder, 0, folder.length, at, at + folder.length) === 0;
}
