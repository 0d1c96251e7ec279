/**
 * Git's wire protocol, versions 0, 1 and 2, over a `Connection`: what is asked and answered, in which frames, and
 * when an answer is complete. This folder owns the conversation; it must not know what carries the bytes
 * (`transport/`), how objects are stored (`git/objects`) or why somebody fetches or pushes (`sync/`).
 *
 * This file is the framing: four hex digits of length, then the payload.
 */
import { safeText } from "../../base/safe-text.ts";
import type { ByteStream } from "../../transport/transport.ts";
import { transportError } from "../../transport/transport-error.ts";

export type Packet =
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "flush" }
  | { readonly kind: "delimiter" }
  | { readonly kind: "response-end" };

/** Git's LARGE_PACKET_MAX: length digits included. */
export const MAX_PACKET = 65_520;

export const FLUSH: Uint8Array = Buffer.from("0000");
export const DELIMITER: Uint8Array = Buffer.from("0001");

/** Returns one framed packet; text goes as latin1, so that byte strings (see `model.ts`) come out unchanged. */
export function packet(payload: string | Uint8Array): Uint8Array {
  const bytes = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const framed = Buffer.allocUnsafe(bytes.length + 4);
  framed.write((bytes.length + 4).toString(16).padStart(4, "0"), 0, "latin1");
  framed.set(bytes, 4);
  return framed;
}

const EMPTY = new Uint8Array(0);
/** The length and enough to tell an error. */
const SHORTEST_START = 8;

/** Takes packets out of a stream that may be split anywhere. */
export class PacketReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #remote: string;
  #buffer: Uint8Array = EMPTY;
  #offset = 0;
  /** Bytes of the packet under way that have not been taken yet. */
  #left = 0;
  #returned: Packet | undefined;

  /** @param remote for messages */
  constructor(stream: ByteStream, remote: string) {
    this.#iterator = stream[Symbol.asyncIterator]();
    this.#remote = remote;
  }

  /**
   * Returns the next packet; undefined when the stream ends between two. The bytes stay valid after the next call.
   * @throws LullError `TRUNCATED` inside a packet; `REMOTE_ERROR` for the other side's `ERR` line or for wrong framing
   */
  next(): Promise<Packet | undefined> {
    return this.#take(MAX_PACKET);
  }

  /** @param least of a longer packet so many bytes are enough, and what else has come; `more` must take the rest */
  async #take(least: number): Promise<Packet | undefined> {
    const returned = this.#returned;
    if (returned !== undefined) {
      this.#returned = undefined;
      return returned;
    }
    if (!(await this.#have(4))) {
      if (this.#buffer.length === this.#offset) return undefined;
      throw this.truncated();
    }
    const length = this.#readLength();
    if (length < 4) {
      this.#offset += 4;
      return { kind: length === 0 ? "flush" : length === 1 ? "delimiter" : "response-end" };
    }
    if (!(await this.#have(Math.min(length, least)))) throw this.truncated();
    const end = Math.min(this.#offset + length, this.#buffer.length);
    const bytes = this.#buffer.subarray(this.#offset + 4, end);
    this.#left = this.#offset + length - end;
    this.#offset = end;
    if (startsWithErr(bytes)) throw this.#remoteError(bytes);
    return { kind: "data", bytes };
  }

  /** As `next`, but the stream must not end here. */
  async need(): Promise<Packet> {
    const found = await this.next();
    if (found === undefined) throw this.truncated();
    return found;
  }

  /**
   * As `need`, but of a long packet it may give the beginning alone: a pack need not be put together from the pieces in
   * which it comes, which would copy every byte of it. `more` must be asked until it has nothing.
   */
  async needStart(): Promise<Packet> {
    const found = await this.#take(SHORTEST_START);
    if (found === undefined) throw this.truncated();
    return found;
  }

  /** Returns the next piece of a packet that `needStart` began; undefined at its end. */
  async more(): Promise<Uint8Array | undefined> {
    if (this.#left === 0) return undefined;
    if (!(await this.#have(1))) throw this.truncated();
    const bytes = this.#buffer.subarray(this.#offset, this.#offset + this.#left);
    this.#offset += bytes.length;
    this.#left -= bytes.length;
    return bytes;
  }

  /** Returns the next packet's text (latin1, without its line break), or undefined at a flush, delimiter or end packet. */
  async line(): Promise<string | undefined> {
    const found = await this.need();
    return found.kind === "data" ? lineOf(found.bytes) : undefined;
  }

  /** Puts one packet back for the next `next`. */
  unread(packet: Packet): void {
    this.#returned = packet;
  }

  /** Hands on what follows the packets, unframed, to the end of the stream (a pack behind push commands). */
  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      if (this.#offset < this.#buffer.length) yield this.#buffer.subarray(this.#offset);
      for (let next = await this.#iterator.next(); next.done !== true; next = await this.#iterator.next()) {
        yield next.value;
      }
    } finally {
      await this.close();
    }
  }

  /** Gives the rest of the stream up; safe to call at its end and twice. */
  async close(): Promise<void> {
    this.#buffer = EMPTY;
    this.#offset = 0;
    await this.#iterator.return?.();
  }

  truncated(): Error {
    return transportError({
      code: "TRUNCATED",
      message: `the answer of ${this.#remote} broke off before its end`,
    });
  }

  /** The error for an answer that does not follow the protocol. */
  malformed(what: string): Error {
    return transportError({
      code: "REMOTE_ERROR",
      message: `${this.#remote} does not follow git's protocol: ${safeText(what)}`,
    });
  }

  async #have(size: number): Promise<boolean> {
    if (this.#buffer.length - this.#offset >= size) return true;
    const chunks = [this.#buffer.subarray(this.#offset)];
    let have = this.#buffer.length - this.#offset;
    while (have < size) {
      const next = await this.#iterator.next();
      if (next.done === true) break;
      chunks.push(next.value);
      have += next.value.length;
    }
    const [, only] = chunks;
    this.#buffer =
      chunks.length === 2 && chunks[0]?.length === 0 && only !== undefined ? only : Buffer.concat(chunks);
    this.#offset = 0;
    return have >= size;
  }

  #readLength(): number {
    let length = 0;
    for (let index = this.#offset; index < this.#offset + 4; index++) {
      const digit = hexDigit(this.#buffer[index] ?? 0);
      if (digit < 0) throw this.malformed(`"${this.#peek(4)}" is no packet length`);
      length = length * 16 + digit;
    }
    if (length === 3 || length > MAX_PACKET) throw this.malformed(`${length} is no packet length`);
    return length;
  }

  #peek(size: number): string {
    return Buffer.from(this.#buffer.subarray(this.#offset, this.#offset + size)).toString("latin1");
  }

  #remoteError(bytes: Uint8Array): Error {
    const text = Buffer.from(bytes.subarray(4)).toString("utf8").trim().slice(0, 500);
    return transportError({ code: "REMOTE_ERROR", message: `${this.#remote} said: ${safeText(text)}` });
  }
}

/** Returns a packet's bytes as latin1 text without the line break that git adds or leaves out as it likes. */
export function lineOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function startsWithErr(bytes: Uint8Array): boolean {
  return bytes[0] === 0x45 && bytes[1] === 0x52 && bytes[2] === 0x52 && bytes[3] === 0x20;
}
