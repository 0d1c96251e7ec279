import { LullError } from "../../base/errors.ts";
import type { Recipient } from "../../secrets/age/recipient.ts";
import type { Context, Deps } from "../deps.ts";
import {
  type ChangedRecipients,
  changeRecipients,
  type RecipientChange,
  type RecipientsOf,
} from "./change-recipients.ts";
import { findRecipient } from "./find-recipient.ts";
import { shutOut, withOwn } from "./source-recipients.ts";

export type AddRecipientInput = {
  readonly source: string;
  /** A name, a key or a start of it, as typed; undefined: this device itself. */
  readonly who: string | undefined;
  /** What a key that is in no list yet is to be called. */
  readonly name: string | undefined;
  /** False: what other devices have was fetched a moment ago. */
  readonly fetch: boolean;
  readonly dryRun: boolean;
};

/**
 * Accepts one that waits, adds a key, or puts this device back, and encrypts everything anew.
 * @throws LullError `UNKNOWN_RECIPIENT`, `AMBIGUOUS_RECIPIENT`, `BAD_RECIPIENT`, `NAME_MISSING` (kind `usage`), `SHUT_OUT`
 * (kind `guard`), those of `changeRecipients`
 */
export async function addRecipient(
  deps: Deps,
  { source, who, name, fetch, dryRun }: AddRecipientInput,
  context: Context,
): Promise<ChangedRecipients> {
  const change = (recipients: RecipientsOf): RecipientChange =>
    who === undefined ? withThisDevice(recipients) : withOther(recipients, who, name);
  return changeRecipients(deps, { name: source, change, fetch, dryRun }, context);
}

function withThisDevice(recipients: RecipientsOf): RecipientChange {
  const { own, device } = recipients;
  if (recipients.shutOut === "recovery") throw shutOut(recipients.source, "recovery", own);
  const isBack = recipients.shutOut === "device";
  const { list, accepted } = withOwn(recipients, recipients);
  return {
    kind: isBack ? "returned" : list === recipients.list ? "anew" : "added",
    recipient: { key: own.key, name: device, kind: "device" },
    list,
    accepted,
  };
}

function withOther(recipients: RecipientsOf, who: string, name: string | undefined): RecipientChange {
  const { age, own, source, now } = recipients;
  const recipient = recipientOf(recipients, who, name);
  const { key } = recipient;
  // Its own are put back by name as well: that is what the refusal of a sync says.
  if (key === own.key) return withThisDevice(recipients);
  // Where the recovery key was taken off, another one in its place is the way on.
  const isAnswer = recipients.shutOut === "recovery" && recipient.kind === "recovery";
  if (recipients.shutOut !== undefined && !isAnswer) throw shutOut(source, recipients.shutOut, own);
  const added = age.recipients.add(recipients.list, { ...recipient, addedAt: now });
  const self = withOwn({ ...recipients, list: added }, recipients);
  const isAccepted = self.accepted.some((one) => one.key === key);
  const isListed = recipients.list.recipients.some((one) => one.key === key);
  return {
    kind: !isListed ? "added" : isAccepted ? "anew" : "accepted",
    recipient,
    list: self.list,
    accepted: isAccepted
      ? self.accepted
      : [...self.accepted, { key, name: recipient.name, kind: recipient.kind, acceptedAt: now }],
  };
}

type Found = Pick<Recipient, "key" | "name" | "kind">;

/** One that is known, in use or not, or a key that is new. */
function recipientOf({ age, list, own, source }: RecipientsOf, who: string, name: string | undefined): Found {
  const known = [...list.recipients, ...list.removed];
  const isNew = age.recipients.isKey(who) && !known.some(({ key }) => key === who);
  if (!isNew) {
    const { key, name: called, kind } = findRecipient(known, who, source);
    return { key, name: called, kind };
  }
  if (name !== undefined) return { key: who, name, kind: who === own.recoveryKey ? "recovery" : "device" };
  throw new LullError({
    kind: "usage",
    code: "NAME_MISSING",
    message: `the key ${who} is new to "${source}" and needs a name`,
    causes: ["the device that it is for has not synced yet", "the key is that of something else"],
    hint: `compare it with what \`lull secret list\` shows there; then: lull secret recipients add ${source} ${who} --name NAME`,
  });
}
