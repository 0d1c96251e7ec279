import { closeSync, fsyncSync, openSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import type { ObjectKind } from "../model.ts";
import { EntryTable } from "./entry-table.ts";
import { encodePackHeader, finishPackFile, placePack } from "./install-pack.ts";
import { encodeEntryHeader, encodeOfsDeltaHeader } from "./pack-entry.ts";
import { encodePackIndex } from "./pack-index-writer.ts";
import { crc32 } from "./zlib.ts";

const BUFFER_SIZE = 1024 * 1024;

/**
 * Writes a pack whose entries come deflated already, deltas among them. Nobody else sees it before `place`; between
 * `finish` and `place` it can be read at `path` as any other pack.
 */
export class DeltaPackWriter {
  /** Of pack and index, without the extension. */
  readonly path: string;
  readonly #handle: number;
  readonly #entries = new EntryTable();
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #end = 12;
  #start = 12;
  #crc = 0;
  #isOpen = true;
  #checksum: Uint8Array | undefined;

  /** @param directory an empty folder on the repository's file system, for the caller to remove */
  constructor(directory: string) {
    this.path = `${directory}/new`;
    this.#handle = this.#do("create", () => openSync(`${this.path}.pack`, "wx+", 0o444));
    this.#do("write", () => writeFully(this.#handle, encodePackHeader(0)));
  }

  get count(): number {
    return this.#entries.count;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#end;
  }

  /** @returns where the entry starts. Its parts follow by `append`, its end by `endEntry`. */
  startObject(kind: ObjectKind, size: number): number {
    return this.#startEntry(encodeEntryHeader(kind, size));
  }

  /** @param baseStart where the base's entry starts, which must have been written before */
  startDelta(baseStart: number, size: number): number {
    return this.#startEntry(encodeOfsDeltaHeader(this.#end - baseStart, size));
  }

  /** @param bytes of the deflated content; may be a view that is used again */
  append(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#push(Buffer.from(bytes));
  }

  /** @param oid 20 raw bytes */
  endEntry(oid: Uint8Array): void {
    this.#entries.add(this.#start, this.#crc, oid);
  }

  /** Writes pack and index to the end and syncs both. */
  finish(): void {
    this.#flush();
    const checksum = this.#do("finish", () => finishPackFile(this.#handle, this.count, this.#end));
    this.close();
    this.#checksum = checksum;
    this.#do("write the index of", () => {
      const handle = openSync(`${this.path}.idx`, "wx", 0o444);
      try {
        writeFully(handle, encodePackIndex(this.#entries, checksum));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    });
  }

  /** Makes the finished pack visible, durably. @returns its name, `pack-<checksum>` */
  place(gitDirectory: string): string {
    if (this.#checksum === undefined) throw new Error("the pack is not finished");
    const files = { pack: `${this.path}.pack`, index: `${this.path}.idx` };
    return placePack(gitDirectory, files, this.#checksum);
  }

  /** Gives the file handle back; safe to call twice. */
  close(): void {
    if (this.#isOpen) closeSync(this.#handle);
    this.#isOpen = false;
  }

  #startEntry(header: Buffer): number {
    this.#start = this.#end;
    this.#crc = crc32(header);
    this.#push(header);
    return this.#start;
  }

  #push(bytes: Uint8Array): void {
    this.#end += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= BUFFER_SIZE) this.#flush();
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    const start = this.#end - this.#pendingBytes;
    this.#do("write", () => writeFully(this.#handle, Buffer.concat(this.#pending), start));
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #do<Result>(what: string, step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw fromSystem(error, `${what} ${this.path}.pack`);
    }
  }
}
