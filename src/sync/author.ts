import type { Signature } from "../git/model.ts";
import type { RunContext } from "./run-context.ts";

/** The person as their git knows them, else this device, so that a commit never lacks an author. */
export function authorOf(context: {
  readonly repository: Pick<RunContext["repository"], "identity">;
  readonly deps: Pick<RunContext["deps"], "clock" | "device" | "userName">;
}): Signature {
  const { clock, device, userName } = context.deps;
  const identity = context.repository.identity() ?? { name: userName, email: `${userName}@${device}` };
  const now = clock.now();
  return { ...identity, seconds: Math.floor(now / 1000), offsetMinutes: clock.utcOffset(now) };
}
