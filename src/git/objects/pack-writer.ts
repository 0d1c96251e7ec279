import { closeSync, ftruncateSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import type { GitObject, ObjectKind, Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { deflate, deflateChunks } from "./deflate.ts";
import { EntryTable } from "./entry-table.ts";
import { startObjectHash } from "./hash-object.ts";
import { inflate } from "./inflate.ts";
import { encodePackHeader, finishPackFile, installPack } from "./install-pack.ts";
import { encodeEntryHeader, LONGEST_ENTRY_HEADER, parseEntryHeader } from "./pack-entry.ts";

const BUFFER_SIZE = 1024 * 1024;

/** Writes one pack to a temporary file; nobody else sees it before `finish`. */
export class PackWriter {
  readonly #path: string;
  readonly #directory: string;
  readonly #handle: number;
  readonly #entries = new EntryTable();
  readonly #byOid = new Map<Oid, number>();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #end = 12;
  #isOpen = true;

  /** @param directory an empty folder on the repository's file system, for the caller to remove */
  constructor(directory: string) {
    this.#directory = directory;
    this.#path = `${directory}/pack`;
    this.#handle = this.#do("create", () => openSync(this.#path, "wx+", 0o444));
    // The number of objects is known at the end only.
    this.#do("write", () => writeFully(this.#handle, encodePackHeader(0)));
  }

  get count(): number {
    return this.#entries.count;
  }

  has(oid: Oid): boolean {
    return this.#byOid.has(oid);
  }

  add(oid: Oid, kind: ObjectKind, bytes: Uint8Array): void {
    const start = this.#end;
    const header = encodeEntryHeader(kind, bytes.length);
    const content = deflate(bytes);
    this.#append(header);
    this.#append(content);
    this.#record(oid, start, crc32(content, crc32(header)));
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
    // What is pending from here on belongs to this object alone and can be taken back.
    this.#flush();
    const start = this.#end;
    try {
      const hasher = startObjectHash(kind, size);
      const header = encodeEntryHeader(kind, size);
      this.#append(header);
      let crc = crc32(header);
      for (const piece of deflateChunks(tap(chunks, (chunk) => hasher.update(chunk)))) {
        crc = crc32(piece, crc);
        this.#append(piece);
      }
      const oid = hasher.digest("hex");
      if (this.has(oid) || isKnown(oid)) this.#takeBack(start);
      else this.#record(oid, start, crc);
      return oid;
    } catch (error) {
      this.#takeBack(start);
      throw error;
    }
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

  /** Makes the pack durable and visible. @returns its name, `pack-<checksum>` */
  finish(gitDirectory: string): string {
    this.#flush();
    const checksum = this.#do("finish", () => finishPackFile(this.#handle, this.count, this.#end));
    this.close();
    return installPack(gitDirectory, this.#directory, this.#entries, checksum);
  }

  /** Gives the file handle back; safe to call twice. The folder is the caller's to remove. */
  close(): void {
    if (this.#isOpen) closeSync(this.#handle);
    this.#isOpen = false;
  }

  #record(oid: Oid, start: number, crc: number): void {
    this.#byOid.set(oid, this.#entries.add(start, crc, Buffer.from(oid, "hex")));
  }

  #entry(oid: Oid, most: number) {
    const index = this.#byOid.get(oid);
    if (index === undefined) return undefined;
    this.#flush();
    const start = this.#entries.offsets[index] ?? 0;
    const end = this.#entries.offsets[index + 1] ?? this.#end;
    const bytes = Buffer.allocUnsafe(Math.min(end - start, most));
    readFully(this.#handle, bytes, start);
    const header = parseEntryHeader(bytes);
    if (header.type !== "object")
      throw new DamagedData("bad", "the temporary pack changed while it was written");
    return { bytes, kind: header.kind, size: header.size, length: header.length };
  }

  #append(bytes: Uint8Array): void {
    this.#end += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= BUFFER_SIZE) this.#flush();
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const [only = Buffer.alloc(0)] = this.#pending;
    const bytes = this.#pending.length === 1 ? only : Buffer.concat(this.#pending);
    const start = this.#end - this.#pendingBytes;
    this.#do("write", () => writeFully(this.#handle, bytes, start));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #takeBack(start: number): void {
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#end = start;
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
