/** Reads `.lull/recipients.json` as something that a stranger may have written. Pure. */
import { LullError, messageOf } from "../../base/errors.ts";
import { isRecipient, recipientInWords } from "./keys.ts";
import {
  byKey,
  isRecipientName,
  LIST_VERSION,
  MOST_RECIPIENTS,
  type Recipient,
  type RecipientList,
  type RemovedRecipient,
} from "./recipient.ts";

/** In characters; the most recipients with long names fit three times. */
const LONGEST_TEXT = 512 * 1024;

/** The list and its entries are two; the rest is for what a newer lull may write. */
const DEEPEST = 10;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

type Fields = Readonly<Record<string, unknown>>;

/** @throws LullError `BAD_RECIPIENTS_FILE` (kind `unsafe`) */
export function parseRecipients(text: string): RecipientList {
  if (text.trim() === "") return { recipients: [], removed: [], extra: {} };
  const entries = entriesOf(text);
  const last = fieldsOf(entries.at(-1));
  if (last === undefined || !("version" in last)) throw bad("its last entry does not say the version");
  const { version, ...extra } = last;
  if (version !== LIST_VERSION) {
    throw bad(
      `it is of the version ${JSON.stringify(version)?.slice(0, 20)}; this lull knows ${LIST_VERSION}`,
    );
  }
  const recipients = entries.slice(0, -1).map((entry, index) => recipientOf(fieldsOf(entry), index + 1));
  return { ...onceEach(recipients), extra };
}

function entriesOf(text: string): readonly unknown[] {
  if (text.length > LONGEST_TEXT) throw bad(`it has ${text.length} characters; ${LONGEST_TEXT} are the most`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(/^(?:<{7}|={7}|>{7})/m.test(text) ? "a conflict stands in it" : "it is no JSON", error);
  }
  // To write 100,000 levels again takes half a minute.
  if (!isShallow(value, DEEPEST)) throw bad(`it is nested deeper than ${DEEPEST} levels`);
  if (!Array.isArray(value)) throw bad("it is no list");
  if (value.length > MOST_RECIPIENTS + 1) {
    throw bad(`it has ${value.length - 1} recipients; ${MOST_RECIPIENTS} are the most`);
  }
  return value as readonly unknown[];
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((item) => isShallow(item, levels - 1));
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** With `removed` it was taken off. */
type Entry = Recipient & { readonly removed?: string };

function recipientOf(fields: Fields | undefined, position: number): Entry {
  if (fields === undefined) throw bad(`recipient ${position} is no object`);
  const { key, name, kind, added, removed, ...extra } = fields;
  if (typeof key !== "string" || !isRecipient(key)) {
    const shown = typeof key === "string" ? `: ${recipientInWords(key)}` : "";
    throw bad(`the \`key\` of recipient ${position} is no public key of age (age1…)${shown}`);
  }
  if (typeof name !== "string" || !isRecipientName(name)) {
    throw bad(`the \`name\` of recipient ${position} is no line of text`);
  }
  if (kind !== "device" && kind !== "recovery") {
    throw bad(`the \`kind\` of recipient ${position} is neither device nor recovery`);
  }
  if (!isDate(added)) throw bad(`\`added\` of recipient ${position} is no date such as 2026-03-02`);
  const recipient: Entry = { key, name, kind, added, extra };
  if (removed === undefined) return recipient;
  if (isDate(removed)) return { ...recipient, removed };
  throw bad(`\`removed\` of recipient ${position} is no date such as 2026-03-02`);
}

function isDate(value: unknown): value is string {
  return typeof value === "string" && DATE.test(value) && !Number.isNaN(Date.parse(value));
}

/**
 * Two devices may have added the same key, as each does with the recovery key; the same one stays on all of them. What
 * one has taken off is gone, whatever another had beside it, unless it was added again on a later day.
 */
function onceEach(entries: readonly Entry[]): Pick<RecipientList, "recipients" | "removed"> {
  const recipients = new Map<string, Recipient>();
  const gone = new Map<string, RemovedRecipient>();
  for (const { removed, ...entry } of entries) {
    if (removed !== undefined && removed > (gone.get(entry.key)?.removed ?? ""))
      gone.set(entry.key, { ...entry, removed });
  }
  for (const { removed, ...entry } of entries) {
    if (removed !== undefined || entry.added <= (gone.get(entry.key)?.removed ?? "")) continue;
    const before = recipients.get(entry.key);
    if (before === undefined || rank(entry) < rank(before)) recipients.set(entry.key, entry);
  }
  return {
    recipients: [...recipients.values()].sort(byKey),
    removed: [...gone.values()].filter(({ key }) => !recipients.has(key)).sort(byKey),
  };
}

function rank({ added, name, kind }: Recipient): string {
  return `${added} ${kind} ${name}`;
}

function bad(why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "unsafe",
    code: "BAD_RECIPIENTS_FILE",
    message: `.lull/recipients.json can not be used: ${why}`,
    causes: [
      "it was changed by hand",
      "a newer lull has written it",
      "somebody who may push has put something there",
      ...(cause === undefined ? [] : [messageOf(cause)]),
    ],
    hint: "take the version before it back (`lull log`, `lull restore`); nothing is encrypted by it until then",
    cause,
  });
}
