import { parseDuration } from "../base/duration.ts";
import { usageError } from "./usage-error.ts";

/** Returns the milliseconds of a flag's value. @throws LullError `BAD_VALUE` (kind `usage`) */
export function checkedDuration(flag: string, text: string, shortestMs = 0): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= shortestMs) return ms;
  const least = shortestMs === 0 ? "" : ` of at least ${shortestMs / 1000}s`;
  throw usageError("BAD_VALUE", `--${flag} can not be "${text}"`, `give a duration${least}: 15m, 6h`);
}
