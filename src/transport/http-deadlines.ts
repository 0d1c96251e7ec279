/** The time limits of HTTP requests: a server that is silent, or only drips, must not hold a sync for ever. */
import type { Clock } from "../base/clock.ts";
import { formatDuration } from "../base/duration.ts";
import type { LullError } from "../base/errors.ts";
import { transportError } from "./transport-error.ts";

/** All in milliseconds. */
export type Deadlines = {
  /** From the request to the first byte of the list of refs; includes name look-up, connecting and TLS. */
  readonly firstByte: number;
  /** From the last byte sent to the answer's first: the server may be counting objects or running hooks. */
  readonly answer: number;
  /** Between two pieces, in either direction. */
  readonly idle: number;
  /** In each span this long at least `DRIP_BYTES` must move. */
  readonly drip: number;
};

export const DEFAULT_DEADLINES: Deadlines = {
  firstByte: 30_000,
  answer: 120_000,
  idle: 60_000,
  drip: 600_000,
};

/** 27 B/s over ten minutes; git's own keep-alives while it counts objects are 1 B/s, but not for so long. */
const DRIP_BYTES = 16_384;

/**
 * Work that does not yield (a scan, a first commit) holds timers and answers up alike, and the timers come first when
 * it ends. What has arrived by then counts: it gets this long to be noticed.
 */
const GRACE_MS = 100;

/**
 * Cancels one request when the caller's signal fires or a limit passes. The timer and the listener on the
 * caller's signal live until `stop`, which must be called in every case.
 */
export class RequestWatch {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #clock: Clock;
  readonly #remote: string;
  readonly #drip: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #spanStart: number;
  #spanBytes = 0;
  #pausedAt: number | undefined;

  readonly #onAbort = (): void => this.#controller.abort(this.#caller.reason);

  constructor(
    caller: AbortSignal,
    options: { readonly clock: Clock; readonly remote: string; readonly drip: number },
  ) {
    this.#caller = caller;
    this.#clock = options.clock;
    this.#remote = options.remote;
    this.#drip = options.drip;
    this.#spanStart = options.clock.monotonic();
    if (caller.aborted) this.#onAbort();
    else caller.addEventListener("abort", this.#onAbort);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts the limit anew; `what` completes "… took longer than". */
  arm(ms: number, what: string): void {
    clearTimeout(this.#timer);
    if (this.#pausedAt !== undefined) this.#spanStart += this.#clock.monotonic() - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.cancel(this.#timeout(what, ms)), GRACE_MS);
    }, ms);
  }

  /** Time does not count until the next `arm`: the work is on our side. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#pausedAt ??= this.#clock.monotonic();
  }

  /** Counts bytes that moved, for the drip limit. */
  moved(bytes: number): void {
    this.#spanBytes += bytes;
    const elapsed = (this.#pausedAt ?? this.#clock.monotonic()) - this.#spanStart;
    if (elapsed < this.#drip) return;
    if (this.#spanBytes < DRIP_BYTES) {
      this.cancel(this.#timeout(`moving ${DRIP_BYTES} bytes`, this.#drip));
      return;
    }
    this.#spanStart += elapsed;
    this.#spanBytes = 0;
  }

  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener("abort", this.#onAbort);
  }

  #timeout(what: string, ms: number): LullError {
    return transportError({
      code: "TIMEOUT",
      message: `${what} took longer than ${formatDuration(ms)} (${this.#remote})`,
    });
  }
}
