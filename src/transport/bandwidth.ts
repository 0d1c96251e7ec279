/**
 * Limits of bandwidth, the same for every way to a remote: what goes through a connection waits until its bytes may pass.
 * One of them holds for all connections of a process and can be changed while they are in use. What counts is git's own
 * bytes; headers and encryption come on top.
 */
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import { TokenBucket } from "./token-bucket.ts";
import type { ByteStream, Connection, GitService, RemoteMemory } from "./transport.ts";

/** Bytes per second; undefined: no limit. */
export type BandwidthLimits = { readonly upload: number | undefined; readonly download: number | undefined };

/** As fine as one packet of a network; more often would only cost time. */
const SMALLEST_PIECE = 1400;
/** A change of the limits, or the end of the sync, need not wait longer for what is handed over already. */
const PIECES_PER_SECOND = 10;

export class Bandwidth {
  readonly #up: TokenBucket;
  readonly #down: TokenBucket;

  constructor(parts: { readonly clock: Clock; readonly timers: Timers }) {
    this.#up = new TokenBucket(parts);
    this.#down = new TokenBucket(parts);
  }

  get limits(): BandwidthLimits {
    return { upload: this.#up.rate, download: this.#down.rate };
  }

  /** Counts at once, also for what is under way. */
  set limits({ upload, download }: BandwidthLimits) {
    this.#up.rate = upload;
    this.#down.rate = download;
  }

  /** @param signal ends the waiting */
  over(connection: Connection, signal: AbortSignal): Connection {
    return new LimitedConnection(connection, { up: this.#up, down: this.#down, signal });
  }
}

type Limiting = { readonly up: TokenBucket; readonly down: TokenBucket; readonly signal: AbortSignal };

class LimitedConnection implements Connection {
  readonly #inner: Connection;
  readonly #limiting: Limiting;

  constructor(inner: Connection, limiting: Limiting) {
    this.#inner = inner;
    this.#limiting = limiting;
  }

  get remote(): string {
    return this.#inner.remote;
  }

  get memory(): RemoteMemory | undefined {
    return this.#inner.memory;
  }

  async advertise(service: GitService, protocol: 0 | 2): Promise<ByteStream> {
    return this.#slowedDown(await this.#inner.advertise(service, protocol));
  }

  async exchange(service: GitService, request: ByteStream): Promise<ByteStream> {
    return this.#slowedDown(await this.#inner.exchange(service, this.#slowedUp(request)));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  async *#slowedUp(request: ByteStream): AsyncGenerator<Uint8Array> {
    const { up, signal } = this.#limiting;
    for await (const chunk of request) {
      for (let at = 0; at < chunk.length;) {
        await up.ready(signal);
        const most = up.rate === undefined ? chunk.length : Math.ceil(up.rate / PIECES_PER_SECOND);
        const piece = chunk.subarray(at, at + Math.max(most, SMALLEST_PIECE));
        up.add(piece.length);
        at += piece.length;
        yield piece;
      }
    }
  }

  /** What has come is handed on at once; only the next piece is asked for later, and the other side waits with it. */
  async *#slowedDown(answer: ByteStream): AsyncGenerator<Uint8Array> {
    const { down, signal } = this.#limiting;
    for await (const chunk of answer) {
      down.add(chunk.length);
      yield chunk;
      await down.ready(signal);
    }
  }
}
