/** Recipients and identities as text. No error of this file, nor its cause, holds a piece of an identity. */
import { Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

import { LullError } from "../../base/errors.ts";
import { registerSecret } from "../../base/redact.ts";
import { safeText } from "../../base/safe-text.ts";
import type { KeyPair } from "./age.ts";

/** 32 bytes and a checksum in Bech32; other kinds of recipients (hybrid, hardware) are longer or named otherwise. */
const RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;
const IDENTITY = /^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$/;
const OF_AN_IDENTITY = /AGE-SECRET-KEY/i;

const LONGEST_SHOWN = 80;

/** Whether it is a public key of the kind that lull makes, with the right checksum. */
export function isRecipient(text: string): boolean {
  if (!RECIPIENT.test(text)) return false;
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}

/** What was given in place of a recipient, for an error; a secret is not shown. */
export function recipientInWords(text: string): string {
  if (OF_AN_IDENTITY.test(text)) return "a secret key, which must stay with its owner";
  const shown = safeText(text.slice(0, LONGEST_SHOWN));
  return text.length > LONGEST_SHOWN ? `"${shown}…"` : `"${shown}"`;
}

export async function generateKeyPair(): Promise<KeyPair> {
  return keyPair(await generateX25519Identity());
}

/**
 * Reads an identity as a person has it: one line, or a file as `age-keygen` writes it, with comments.
 * @throws LullError `BAD_IDENTITY` (kind `usage`)
 */
export async function readKeyPair(text: string): Promise<KeyPair> {
  registerSecret(text.trim());
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replaceAll(/\s/g, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [line, another] = lines;
  if (line === undefined) throw badIdentity("it is empty");
  if (another !== undefined) throw badIdentity("it has several lines, but one secret key was expected");
  // Bech32 has no mixed case; somebody who types it from paper may take the lower one.
  const secret = line === line.toLowerCase() ? line.toUpperCase() : line;
  registerSecret(secret);
  if (secret.startsWith("AGE1")) throw badIdentity("it is a public key (age1…)");
  if (secret.startsWith("AGE-SECRET-KEY-PQ-1")) {
    throw badIdentity("it is a post-quantum key, which lull does not use");
  }
  if (!IDENTITY.test(secret)) throw badIdentity("it is no AGE-SECRET-KEY-1… of 74 characters");
  try {
    return await keyPair(secret);
  } catch {
    // The library's error repeats the key.
    throw badIdentity("its checksum is wrong, so that a character of it is");
  }
}

async function keyPair(secret: string): Promise<KeyPair> {
  registerSecret(secret);
  return { secret, key: await identityToRecipient(secret) };
}

function badIdentity(why: string): LullError {
  return new LullError({
    kind: "usage",
    code: "BAD_IDENTITY",
    message: `the recovery key can not be used: ${why}`,
    causes: ["a character was mistyped or is missing", "it is the key of something else"],
    hint: "give the line AGE-SECRET-KEY-1… that `lull secret init` has printed",
  });
}
