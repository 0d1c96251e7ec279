import type { ChangedRecipients } from "../../app/settings/change-recipients.ts";
import type { ListedRecipient, RecipientsOfSource } from "../../app/settings/list-recipients.ts";
import { safeText } from "../../base/safe-text.ts";
import { hangingLines, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";

/** A block for each source: who can read its encrypted files, and what there is to do. */
export function recipientLines(sources: readonly RecipientsOfSource[], look: Look): readonly string[] {
  return sources.flatMap((source, index) => [...(index === 0 ? [] : [""]), ...sourceLines(source, look)]);
}

function sourceLines(
  { source, recipients, hasIdentity, shutOut }: RecipientsOfSource,
  look: Look,
): readonly string[] {
  const { style, symbols, width } = look;
  const name = safeText(source);
  const attention = (text: string): readonly string[] =>
    hangingLines(`${style.yellow(symbols.attention)} `, text, width);
  const head = ["NAME", "KIND", "ADDED", "HERE", "KEY"].map((title) => style.dim(title));
  const rows = recipients.map((one) => [
    safeText(one.name) + marks(one),
    one.kind === "device" ? "device" : "recovery key",
    one.added,
    stateOf(one),
    one.key,
  ]);
  const isWaiting = recipients.some(({ state }) => state === "waiting");
  return [
    style.bold(name),
    ...(rows.length === 0 ? ["Nothing of it is encrypted yet."] : wrapColumns([head, ...rows], width)),
    ...(hasIdentity
      ? []
      : attention(
          "This device has no key: `lull secret init`, or `lull secret recover` on a further device.",
        )),
    ...(shutOut === undefined
      ? []
      : attention(
          shutOut === "device"
            ? `This device was taken off; nothing is encrypted here. If it is a mistake: lull secret recipients add ${name}`
            : "The recovery key of this device was taken off; nothing is encrypted here until somebody confirms it or adds it again.",
        )),
    ...(isWaiting
      ? attention(
          `For those that wait nothing is encrypted here. If one is yours, and \`lull secret list\` shows the same key there: lull secret recipients add ${name} KEY; if not: lull secret recipients remove ${name} KEY`,
        )
      : []),
  ];
}

function marks({ isOwn }: ListedRecipient): string {
  return isOwn === undefined ? "" : isOwn === "device" ? " (this device)" : " (this device's)";
}

function stateOf({ state, removed }: ListedRecipient): string {
  switch (state) {
    case "used":
      return "used";
    case "waiting":
      return "waits for you";
    case "new":
      return "from the next sync on";
    case "removed":
      return removed === undefined ? "has no line any more" : `taken off ${removed}`;
  }
}

/** What was done to the list and to the files, and what a person has to do beside. */
export function changedRecipientsLines(result: ChangedRecipients, look: Look): readonly string[] {
  const { kind, source, files, recipients, waiting, left, notFetched, dryRun } = result;
  const { style, symbols, width } = look;
  const name = safeText(source);
  const attention = (text: string): readonly string[] =>
    hangingLines(`${style.yellow(symbols.attention)} `, text, width);
  const done = (text: string): readonly string[] =>
    hangingLines(dryRun ? "" : `${style.green(symbols.done)} `, text, width);
  return [
    ...done(whatChanged(result)),
    ...done(
      `${dryRun ? "Would encrypt" : "Encrypted"} ${count(files.length, "file")} anew, for ${count(recipients, "recipient")}`,
    ),
    ...left.flatMap(({ path, reason }) => attention(`${safeText(path)}: ${safeText(reason)}`)),
    ...(left.length === 0
      ? []
      : attention(
          `What is named above stays encrypted for those of before. On a device that reads it: lull secret recipients add ${name}`,
        )),
    ...waiting.flatMap((one) =>
      attention(
        `${safeText(one.name)} (${one.key}) waits: nothing ${dryRun ? "would be" : "is"} encrypted for it any more, until you accept it here`,
      ),
    ),
    ...(notFetched === undefined
      ? []
      : attention(`What other devices have could not be fetched first: ${safeText(notFetched)}`)),
    ...(kind === "removed" ? attention(AFTER_REMOVAL) : []),
    ...(dryRun ? ["Nothing was changed."] : [`Next: lull sync ${name}`]),
  ];
}

function whatChanged({ kind, recipient, source, dryRun }: ChangedRecipients): string {
  const who = `${safeText(recipient.name)} (${recipient.key})`;
  const of = `the recipients of ${safeText(source)}`;
  switch (kind) {
    case "accepted":
      return `${dryRun ? "Would accept" : "Accepted"} ${who} among ${of}`;
    case "added":
      return `${dryRun ? "Would add" : "Added"} ${who} to ${of}`;
    case "returned":
      return `${dryRun ? "Would put" : "Put"} this device, ${who}, back among ${of}`;
    case "anew":
      return `${who} is among ${of} already`;
    case "removed":
      return `${dryRun ? "Would take" : "Took"} ${who} off ${of}`;
  }
}

/** Said before and after: no encryption takes back what somebody could read. */
export const AFTER_REMOVAL =
  "Whoever has that key can still read what the history holds: change the secrets themselves (passwords, tokens, keys), and take its access to the remote away.";

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
