import { LullError } from "../base/errors.ts";
import { QUESTION_DEADLINE_MS } from "./perform-actions.ts";
import type { ServiceEffects } from "./service.ts";

/** @throws LullError `NEEDS_ROOT` */
export function assertRoot({ userId, program }: { readonly userId: number; readonly program: string }): void {
  if (userId === 0) return;
  throw new LullError({
    kind: "failed",
    code: "NEEDS_ROOT",
    message: "a service of the whole system can be changed by root only",
    hint: `sudo ${program} service install --system; or leave --system out: a service of your own needs no rights`,
  });
}

/** A name as useradd and macOS make them: nothing in it means anything to systemd or launchd. */
const USER_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** @throws LullError `NO_SUCH_USER` */
export async function assertUserExists(
  user: string,
  effects: ServiceEffects,
  signal: AbortSignal,
): Promise<void> {
  const isNamed = USER_NAME.test(user);
  const found = isNamed
    ? await effects.run(["id", "-u", user], { deadlineMs: QUESTION_DEADLINE_MS, signal })
    : undefined;
  // A machine without `id` lets the manager itself find out.
  if (isNamed && (found?.kind !== "ended" || found.code === 0)) return;
  throw new LullError({
    kind: "usage",
    code: "NO_SUCH_USER",
    message: `there is no user "${user}" whose folders the service could sync`,
    hint: "name one: lull service install --system --user NAME",
  });
}
