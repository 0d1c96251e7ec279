/**
 * The recipients that this device has accepted, by source. They lie outside the repository: whoever can push can put a
 * key of their own into its list, and nothing may be encrypted for that before a person here has seen it.
 */
import { join } from "node:path";

import { LullError } from "../../base/errors.ts";
import { type PrivateJson, readPrivateJson, removePrivateJson, writePrivateJson } from "../private-json.ts";
import { isRecipient } from "./keys.ts";
import { byKey, isRecipientName, type Recipient, type RecipientKind } from "./recipient.ts";

export type AcceptedRecipient = {
  readonly key: string;
  /** As the list had it then. */
  readonly name: string;
  readonly kind: RecipientKind;
  /** Wall time in milliseconds. */
  readonly acceptedAt: number;
};

export type ComparedRecipients = {
  /** In the list and accepted: what is encrypted is encrypted for these, and for no other. */
  readonly use: readonly Recipient[];
  /** In the list, and not accepted here. */
  readonly waiting: readonly Recipient[];
  /** Accepted, and no longer in the list: taken off, or without a line for another reason. */
  readonly removed: readonly AcceptedRecipient[];
};

export type AcceptedRecipients = {
  /**
   * By key; none when nothing was accepted for this source yet.
   * @throws LullError `ACCEPTED_RECIPIENTS_UNREADABLE`, `UNSAFE_PERMISSIONS` (kind `config`)
   */
  read(source: string): readonly AcceptedRecipient[];
  /** Replaces them; the caller holds the source's lock. */
  write(source: string, accepted: readonly AcceptedRecipient[]): void;
  /** Of a source that is removed. */
  forget(source: string): void;
  compare(listed: readonly Recipient[], accepted: readonly AcceptedRecipient[]): ComparedRecipients;
};

/** The most recipients, with room. */
const LARGEST = 512 * 1024;

/**
 * @param directory absolute; made on first use, mode 0700. A file for each source, as several may be synced at once
 * @param assertPrivate throws when others could have written the file
 */
export function acceptedRecipients(
  directory: string,
  assertPrivate: (path: string) => void,
): AcceptedRecipients {
  const of = (source: string): PrivateJson => ({
    path: join(directory, fileName(source)),
    largest: LARGEST,
    assertPrivate,
  });
  return {
    read(source) {
      const file = of(source);
      const fields = readPrivateJson(file);
      return fields === undefined ? [] : acceptedIn(fields, source, file.path);
    },
    write(source, accepted) {
      writePrivateJson(of(source), { version: 1, source, accepted: accepted.toSorted(byKey) });
    },
    forget(source) {
      removePrivateJson(of(source));
    },
    compare,
  };
}

function compare(listed: readonly Recipient[], accepted: readonly AcceptedRecipient[]): ComparedRecipients {
  const isAccepted = new Set(accepted.map(({ key }) => key));
  const isListed = new Set(listed.map(({ key }) => key));
  return {
    use: listed.filter(({ key }) => isAccepted.has(key)),
    waiting: listed.filter(({ key }) => !isAccepted.has(key)),
    removed: accepted.filter(({ key }) => !isListed.has(key)),
  };
}

/** Not the source's name: on some systems `Notes` and `notes` would be one file. */
function fileName(source: string): string {
  return `${new Bun.CryptoHasher("sha256").update(source).digest("hex").slice(0, 32)}.json`;
}

/** One that makes no sense is not taken for an empty one: all would wait, and nobody would know why. */
function acceptedIn(
  fields: Readonly<Record<string, unknown>>,
  source: string,
  path: string,
): readonly AcceptedRecipient[] {
  const { version, accepted } = fields;
  if (version !== 1 || fields["source"] !== source || !Array.isArray(accepted))
    throw unreadable(path, source);
  return accepted.map((entry: unknown) => {
    const recipient = acceptedRecipient(entry);
    if (recipient === undefined) throw unreadable(path, source);
    return recipient;
  });
}

function acceptedRecipient(entry: unknown): AcceptedRecipient | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { key, name, kind, acceptedAt } = entry as Readonly<Record<string, unknown>>;
  if (typeof key !== "string" || !isRecipient(key)) return undefined;
  if (typeof name !== "string" || !isRecipientName(name)) return undefined;
  if ((kind !== "device" && kind !== "recovery") || typeof acceptedAt !== "number") return undefined;
  return { key, name, kind, acceptedAt };
}

function unreadable(path: string, source: string): LullError {
  return new LullError({
    kind: "config",
    code: "ACCEPTED_RECIPIENTS_UNREADABLE",
    message: `${path} is no list of recipients that this version of lull has accepted for ${source}`,
    causes: ["a newer lull wrote it", "it was changed by hand", "the disk is damaged"],
    hint: "move it away; the recipients then have to be accepted again",
    data: { path, source },
  });
}
