import { readFileSync } from "node:fs";
import { join } from "node:path";

import { LullError, systemCode } from "../../base/errors.ts";
import type { SettingsSource } from "../../config/config.ts";
import type { DeviceIdentity } from "../../secrets/age/age.ts";
import type { Cipher } from "../../settings/cipher.ts";
import type { Deps } from "../deps.ts";

/** Who a source's encrypted files are for; in the managed repository. */
export const RECIPIENTS_FILE = ".lull/recipients.json";

export type SourceCipher = Cipher & {
  /** The text that `RECIPIENTS_FILE` has to have; undefined: it has it. */
  readonly listText: string | undefined;
  /** In the list, and not accepted on this device: nothing is encrypted for them. */
  readonly waiting: readonly { readonly key: string; readonly name: string }[];
  /** Remembers for whom is encrypted; to be called when the list has this device. */
  readonly accept: () => void;
};

export type SourceCipherInput = {
  readonly source: Pick<SettingsSource, "name">;
  readonly device: string;
  /** Of the managed repository. */
  readonly directory: string;
  readonly signal: AbortSignal;
};

/**
 * Undefined: this device has no key. One that meets a source for the first time takes over the list as it is, as one does
 * with the key of a server; from then on a new name in it waits for a person.
 * @throws LullError `SHUT_OUT` (kind `guard`), those of the list and of the record of what was accepted
 */
export async function sourceCipher(
  deps: Pick<Deps, "age" | "clock">,
  { source, device, directory, signal }: SourceCipherInput,
): Promise<SourceCipher | undefined> {
  const age = await deps.age();
  const own = age.identities.find();
  if (own === undefined) return undefined;
  const text = listIn(directory);
  const before = age.recipients.parse(text);
  const accepted = age.accepted.read(source.name);
  const now = deps.clock.now();
  const met = accepted.length === 0 ? before.recipients.filter(({ key }) => !isOwn(own, key)) : [];
  const known = [...accepted, ...met.map((one) => ({ ...one, acceptedAt: now }))];
  const { removed } = age.accepted.compare(before.recipients, known);
  if (removed.some(({ key }) => isOwn(own, key))) throw shutOut(source.name);
  let list = age.recipients.add(before, { key: own.key, name: device, kind: "device", addedAt: now });
  list = age.recipients.add(list, {
    key: own.recoveryKey,
    name: "recovery key",
    kind: "recovery",
    addedAt: now,
  });
  for (const { key, name, kind } of list.recipients)
    if (isOwn(own, key) && !known.some((one) => one.key === key))
      known.push({ key, name, kind, acceptedAt: now });
  const { use, waiting } = age.accepted.compare(list.recipients, known);
  const cipher = age.openCipher();
  const keys = use.map(({ key }) => key);
  const wanted = age.recipients.format(list);
  return {
    encrypt: (plain) => cipher.encrypt(plain, keys, signal),
    decrypt: (sealed) => cipher.decrypt(sealed, signal),
    listText: list.recipients.length === before.recipients.length ? undefined : wanted,
    waiting,
    accept: () => {
      if (known.length > accepted.length) age.accepted.write(source.name, known);
    },
  };
}

function isOwn({ key, recoveryKey }: DeviceIdentity, other: string): boolean {
  return other === key || other === recoveryKey;
}

function listIn(directory: string): string {
  try {
    return readFileSync(join(directory, RECIPIENTS_FILE), "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}

function shutOut(source: string): LullError {
  return new LullError({
    kind: "guard",
    code: "SHUT_OUT",
    message: `this device was taken off the list of those who can read the encrypted files of "${source}"`,
    causes: [
      "`lull secret recipients remove` on another device",
      "somebody who can push has changed the list",
    ],
    hint: `nothing was encrypted; if it is a mistake: lull secret recipients add ${source}`,
  });
}
