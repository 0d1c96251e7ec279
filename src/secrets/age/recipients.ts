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
  /** Whether it is a whole public key, with the right checksum. */
  readonly isKey: (text: string) => boolean;
  /**
   * Reads the file's text; an empty text is an empty list. What git merged twice counts once, with its earliest date.
   * @throws LullError `BAD_RECIPIENTS_FILE` (kind `unsafe`) with the entry's position
   */
  readonly parse: (text: string) => RecipientList;
  /** Returns the file's text: a line for each recipient that is whole by itself, so that git can merge it. */
  readonly format: (list: RecipientList) => string;
  /**
   * Returns the list with one more, also when it was taken off before; one whose key is there already stays as it is.
   * @throws LullError `BAD_RECIPIENT` (kind `usage`)
   */
  readonly add: (list: RecipientList, recipient: NewRecipient) => RecipientList;
  /**
   * Returns the list without one, whose line stays and says so.
   * @param removedAt wall time in milliseconds
   * @throws LullError `UNKNOWN_RECIPIENT` (kind `usage`)
   */
  readonly remove: (list: RecipientList, key: string, removedAt: number) => RecipientList;
};

export const recipientFunctions: RecipientFunctions = {
  isKey: isRecipient,
  parse: parseRecipients,
  format: formatRecipients,
  add: addRecipient,
  remove: removeRecipient,
};

/** The line with the version comes last and is always there: so each line of a recipient ends in a comma. */
function formatRecipients({ recipients, removed, extra }: RecipientList): string {
  const lines = [...recipients, ...removed]
    .sort(byKey)
    .map(({ extra: more, ...recipient }) => JSON.stringify({ ...recipient, ...more }));
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
  const recipients = [...list.recipients, { key, name, kind, added: dayOf(addedAt), extra: {} }].sort(byKey);
  return { ...list, recipients, removed: list.removed.filter((recipient) => recipient.key !== key) };
}

function removeRecipient(list: RecipientList, key: string, removedAt: number): RecipientList {
  const found = list.recipients.find((recipient) => recipient.key === key);
  if (found !== undefined) {
    return {
      ...list,
      recipients: list.recipients.filter((recipient) => recipient !== found),
      removed: [...list.removed, { ...found, removed: dayOf(removedAt) }].sort(byKey),
    };
  }
  throw new LullError({
    kind: "usage",
    code: "UNKNOWN_RECIPIENT",
    message: `no recipient has the key ${recipientInWords(key)}`,
    hint: "name it by its whole public key (age1…)",
  });
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
