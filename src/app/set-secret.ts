import { LullError } from "../base/errors.ts";
import type { StoredAt } from "../secrets/secret-store.ts";
import type { Context, Deps } from "./deps.ts";
import { noteChange } from "./history.ts";
import { refuseIdentity, secretName } from "./secret-name.ts";

export type SecretSet = StoredAt & { readonly name: string };

/** Stores a secret, in the keychain if there is one. @throws LullError `BAD_SECRET_NAME`, `NO_SECRET`, `AGE_IDENTITY` (kind `usage`) */
export async function setSecret(
  deps: Deps,
  input: { readonly name: string; readonly value: string },
  { signal }: Context,
): Promise<SecretSet> {
  const name = secretName(input.name, deps);
  refuseIdentity(name, "set");
  if (input.value === "") {
    throw new LullError({
      kind: "usage",
      code: "NO_SECRET",
      message: "no secret was given",
      hint: "type it on the terminal, or send it: `lull secret set NAME < file`",
    });
  }
  const stored = await deps.secrets.set(name, input.value, signal);
  noteChange(deps, { action: "secret set", source: undefined, detail: { name, place: stored.place } });
  return { name, ...stored };
}
