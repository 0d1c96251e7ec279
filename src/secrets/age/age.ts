/**
 * Files encrypted with age (age-encryption.org/v1): who can read them, with which keys, and the bytes themselves. This
 * folder owns the format, the identities of this device, the list of recipients that travels in a repository and the
 * list of those that this device has accepted. It must not know what a source is, where a file comes from or when it is
 * encrypted anew: bytes, keys, texts and a folder come in.
 *
 * Words, as age has them: an *identity* is the secret (`AGE-SECRET-KEY-1…`), a *recipient* its public half (`age1…`).
 */
import type { LullError } from "../../base/errors.ts";
import type { StoredAt } from "../secret-store.ts";
import type { AcceptedRecipients } from "./accepted-recipients.ts";
import type { RecipientFunctions } from "./recipients.ts";

/** Bytes in, bytes out; what is decrypted was verified to its last byte. */
export type FileCipher = {
  /**
   * Returns a binary age file that each of the recipients can open. Two calls give different bytes for the same plain
   * text: whether a file has changed shows only its plain text.
   * @throws LullError `NO_RECIPIENTS`, `BAD_RECIPIENT` (kind `usage`), `TOO_LARGE_TO_ENCRYPT`, `ENCRYPTION_FAILED` (kind
   * `failed`), `INTERRUPTED`
   */
  encrypt(plain: Uint8Array, recipients: readonly string[], signal: AbortSignal): Promise<Uint8Array>;
  /**
   * Returns the whole plain text or throws; no part of it ever leaves. Takes armoured files of other tools as well.
   * @throws LullError `NOT_ENCRYPTED`, `DAMAGED`, `TOO_LARGE_TO_DECRYPT` (kind `failed`), `NOT_FOR_THIS_DEVICE`,
   * `KEYCHAIN_LOCKED` (kind `auth`), `INTERRUPTED`
   */
  decrypt(bytes: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
};

/** The public side of what this device has. */
export type DeviceIdentity = {
  /** `age1…`, what other devices encrypt for. */
  readonly key: string;
  /** `age1…` of the recovery key, a recipient of all that is encrypted; its secret is with the person. */
  readonly recoveryKey: string;
  /** Wall time in milliseconds. */
  readonly madeAt: number;
};

/** An identity that was just made or read, and its public half. */
export type KeyPair = { readonly secret: string; readonly key: string };

/** The secrets to decrypt with, the device's own first. */
export type OpenedIdentities = {
  readonly secrets: readonly string[];
  /** The first one that is stored and was not given out; undefined: all were. */
  readonly failure: LullError | undefined;
};

export type Identities = {
  /**
   * What this device has; undefined: `lull secret init` was never run. No keychain is asked.
   * @throws LullError `IDENTITY_UNREADABLE`, `UNSAFE_PERMISSIONS` (kind `config`)
   */
  find(): DeviceIdentity | undefined;
  /** Makes one in memory. */
  generate(): Promise<KeyPair>;
  /** Keeps `device` as this device's identity, from now on together with that recovery key; others stay to read with. */
  become(device: KeyPair, recoveryKey: string, signal: AbortSignal): Promise<StoredAt>;
  /** Keeps one more identity to decrypt with. Undefined: it was kept already. */
  keep(pair: KeyPair, signal: AbortSignal): Promise<StoredAt | undefined>;
  /** The public halves of all that are kept. */
  list(): readonly string[];
  /**
   * Reads an identity as a person has it: alone or in a file as `age-keygen` writes them.
   * @throws LullError `BAD_IDENTITY` (kind `usage`); no word of the text is in it
   */
  read(text: string): Promise<KeyPair>;
  /** Asks the keychain for all of them. Throws nothing but `INTERRUPTED`. */
  open(signal: AbortSignal): Promise<OpenedIdentities>;
};

export type Age = {
  readonly identities: Identities;
  /** For one piece of work, as one sync: asks for the identities once, when something is to be decrypted. */
  openCipher(): FileCipher;
  /** Whether these bytes say of themselves that they are an age file, armoured or not; only decrypting proves it. */
  looksEncrypted(bytes: Uint8Array): boolean;
  readonly recipients: RecipientFunctions;
  readonly accepted: AcceptedRecipients;
};
