/**
 * The only place that asks the system for the time. Everything else takes a `Clock`, so that tests turn it.
 */
export type Clock = {
  /** Wall time, milliseconds since 1970 UTC. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes back, not even when the wall clock does. */
  monotonic(): number;
  /** Minutes that local time is ahead of UTC at the given wall time (Rome in summer: 120). */
  utcOffset(at: number): number;
};

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  utcOffset: (at) => 0 - new Date(at).getTimezoneOffset(),
};
