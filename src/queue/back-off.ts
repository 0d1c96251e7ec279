/** How long to wait after a failure: exponential, with full jitter, so that many sources do not return at once. Pure. */

export type BackOff = {
  readonly baseMs: number;
  readonly capMs: number;
};

/** Nobody waits: spare the remote and the battery. */
export const UNATTENDED: BackOff = { baseMs: 30_000, capMs: 3_600_000 };
/** A person asked and may still be looking. */
export const ATTENDED: BackOff = { baseMs: 5000, capMs: 300_000 };
/** Another lull syncs the source, or a git command of the person is under way: over in a moment. */
export const MOMENTARY: BackOff = { baseMs: 5000, capMs: 60_000 };

/** A retry at once would only meet the same fault; jitter must not draw it. */
const LEAST_MS = 1000;

/**
 * Returns milliseconds: anywhere between nothing (one second) and base × 2^failures, at most the cap. Full jitter
 * spreads best and asks least (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param failures in a row before this one
 * @param random in [0, 1)
 */
export function backOffMs(failures: number, { baseMs, capMs }: BackOff, random: () => number): number {
  // 2^30 seconds are beyond every cap; larger exponents would only lose precision.
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(failures, 30));
  return Math.round(Math.max(LEAST_MS, random() * ceiling));
}
