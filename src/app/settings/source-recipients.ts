import { readFileSync } from "node:fs";
import { join } from "node:path";

import { LullError, systemCode } from "../../base/errors.ts";
import type { AcceptedRecipient } from "../../secrets/age/accepted-recipients.ts";
import type { Age, DeviceIdentity } from "../../secrets/age/age.ts";
import type { RecipientList } from "../../secrets/age/recipient.ts";
import type { Deps } from "../deps.ts";

/** Who a source's encrypted files are for; in the managed repository. */
export const RECIPIENTS_FILE = ".lull/recipients.json";

/** What the repository's list says, and what this device holds of it. */
export type SourceRecipients = {
  readonly age: Age;
  /** Undefined: `lull secret init` was never run here. */
  readonly own: DeviceIdentity | undefined;
  readonly list: RecipientList;
  /** As it is on this device's disk. */
  readonly remembered: readonly AcceptedRecipient[];
  /** Accepted from now on: one that was taken off has to be accepted again, however it comes back into the list. */
  readonly accepted: readonly AcceptedRecipient[];
  /** Accepted once, and no longer in the list. */
  readonly gone: readonly AcceptedRecipient[];
  /** What of this device was taken off; undefined: nothing. */
  readonly shutOut: "device" | "recovery" | undefined;
};

/**
 * Reads both. One that meets a source for the first time takes over the list as it is, as one does with the key of a
 * server; from then on a new key in it waits for a person.
 * @param directory of the managed repository
 * @throws LullError `BAD_RECIPIENTS_FILE` (kind `unsafe`), `ACCEPTED_RECIPIENTS_UNREADABLE`, `IDENTITY_UNREADABLE`
 * (kind `config`)
 */
export async function sourceRecipients(
  deps: Pick<Deps, "age" | "clock">,
  { source, directory }: { readonly source: string; readonly directory: string },
): Promise<SourceRecipients> {
  const age = await deps.age();
  const own = age.identities.find();
  const list = age.recipients.parse(listIn(directory));
  const remembered = age.accepted.read(source);
  const acceptedAt = deps.clock.now();
  const met =
    remembered.length > 0
      ? []
      : list.recipients
          .filter(({ key }) => !isOwnKey(own, key))
          .map(({ key, name, kind }) => ({ key, name, kind, acceptedAt }));
  const gone = age.accepted.compare(list.recipients, remembered).removed;
  // Only by a line that says so. One that has merely no line brings itself back: it is a new repository, or somebody cut
  // the line out, and nothing is encrypted for it meanwhile.
  const isOff = new Set(list.removed.map(({ key }) => key));
  const accepted = [...remembered.filter(({ key }) => !isOff.has(key)), ...met];
  const wasAccepted = (key: string): boolean => remembered.some((one) => one.key === key);
  const shutOut =
    own === undefined
      ? undefined
      : isOff.has(own.key)
        ? "device"
        : isOff.has(own.recoveryKey) && wasAccepted(own.recoveryKey)
          ? "recovery"
          : undefined;
  return { age, own, list, remembered, accepted, gone, shutOut };
}

/** The device's own key and its recovery key. */
export function isOwnKey(own: DeviceIdentity | undefined, key: string): boolean {
  return own !== undefined && (key === own.key || key === own.recoveryKey);
}

/**
 * With this device in it, and its recovery key unless a person took that off; both are accepted. The same lists come back
 * where nothing was missing.
 */
export function withOwn(
  { age, own, list, accepted }: SourceRecipients & { readonly own: DeviceIdentity },
  { device, now }: { readonly device: string; readonly now: number },
): Pick<SourceRecipients, "list" | "accepted"> {
  let wanted = age.recipients.add(list, { key: own.key, name: device, kind: "device", addedAt: now });
  const recovery = { key: own.recoveryKey, name: "recovery key", kind: "recovery", addedAt: now } as const;
  if (!wanted.removed.some(({ key }) => key === own.recoveryKey))
    wanted = age.recipients.add(wanted, recovery);
  const missing = wanted.recipients.filter(
    ({ key }) => isOwnKey(own, key) && !accepted.some((one) => one.key === key),
  );
  const known = missing.map(({ key, name, kind }) => ({ key, name, kind, acceptedAt: now }));
  return { list: wanted, accepted: [...accepted, ...known] };
}

function listIn(directory: string): string {
  try {
    return readFileSync(join(directory, RECIPIENTS_FILE), "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return "";
    throw error;
  }
}

/** @param what of this device is no longer in the list */
export function shutOut(source: string, what: "device" | "recovery", own: DeviceIdentity): LullError {
  const isDevice = what === "device";
  return new LullError({
    kind: "guard",
    code: "SHUT_OUT",
    message: isDevice
      ? `this device was taken off the list of those who can read the encrypted files of "${source}"`
      : `the recovery key of this device was taken off the list of those who can read the encrypted files of "${source}"`,
    causes: [
      "`lull secret recipients remove` on another device",
      "somebody who can push has changed the list",
    ],
    hint: isDevice
      ? `nothing was encrypted; if it is a mistake: lull secret recipients add ${source}`
      : `nothing was encrypted; \`lull secret recipients list ${source}\` shows whether another one took its place: lull secret recipients add ${source} KEY; if it is a mistake: lull secret recipients add ${source} ${own.recoveryKey}`,
    data: { source },
  });
}
