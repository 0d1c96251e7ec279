import { closeSync, openSync, readSync, rmSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import { DamagedData } from "./damaged-data.ts";
import { makeTemporaryDirectory } from "./install-pack.ts";

const PIECE = 1024 * 1024;

/** The content of a large object in a temporary file without a name, of which nothing is left whatever happens. */
export class SpooledContent implements Disposable {
  readonly #directory: string;
  readonly #handle: number;
  readonly #piece = Buffer.allocUnsafeSlow(PIECE);
  /** In the piece, behind what the file holds. */
  #waiting = 0;
  #stored = 0;
  #isOpen = true;

  /**
   * @param gitDirectory in whose `lull/tmp` the file is made
   * @throws LullError by the system's code
   */
  constructor(gitDirectory: string) {
    this.#directory = makeTemporaryDirectory(gitDirectory, "content");
    const path = `${this.#directory}/content`;
    try {
      this.#handle = openSync(path, "wx+", 0o600);
    } catch (error) {
      throw fromSystem(error, `create ${path}`);
    }
    this.#removeName();
  }

  get length(): number {
    return this.#stored + this.#waiting;
  }

  /** Adds bytes, which may be used again afterwards. */
  add(bytes: Uint8Array): void {
    if (bytes.length > PIECE - this.#waiting) this.#flush();
    if (bytes.length > PIECE) {
      this.#write(bytes);
    } else {
      this.#piece.set(bytes, this.#waiting);
      this.#waiting += bytes.length;
    }
  }

  /** Hands out a part of it in pieces, each valid until the next of whatever part, or until something is added. */
  *slice(from = 0, to = this.length): Generator<Uint8Array> {
    this.#flush();
    for (let at = from; at < to;) {
      // Nothing waits in it now. One for each part would be garbage of as much as the content, seen by no collector.
      const count = this.#read(this.#piece.subarray(0, Math.min(PIECE, to - at)), at);
      if (count === 0) throw new DamagedData("short", "a temporary file was cut short by somebody else");
      yield this.#piece.subarray(0, count);
      at += count;
    }
  }

  /** All of it in memory, for who cannot do with less. */
  whole(): Buffer {
    const bytes = Buffer.allocUnsafeSlow(this.length);
    let at = 0;
    for (const piece of this.slice()) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  [Symbol.dispose](): void {
    if (this.#isOpen) closeSync(this.#handle);
    this.#isOpen = false;
    this.#removeName();
  }

  /** Where an open file must keep its name, this does nothing until it is closed. */
  #removeName(): void {
    try {
      rmSync(this.#directory, { recursive: true, force: true });
    } catch {
      // Left to `dispose`, or after a crash to maintenance.
    }
  }

  #flush(): void {
    this.#write(this.#piece.subarray(0, this.#waiting));
    this.#waiting = 0;
  }

  #write(bytes: Uint8Array): void {
    try {
      writeFully(this.#handle, bytes, this.#stored);
    } catch (error) {
      throw fromSystem(error, `write a temporary file in ${this.#directory}`);
    }
    this.#stored += bytes.length;
  }

  #read(target: Buffer, position: number): number {
    try {
      return readSync(this.#handle, target, 0, target.length, position);
    } catch (error) {
      throw fromSystem(error, `read a temporary file in ${this.#directory}`);
    }
  }
}
