import type { DeviceIdentity } from "../secrets/age/age.ts";
import type { StoredSecret } from "../secrets/secret-store.ts";
import type { Deps } from "./deps.ts";
import { identityName } from "./secret-name.ts";

/** What is public of this device's encryption. */
export type Encryption = DeviceIdentity & {
  /** Where its secret lies; undefined: it is gone. */
  readonly place: StoredSecret["place"] | undefined;
};

/**
 * Returns nothing where `lull secret init` was never run; no keychain is asked.
 * @throws LullError `IDENTITY_UNREADABLE`, `UNSAFE_PERMISSIONS` (kind `config`)
 */
export async function getEncryption(deps: Pick<Deps, "age" | "secrets">): Promise<Encryption | undefined> {
  const identity = (await deps.age()).identities.find();
  return identity && { ...identity, place: deps.secrets.find(identityName(identity.key))?.place };
}
