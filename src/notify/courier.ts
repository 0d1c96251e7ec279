import type { Log } from "../base/log.ts";
import { LullError, messageOf } from "../base/errors.ts";
import type { Timers } from "../base/timers.ts";
import type { SendResult } from "./channel.ts";

/** Carries things over one channel, one after the other, apart from all other channels. */
export type Courier<T> = {
  readonly name: string;
  take(item: T): void;
  /** Tries what waits for a later try now; a time that the server has asked for is kept. */
  wake(): void;
  /** Resolves when nothing is being sent and nothing but a later try waits. */
  idle(): Promise<void>;
  /** Ends: what is being sent goes on to its end; returns what waits. */
  close(): readonly T[];
  /** Ends also what is being sent. */
  abort(): void;
};

export type Carriage<T> = {
  readonly name: string;
  readonly send: (item: T, signal: AbortSignal) => Promise<SendResult>;
  /** Whether the earlier one, which waits, has lost its meaning. */
  readonly replaces: (later: T, earlier: T) => boolean;
  /** For the log: `notices can not be sent (desktop)`, `notices are sent again (desktop)`. */
  readonly failing: string;
  readonly working: string;
};

/** Beyond this the oldest goes: a mail server that is down for a week gets no hundred mails afterwards. */
const MOST_WAITING = 20;
/** After the first, second, … try in vain; then it is given up. */
const WAITS_MS = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 14_400_000, 28_800_000];
/** Whatever a channel does, it is over by then. */
const DEADLINE_MS = 90_000;

type Waiting<T> = { readonly item: T; readonly tries: number };
type Failure = Extract<SendResult, { readonly kind: "failed" }>;

export function createCourier<T>(
  carriage: Carriage<T>,
  deps: { readonly timers: Timers; readonly log: Log },
): Courier<T> {
  const { timers, log } = deps;
  let queue: readonly Waiting<T>[] = [];
  let isSending = false;
  let isClosed = false;
  let isFailing = false;
  let pause: (Disposable & { readonly isAskedFor: boolean }) | undefined;
  const whenIdle: (() => void)[] = [];
  const stop = new AbortController();

  const endPause = (): void => {
    pause?.[Symbol.dispose]();
    pause = undefined;
  };

  const go = (): void => {
    const [first, ...rest] = queue;
    if (isSending || pause !== undefined || isClosed || first === undefined) return;
    queue = rest;
    isSending = true;
    void carry(first);
  };

  const carry = async (first: Waiting<T>): Promise<void> => {
    const result = await within(carriage, first.item, timers, stop.signal);
    isSending = false;
    if (!stop.signal.aborted) settle(first, result);
    go();
    if (!isSending) for (const resolve of whenIdle.splice(0)) resolve();
  };

  const settle = (tried: Waiting<T>, result: SendResult): void => {
    if (result.kind === "failed") return failed(tried, result);
    if (isFailing) log.info(carriage.working);
    isFailing = false;
  };

  const failed = (tried: Waiting<T>, { error, again }: Failure): void => {
    const hint = error.hint === undefined ? "" : `; ${error.hint}`;
    if (!isFailing) log.warn(`${carriage.failing}: ${error.message}${hint}`);
    isFailing = true;
    const usual = WAITS_MS[tried.tries];
    if (again === "never" || usual === undefined) return log.detail(`${carriage.failing}: given up`);
    if (isClosed) return;
    if (!queue.some(({ item }) => carriage.replaces(item, tried.item))) {
      queue = [{ ...tried, tries: tried.tries + 1 }, ...queue];
    }
    const timer = timers.after(Math.max(usual, again === "later" ? 0 : again), () => {
      pause = undefined;
      go();
    });
    pause = Object.assign(timer, { isAskedFor: again !== "later" });
  };

  return {
    name: carriage.name,
    take(item) {
      if (isClosed) return;
      const left = queue.filter((waiting) => !carriage.replaces(item, waiting.item));
      queue = [...left, { item, tries: 0 }].slice(-MOST_WAITING);
      go();
    },
    wake() {
      if (pause?.isAskedFor === true) return;
      endPause();
      go();
    },
    idle: () => (isSending ? new Promise((resolve) => whenIdle.push(resolve)) : Promise.resolve()),
    close() {
      isClosed = true;
      endPause();
      const left = queue.map(({ item }) => item);
      queue = [];
      return left;
    },
    abort: () => stop.abort(),
  };
}

/** Also a channel that forgets its deadline, or throws, comes to an end. */
async function within<T>(
  { name, send }: Carriage<T>,
  item: T,
  timers: Timers,
  stop: AbortSignal,
): Promise<SendResult> {
  const late = new AbortController();
  const signal = AbortSignal.any([stop, late.signal]);
  const { promise, resolve } = Promise.withResolvers<SendResult>();
  const give = (): void => resolve(failure("TIMEOUT", `${name} did not answer in time`));
  signal.addEventListener("abort", give, { once: true });
  using _ = timers.after(DEADLINE_MS, () => late.abort());
  try {
    return await Promise.race([promise, send(item, signal)]);
  } catch (error) {
    return failure("INTERNAL", `unexpected: ${messageOf(error)}`);
  } finally {
    signal.removeEventListener("abort", give);
  }
}

function failure(code: string, message: string): SendResult {
  return { kind: "failed", error: new LullError({ kind: "failed", code, message }), again: "later" };
}
