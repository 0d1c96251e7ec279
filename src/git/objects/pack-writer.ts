import { closeSync, ftruncateSync, openSync, readSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import type { GitObject, ObjectKind, Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { deflateChunks, slices, STREAM_THRESHOLD } from "./deflate.ts";
import { DeflateBlock } from "./deflate-block.ts";
import { DeflateLane, type FinishedEntries, type StartDeflater } from "./deflate-lane.ts";
import { EntryBuffer } from "./entry-buffer.ts";
import { EntryTable } from "./entry-table.ts";
import { startObjectHash } from "./hash-object.ts";
import { inflate } from "./inflate.ts";
import { encodePackHeader, finishPackFile, type InstalledPack, installPack } from "./install-pack.ts";
import { encodeEntryHeader, LONGEST_ENTRY_HEADER, parseEntryHeader } from "./pack-entry.ts";
import { crc32 } from "./zlib.ts";

const BUFFER_SIZE = 256 * 1024;
/** A second thread starts when so much was deflated (30 ms): for less its start and its memory are not worth it. */
const WORTH_A_THREAD = 3 * 1024 * 1024;
/** When so many objects are announced, it starts at once: they are as much as a rule. */
const MANY_OBJECTS = 700;
/** In place of a position: the entry is still being made. */
const UNDER_WAY = -1;

export type PackWriterOptions = {
  /** Left out: everything is deflated by the caller's thread. */
  readonly startDeflater?: StartDeflater | undefined;
  /** How many objects will come, as far as it is known. */
  readonly expected?: number | undefined;
};

/** Writes one pack to a temporary file; nobody else sees it before `finish`. */
export class PackWriter {
  readonly #path: string;
  readonly #directory: string;
  readonly #handle: number;
  readonly #entries = new EntryTable();
  readonly #byOid = new Map<Oid, number>();
  /** Bytes in the file; the entries in the buffer come behind them. */
  #written = 12;
  readonly #buffer = new EntryBuffer();
  readonly #startDeflater: StartDeflater | undefined;
  readonly #worthAThread: number;
  #lane: DeflateLane | undefined;
  #deflated = 0;
  #isOpen = true;

  /** @param directory an empty folder on the repository's file system, for the caller to remove */
  constructor(directory: string, { startDeflater, expected = 0 }: PackWriterOptions = {}) {
    this.#directory = directory;
    this.#startDeflater = startDeflater;
    this.#worthAThread = expected >= MANY_OBJECTS ? 0 : WORTH_A_THREAD;
    this.#path = `${directory}/pack`;
    this.#handle = this.#do("create", () => openSync(this.#path, "wx+", 0o444));
    // The number of objects is known at the end only.
    this.#do("write", () => writeFully(this.#handle, encodePackHeader(0)));
  }

  get count(): number {
    return this.#byOid.size;
  }

  has(oid: Oid): boolean {
    return this.#byOid.has(oid);
  }

  /** @param bytes may be used again afterwards */
  add(oid: Oid, kind: ObjectKind, bytes: Uint8Array): void {
    if (bytes.length > STREAM_THRESHOLD) {
      this.#addPieces({ kind, size: bytes.length, chunks: slices(bytes) }, () => ({ oid, isNew: true }));
      return;
    }
    const lane = DeflateBlock.takes(bytes) ? this.#openLane() : undefined;
    if (lane !== undefined) {
      this.#byOid.set(oid, UNDER_WAY);
      lane.add(oid, kind, bytes);
      return;
    }
    const start = this.#written + this.#buffer.length;
    this.#record(oid, start, this.#buffer.add(kind, bytes));
    this.#deflated += bytes.length;
    if (this.#buffer.length >= BUFFER_SIZE) this.#flush();
  }

  /**
   * Adds an object whose bytes come piece by piece; a piece may be reused after the next is asked for.
   * @param isKnown asked once the name is known; when it says true, what was written is taken back
   * @param chunks must give exactly `size` bytes
   */
  addStream(
    kind: ObjectKind,
    size: number,
    chunks: Iterable<Uint8Array>,
    isKnown: (oid: Oid) => boolean,
  ): Oid {
    const hasher = startObjectHash(kind, size);
    const hashed = tap(chunks, (chunk) => hasher.update(chunk));
    return this.#addPieces({ kind, size, chunks: hashed }, () => {
      const oid = hasher.digest("hex");
      return { oid, isNew: !this.has(oid) && !isKnown(oid) };
    });
  }

  /** @throws DamagedData */
  header(oid: Oid): { readonly kind: ObjectKind; readonly size: number } | undefined {
    const entry = this.#entry(oid, LONGEST_ENTRY_HEADER);
    return entry === undefined ? undefined : { kind: entry.kind, size: entry.size };
  }

  /** @throws DamagedData */
  read(oid: Oid): GitObject | undefined {
    const entry = this.#entry(oid, Number.POSITIVE_INFINITY);
    if (entry === undefined) return undefined;
    return { kind: entry.kind, bytes: inflate(entry.bytes.subarray(entry.length), entry.size).bytes };
  }

  /** Makes the pack durable and visible. */
  finish(gitDirectory: string): InstalledPack {
    this.#lane?.drain();
    this.#flush();
    const checksum = this.#do("finish", () => finishPackFile(this.#handle, this.count, this.#written));
    this.close();
    return installPack(gitDirectory, this.#directory, this.#entries, checksum);
  }

  /** Gives file handle and thread back; safe to call twice. The folder is the caller's to remove. */
  close(): void {
    this.#lane?.close();
    this.#lane = undefined;
    if (this.#isOpen) closeSync(this.#handle);
    this.#isOpen = false;
  }

  /** Writes an entry whose content is no longer held in memory; `settle` names it, and is asked when all was read. */
  #addPieces(
    { kind, size, chunks }: { kind: ObjectKind; size: number; chunks: Iterable<Uint8Array> },
    settle: () => { readonly oid: Oid; readonly isNew: boolean },
  ): Oid {
    this.#flush();
    const start = this.#written;
    try {
      const header = encodeEntryHeader(kind, size);
      this.#write(header);
      let crc = crc32(header);
      for (const piece of deflateChunks(chunks)) {
        crc = crc32(piece, crc);
        this.#write(piece);
      }
      const { oid, isNew } = settle();
      if (isNew) this.#record(oid, start, crc);
      else this.#takeBack(start);
      return oid;
    } catch (error) {
      this.#takeBack(start);
      throw error;
    }
  }

  /** The second thread, once enough has come to make it worth its start. */
  #openLane(): DeflateLane | undefined {
    if (
      this.#lane === undefined &&
      this.#startDeflater !== undefined &&
      this.#deflated >= this.#worthAThread
    ) {
      this.#lane = DeflateLane.open(this.#startDeflater, {
        deliver: (finished) => this.#receive(finished),
      });
      this.#deflated = this.#lane === undefined ? Number.NEGATIVE_INFINITY : 0;
    }
    return this.#lane;
  }

  #receive({ oids, block, entries }: FinishedEntries): void {
    this.#flush();
    let start = this.#written;
    this.#write(entries);
    for (const [object, oid] of oids.entries()) {
      const { length, crc } = block.entry(object);
      this.#record(oid, start, crc);
      start += length;
    }
  }

  #record(oid: Oid, start: number, crc: number): void {
    this.#byOid.set(oid, this.#entries.add(start, crc, Buffer.from(oid, "hex")));
  }

  #entry(oid: Oid, most: number) {
    if (this.#byOid.get(oid) === UNDER_WAY) this.#lane?.drain();
    const index = this.#byOid.get(oid);
    if (index === undefined) return undefined;
    this.#flush();
    const start = this.#entries.offsets[index] ?? 0;
    const end = this.#entries.offsets[index + 1] ?? this.#written;
    const bytes = Buffer.allocUnsafe(Math.min(end - start, most));
    readFully(this.#handle, bytes, start);
    const header = parseEntryHeader(bytes);
    if (header.type !== "object")
      throw new DamagedData("bad", "the temporary pack changed while it was written");
    return { bytes, kind: header.kind, size: header.size, length: header.length };
  }

  #flush(): void {
    if (this.#buffer.length === 0) return;
    this.#write(this.#buffer.bytes());
    this.#buffer.clear();
  }

  #write(bytes: Uint8Array): void {
    this.#do("write", () => writeFully(this.#handle, bytes, this.#written));
    this.#written += bytes.length;
  }

  #takeBack(start: number): void {
    this.#written = start;
    this.#do("write", () => ftruncateSync(this.#handle, start));
  }

  #do<Result>(what: string, step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw fromSystem(error, `${what} ${this.#path}`);
    }
  }
}

function readFully(handle: number, target: Buffer, position: number): void {
  for (let done = 0; done < target.length;) {
    const count = readSync(handle, target, done, target.length - done, position + done);
    if (count === 0) throw new DamagedData("short", "the temporary pack was cut short by somebody else");
    done += count;
  }
}

function* tap(chunks: Iterable<Uint8Array>, see: (chunk: Uint8Array) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    see(chunk);
    yield chunk;
  }
}
