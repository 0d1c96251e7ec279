import type { Context, Deps } from "./deps.ts";
import { noteChange } from "./history.ts";
import { loginTarget, type LoginTargetInput } from "./login-target.ts";

export type LoggedOut = {
  readonly origin: string;
  /** False: nothing was stored. */
  readonly removed: boolean;
  /** Where another credential for this host still comes from, in words; undefined: nowhere. */
  readonly still: string | undefined;
  readonly dryRun: boolean;
};

/** Removes what `auth login` stored for a host; the token itself stays valid on the server. */
export async function logOut(
  deps: Deps,
  input: LoginTargetInput & { readonly dryRun: boolean },
  { signal }: Context,
): Promise<LoggedOut> {
  const { origin } = await loginTarget(deps, input);
  const { dryRun } = input;
  if (dryRun) return { origin, removed: deps.secrets.find(origin) !== undefined, still: undefined, dryRun };
  const removed = await deps.secrets.remove(origin, signal);
  if (removed) noteChange(deps, { action: "auth logout", source: undefined, detail: { origin } });
  const other = await deps.credentials.find(origin, { signal });
  return { origin, removed, still: other?.from, dryRun };
}
