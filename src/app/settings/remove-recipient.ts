import { LullError } from "../../base/errors.ts";
import type { Context, Deps } from "../deps.ts";
import {
  type ChangedRecipients,
  changeRecipients,
  type RecipientChange,
  type RecipientsOf,
} from "./change-recipients.ts";
import { findRecipient } from "./find-recipient.ts";
import { shutOut, withOwn } from "./source-recipients.ts";

export type RemoveRecipientInput = {
  readonly source: string;
  /** A name, a key or a start of it, as typed. */
  readonly who: string;
  /** False: what other devices have was fetched a moment ago. */
  readonly fetch: boolean;
  readonly dryRun: boolean;
};

/**
 * Takes one off the list and encrypts everything anew for the rest. One that is off already is taken off for good here,
 * and the rest is done once more: so a command that was cut off is completed.
 * @throws LullError `UNKNOWN_RECIPIENT`, `AMBIGUOUS_RECIPIENT`, `OWN_IDENTITY`, `LAST_RECOVERY_KEY` (kind `usage`),
 * `SHUT_OUT` (kind `guard`), those of `changeRecipients`
 */
export async function removeRecipient(
  deps: Deps,
  { source, who, fetch, dryRun }: RemoveRecipientInput,
  context: Context,
): Promise<ChangedRecipients> {
  const change = (recipients: RecipientsOf): RecipientChange => without(recipients, who);
  return changeRecipients(deps, { name: source, change, fetch, dryRun }, context);
}

function without(recipients: RecipientsOf, who: string): RecipientChange {
  const { age, own, list, source, now } = recipients;
  const { key, name, kind } = findRecipient([...list.recipients, ...list.removed], who, source);
  if (key === own.key) throw ownKey(source);
  if (recipients.shutOut === "device" || (recipients.shutOut === "recovery" && key !== own.recoveryKey))
    throw shutOut(source, recipients.shutOut, own);
  const isListed = list.recipients.some((one) => one.key === key);
  const rest = {
    ...recipients,
    list: isListed ? age.recipients.remove(list, key, now) : list,
    accepted: recipients.accepted.filter((one) => one.key !== key),
  };
  const left = withOwn(rest, recipients);
  const { use } = age.accepted.compare(left.list.recipients, left.accepted);
  if (kind === "recovery" && !use.some((one) => one.kind === "recovery")) throw lastRecoveryKey(source);
  return { kind: "removed", recipient: { key, name, kind }, ...left };
}

function ownKey(source: string): LullError {
  return new LullError({
    kind: "usage",
    code: "OWN_IDENTITY",
    message: "this is the key of this device: without it, it could not read again what it encrypts",
    hint: `take it off on another device; to stop syncing here: lull remove ${source}; for a new key: lull secret init --force`,
  });
}

function lastRecoveryKey(source: string): LullError {
  return new LullError({
    kind: "usage",
    code: "LAST_RECOVERY_KEY",
    message: `it is the only recovery key that "${source}" is encrypted for: with it gone, lost devices would be lost files`,
    hint: `make another one first: lull secret init --force, then lull secret recipients add ${source}, then this command again`,
  });
}
