/** Reads `--since`: how long ago, or a day or moment of local time. */
import type { Clock } from "../base/clock.ts";
import { readMoment } from "./moment.ts";
import { usageError } from "./usage-error.ts";

/** Returns milliseconds since 1970 UTC; throws a usage error for what can not be understood. */
export function readSince(text: string, clock: Clock): number {
  const moment = readMoment(text, clock);
  if (moment !== undefined) return moment;
  throw usageError(
    "BAD_VALUE",
    `--since can not be "${text}"`,
    "write how long ago (12h, 2d, 4w) or a day (2026-03-01, or '2026-03-01 14:00')",
  );
}
