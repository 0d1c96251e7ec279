import type { Context, Deps } from "./deps.ts";
import { unknownSecret } from "./get-secret.ts";
import { noteChange } from "./history.ts";
import { secretName } from "./secret-name.ts";

/** @throws LullError `UNKNOWN_SECRET` (kind `usage`), `KEYCHAIN_UNAVAILABLE` */
export async function removeSecret(
  deps: Deps,
  input: { readonly name: string; readonly dryRun: boolean },
  { signal }: Context,
): Promise<{ readonly name: string; readonly dryRun: boolean }> {
  const { dryRun } = input;
  const name = secretName(input.name, deps);
  if (deps.secrets.find(name) === undefined) throw unknownSecret(name);
  if (dryRun) return { name, dryRun };
  await deps.secrets.remove(name, signal);
  noteChange(deps, { action: "secret rm", source: undefined, detail: { name } });
  return { name, dryRun };
}
