/**
 * The system's clock with local time from the C library, as git takes it. To ask the runtime for the offset to UTC
 * loads its own tables of all time zones: 7 ms of processor time, as much as a push of one file.
 */
import { FFIType, ptr } from "bun:ffi";

import { type Clock, systemClock } from "../base/clock.ts";
import { fixedMemory } from "../base/fixed-memory.ts";
import { loadFromC } from "./c-library.ts";
import { currentSystem } from "./system.ts";

type Calls = NonNullable<ReturnType<typeof loadCalls>>;

let calls: Calls | "unavailable" | undefined;

export const localClock: Clock = {
  ...systemClock,
  utcOffset: (at) => offsetByC(at) ?? systemClock.utcOffset(at),
};

/** @returns undefined where the C library can not be asked, or might know less zones than the runtime */
function offsetByC(at: number): number | undefined {
  // The usual case. With a name in it the C library silently says UTC where no tables are installed.
  if (process.env["TZ"] !== undefined || currentSystem() !== "linux") return undefined;
  calls ??= loadCalls() ?? "unavailable";
  return calls === "unavailable" ? undefined : offset(calls, at);
}

function loadCalls() {
  const { ptr: pointer } = FFIType;
  const loaded = loadFromC({
    tzset: { args: [], returns: FFIType.void },
    /** Seconds since 1970, answer. */
    localtime_r: { args: [pointer, pointer], returns: pointer },
  });
  loaded?.tzset();
  return loaded;
}

/** Of `struct tm`, on every 64-bit processor and in every C library of Linux. */
const TM_BYTES = 56;
const GMTOFF_AT = 40;

function offset({ localtime_r: localtime }: Calls, at: number): number | undefined {
  const seconds = new BigInt64Array(fixedMemory(8).buffer);
  const answer = new DataView(fixedMemory(TM_BYTES).buffer);
  seconds[0] = BigInt(Math.floor(at / 1000));
  if (localtime(ptr(seconds), ptr(answer)) === null) return undefined;
  const minutes = Number(answer.getBigInt64(GMTOFF_AT, true)) / 60;
  // Before standard time, clocks were apart by seconds too.
  return Math.abs(minutes) < 24 * 60 ? Math.trunc(minutes) : undefined;
}
