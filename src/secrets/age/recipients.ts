/**
 * The list of recipients that a managed repository carries, `.lull/recipients.json`: who its encrypted files are for.
 * Whoever can push can write it, so that nothing is encrypted by it alone (`accepted-recipients.ts`). Pure.
 */
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { isRecipient, recipientInWords } from "./keys.ts";
import { parseRecipients } from "./parse-recipients.ts";
import {
  byKey,
  isRecipientName,
  LIST_VERSION,
  LONGEST_NAME,
  type Recipient,
  type RecipientList,
} from "./recipient.ts";

export type NewRecipient = Pick<Recipient, "key" | "name" | "kind"> & {
  /** Wall time in milliseconds. */
  readonly addedAt: number;
};

export type RecipientFunctions = {
  /**
   * Reads the file's text; an empty text is an empty list. What git merged twice counts once, with its earliest date.
   * @throws LullError `BAD_RECIPIENTS_FILE` (kind `unsafe`) with the entry's position
   */
  readonly parse: (text: string) => RecipientList;
  /** Returns the file's text: a line for each recipient that is whole by itself, so that git can merge it. */
  readonly format: (list: RecipientList) => string;
  /**
   * Returns the list with one more; one whose key is there already stays as it is.
   * @throws LullError `BAD_RECIPIENT` (kind `usage`)
   */
  readonly add: (list: RecipientList, recipient: NewRecipient) => RecipientList;
  /** @throws LullError `UNKNOWN_RECIPIENT` (kind `usage`) */
  readonly remove: (list: RecipientList, key: string) => RecipientList;
  /** Returns what both lists have, for a file on which git found a conflict: what `base` had and one lacks is gone. */
  readonly merge: (lists: {
    readonly base: RecipientList;
    readonly ours: RecipientList;
    readonly theirs: RecipientList;
  }) => RecipientList;
};

export const recipientFunctions: RecipientFunctions = {
  parse: parseRecipients,
  format: formatRecipients,
  add: addRecipient,
  remove: removeRecipient,
  merge: mergeRecipients,
};

/** The line with the version comes last and is always there: so each line of a recipient ends in a comma. */
function formatRecipients({ recipients, extra }: RecipientList): string {
  const lines = recipients
    .toSorted(byKey)
    .map(({ key, name, kind, added, extra: more }) => JSON.stringify({ key, name, kind, added, ...more }));
  return `[\n${[...lines, JSON.stringify({ version: LIST_VERSION, ...extra })].join(",\n")}\n]\n`;
}

function addRecipient(list: RecipientList, { key, name, kind, addedAt }: NewRecipient): RecipientList {
  const bad = !isRecipient(key)
    ? `is no public key of age (age1…): ${recipientInWords(key)}`
    : !isRecipientName(name)
      ? `can not be named "${safeText(name.slice(0, LONGEST_NAME))}": one line of at most ${LONGEST_NAME} characters`
      : undefined;
  if (bad !== undefined) {
    throw new LullError({
      kind: "usage",
      code: "BAD_RECIPIENT",
      message: `the recipient ${bad}`,
      hint: "`lull secret list` on the device that it is for shows its public key",
    });
  }
  if (list.recipients.some((recipient) => recipient.key === key)) return list;
  const added = new Date(addedAt).toISOString().slice(0, 10);
  const recipients = [...list.recipients, { key, name, kind, added, extra: {} }].sort(byKey);
  return { ...list, recipients };
}

function removeRecipient(list: RecipientList, key: string): RecipientList {
  const recipients = list.recipients.filter((recipient) => recipient.key !== key);
  if (recipients.length < list.recipients.length) return { ...list, recipients };
  throw new LullError({
    kind: "usage",
    code: "UNKNOWN_RECIPIENT",
    message: `no recipient has the key ${recipientInWords(key)}`,
    hint: "name it by its whole public key (age1…)",
  });
}

function mergeRecipients({ base, ours, theirs }: Parameters<RecipientFunctions["merge"]>[0]): RecipientList {
  const has = (list: RecipientList, key: string): boolean =>
    list.recipients.some((recipient) => recipient.key === key);
  const added = theirs.recipients.filter(({ key }) => !has(ours, key) && !has(base, key));
  const kept = ours.recipients.filter(({ key }) => has(theirs, key) || !has(base, key));
  return {
    recipients: [...kept, ...added].sort(byKey),
    extra: { ...theirs.extra, ...ours.extra },
  };
}
