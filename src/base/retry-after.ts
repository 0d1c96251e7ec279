/** How long a server asks to be left alone, from the headers of an HTTP answer. */
import type { Clock } from "./clock.ts";

/** A shorter wait would be hammering; a longer one than this must not silence a source for days. */
const MIN_MS = 1000;
const MAX_MS = 3_600_000;
/** Used when the server names no time, or none that can be read. */
const DEFAULT_MS = 60_000;

/**
 * Returns milliseconds between one second and one hour. Reads `Retry-After` as seconds or as an HTTP date, then
 * GitHub's and GitLab's reset times (seconds since 1970).
 */
export function retryAfterMs(headers: Headers, clock: Clock): number {
  const asked = readRetryAfter(headers.get("retry-after"), clock) ?? readReset(headers, clock) ?? DEFAULT_MS;
  return Math.min(MAX_MS, Math.max(MIN_MS, Math.round(asked)));
}

function readRetryAfter(value: string | null, clock: Clock): number | undefined {
  const text = value?.trim() ?? "";
  if (/^[+-]?\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  // Date.parse accepts nearly anything ("soon 5"); only the shapes of an HTTP date count.
  if (!/^[a-z]{3,9},? .*\d\d:\d\d:\d\d/i.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at - clock.now();
}

function readReset(headers: Headers, clock: Clock): number | undefined {
  const text = headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset") ?? "";
  return /^\d{9,12}$/.test(text) ? Number(text) * 1000 - clock.now() : undefined;
}
