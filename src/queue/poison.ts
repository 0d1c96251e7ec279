/** A job over which workers die is poison: it would take them all with it, one after the other. Pure. */

/** One death may be a power cut and two bad luck. */
const MOST_CRASHES = 3;
/** After the first at once; a second in a row may have to do with the moment. */
const SECOND_CRASH_WAIT_MS = 60_000;

export type AfterCrash =
  | {
      readonly kind: "retry";
      readonly at: number;
      readonly reason: string;
      readonly attempts: number;
      readonly crashes: number;
    }
  | { readonly kind: "park"; readonly reason: string };

/** @param reason how the worker died, e.g. `killed by SIGKILL` */
export function afterCrash(
  job: { readonly attempts: number; readonly crashes: number },
  reason: string,
  now: number,
): AfterCrash {
  const crashes = job.crashes + 1;
  if (crashes >= MOST_CRASHES)
    return { kind: "park", reason: `its worker died ${crashes} times in a row: ${reason}` };
  const at = crashes === 1 ? now : now + SECOND_CRASH_WAIT_MS;
  return { kind: "retry", at, reason, attempts: job.attempts + 1, crashes };
}
