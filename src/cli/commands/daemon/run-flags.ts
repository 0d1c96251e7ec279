import type { FlagTable } from "../../command.ts";
import { checkedDuration } from "../../checked-duration.ts";

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
  return checkedDuration("interval", text, SHORTEST_MS);
}
