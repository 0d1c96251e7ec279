/** One entry of the list of recipients, and what holds for all of them. */
import { safeText } from "../../base/safe-text.ts";

export type RecipientKind = "device" | "recovery";

export type Recipient = {
  /** `age1…` */
  readonly key: string;
  /** Of the device, or what a person calls the key; one line. Anybody may take any name: only the key counts. */
  readonly name: string;
  readonly kind: RecipientKind;
  /** `2026-03-02`, UTC. */
  readonly added: string;
  /** What a newer lull has written beside them. */
  readonly extra: Readonly<Record<string, unknown>>;
};

/** One that was taken off. Its line stays: a merge that takes the lines of both sides would bring it back unseen. */
export type RemovedRecipient = Recipient & {
  /** `2026-03-02`, UTC. */
  readonly removed: string;
};

export type RecipientList = {
  /** By key, each once. */
  readonly recipients: readonly Recipient[];
  /** By key, each once, and in none of the others. */
  readonly removed: readonly RemovedRecipient[];
  /** What a newer lull has written beside the version. */
  readonly extra: Readonly<Record<string, unknown>>;
};

/** More than anybody has devices, those that were taken off included; each costs every file 100 bytes and a millisecond. */
export const MOST_RECIPIENTS = 500;

export const LIST_VERSION = 1;

/** In characters. */
export const LONGEST_NAME = 100;

/** Whether it can stand in the list and be shown as it is. */
export function isRecipientName(text: string): boolean {
  return text.trim() !== "" && text.length <= LONGEST_NAME && safeText(text) === text;
}

export function byKey(one: Pick<Recipient, "key">, other: Pick<Recipient, "key">): number {
  return one.key < other.key ? -1 : Number(one.key > other.key);
}
