import { parseDuration } from "../../../base/duration.ts";
import type { FlagTable } from "../../command.ts";
import { usageError } from "../../usage-error.ts";

export const RUN_FLAGS = {
  interval: {
    type: "string",
    valueHint: "DURATION",
    description: "Sync every source so often, whatever its schedule says: 15m",
  },
} as const satisfies FlagTable;

/** Below this a schedule would never let the machine rest, see `config/schedule-text.ts`. */
const SHORTEST_MS = 10_000;

/** Returns milliseconds. @throws LullError `BAD_VALUE` (kind `usage`) */
export function checkedInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms >= SHORTEST_MS) return ms;
  throw usageError(
    "BAD_VALUE",
    `--interval can not be "${text}"`,
    "give a duration of at least 10s: 15m, 6h",
  );
}
