import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import type { Context, Deps } from "./deps.ts";
import { refuseIdentity, secretName } from "./secret-name.ts";

/** @throws LullError `UNKNOWN_SECRET`, `AGE_IDENTITY` (kind `usage`), `KEYCHAIN_LOCKED` (kind `auth`) */
export async function getSecret(
  deps: Deps,
  input: { readonly name: string },
  { signal }: Context,
): Promise<{ readonly name: string; readonly value: string }> {
  const name = secretName(input.name, deps);
  refuseIdentity(name, "print");
  const secret = await deps.secrets.get(name, signal);
  if (secret === undefined) throw unknownSecret(name);
  return { name, value: secret.value };
}

export function unknownSecret(name: string): LullError {
  return new LullError({
    kind: "usage",
    code: "UNKNOWN_SECRET",
    message: `no secret is stored under "${safeText(name)}"`,
    hint: "`lull secret list` names all",
  });
}
