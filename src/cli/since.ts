/** Reads `--since`: how long ago, or a day or moment of local time. */
import type { Clock } from "../base/clock.ts";
import { parseDuration } from "../base/duration.ts";
import { usageError } from "./usage-error.ts";

const MINUTE = 60_000;

/** Returns milliseconds since 1970 UTC; throws a usage error for what can not be understood. */
export function readSince(text: string, clock: Clock): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Math.max(0, clock.now() - ago);
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d))?$/.exec(text.trim());
  const wall = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2] ?? "00:00"}:00Z`);
  // Date.parse turns the 30th of February into a day of March.
  const isDay = !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(match?.[1] ?? "");
  if (isDay) return wall - clock.utcOffset(wall) * MINUTE;
  throw usageError(
    "BAD_VALUE",
    `--since can not be "${text}"`,
    "write how long ago (12h, 2d, 4w) or a day (2026-03-01, or '2026-03-01 14:00')",
  );
}
