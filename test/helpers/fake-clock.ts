import type { Clock } from "../../src/base/clock.ts";

export type FakeClock = Clock & {
  /** Lets time pass, on the wall and in the machine alike. */
  advance(ms: number): void;
  /** Sets the wall clock, forwards or back, as a person or NTP does; monotonic time does not notice. */
  setWall(at: number | string): void;
  setUtcOffset(minutes: number): void;
};

/** @param start wall time, in milliseconds or as ISO text */
export function fakeClock(start: number | string = "2025-01-15T12:00:00Z"): FakeClock {
  let wall = toMs(start);
  let monotonic = 0;
  let offset = 0;
  return {
    now: () => wall,
    monotonic: () => monotonic,
    utcOffset: () => offset,
    advance: (ms) => {
      if (!(ms >= 0)) throw new RangeError(`time can not pass by ${ms} ms`);
      wall += ms;
      monotonic += ms;
    },
    setWall: (at) => {
      wall = toMs(at);
    },
    setUtcOffset: (minutes) => {
      offset = minutes;
    },
  };
}

function toMs(at: number | string): number {
  const ms = typeof at === "number" ? at : Date.parse(at);
  if (!Number.isFinite(ms)) throw new RangeError(`no time: ${at}`);
  return ms;
}
