/** The identities that this device has: in the secret store, each under its public key, so that none replaces another. */
import { throwIfAborted } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import { fromSystem, LullError } from "../../base/errors.ts";
import type { SecretStore } from "../secret-store.ts";
import type { Identities, OpenedIdentities } from "./age.ts";
import type { IdentityRecord } from "./identity-record.ts";
import { generateKeyPair, readKeyPair } from "./keys.ts";

/** What their names in the secret store begin with; `app/secret-name.ts` keeps people from taking such a name. */
const PREFIX = "age:";

export type IdentityParts = {
  readonly store: SecretStore;
  readonly record: IdentityRecord;
  readonly clock: Clock;
};

export function createIdentities({ store, record, clock }: IdentityParts): Identities {
  const list = (): readonly string[] =>
    store
      .list()
      .filter(({ name }) => name.startsWith(PREFIX))
      .map(({ name }) => name.slice(PREFIX.length));
  return {
    find: () => record.read(),
    generate: generateKeyPair,
    async become(device, recoveryKey, signal) {
      // The secret first: a record of one that was never stored would be an identity that nobody has.
      const stored = await store.set(PREFIX + device.key, device.secret, signal);
      record.write({ key: device.key, recoveryKey, madeAt: clock.now() });
      return stored;
    },
    async keep({ key, secret }, signal) {
      if (store.find(PREFIX + key) !== undefined) return undefined;
      return store.set(PREFIX + key, secret, signal);
    },
    list,
    read: readKeyPair,
    open: async (signal) => openAll({ own: record.read()?.key, keys: list() }, store, signal),
  };
}

async function openAll(
  { own, keys }: { readonly own: string | undefined; readonly keys: readonly string[] },
  store: SecretStore,
  signal: AbortSignal,
): Promise<OpenedIdentities> {
  const secrets: string[] = [];
  let failure: LullError | undefined;
  // One that the record names and the store does not know has to be missed, not passed over.
  const all = own === undefined ? keys : [own, ...keys.filter((key) => key !== own)];
  for (const key of all) {
    try {
      const secret = await store.get(PREFIX + key, signal);
      if (secret === undefined || !(await belongs(secret.value, key))) throw identityMissing(key);
      secrets.push(secret.value);
    } catch (error) {
      throwIfAborted(signal);
      failure ??= withOwnHint(error);
    }
  }
  return { secrets, failure };
}

/** What lies there may have been replaced; the library's error about it would repeat it. */
async function belongs(secret: string, key: string): Promise<boolean> {
  try {
    return (await readKeyPair(secret)).key === key;
  } catch {
    return false;
  }
}

function withOwnHint(thrown: unknown): LullError {
  const error = fromSystem(thrown, "read the age identity of this device");
  if (error.code !== "KEYCHAIN_LOCKED") return error;
  const { kind, code, message, causes, data, cause } = error;
  const hint =
    "unlock the keychain (log in to the desktop); if the entry is gone: `lull secret recover` with the recovery key";
  return new LullError({ kind, code, message, causes, hint, data, cause });
}

function identityMissing(key: string): LullError {
  return new LullError({
    kind: "auth",
    code: "IDENTITY_MISSING",
    message: `the secret of the age identity ${key} is not stored on this device any more`,
    causes: ["it was removed (`lull secret rm`)", "lull's state folder was cleaned or restored in part"],
    hint: "run `lull secret recover` with the recovery key: it makes a new identity as well",
    data: { key },
  });
}
