import type { Context, Deps } from "./deps.ts";
import { unknownSecret } from "./get-secret.ts";
import { noteChange } from "./history.ts";
import { identityName, refuseIdentity, secretName } from "./secret-name.ts";

/** @throws LullError `UNKNOWN_SECRET`, `AGE_IDENTITY` (kind `usage`), `KEYCHAIN_UNAVAILABLE` */
export async function removeSecret(
  deps: Deps,
  input: { readonly name: string; readonly dryRun: boolean },
  { signal }: Context,
): Promise<{ readonly name: string; readonly dryRun: boolean }> {
  const { dryRun } = input;
  const name = secretName(input.name, deps);
  if (deps.secrets.find(name) === undefined) throw unknownSecret(name);
  // Those that are kept beside it, to read with, may go.
  const identity = name.startsWith(identityName("")) ? (await deps.age()).identities.find() : undefined;
  if (identity !== undefined && name === identityName(identity.key)) refuseIdentity(name, "remove");
  if (dryRun) return { name, dryRun };
  await deps.secrets.remove(name, signal);
  noteChange(deps, { action: "secret rm", source: undefined, detail: { name } });
  return { name, dryRun };
}
