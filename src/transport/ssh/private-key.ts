/** Private key files, as far as lull's own SSH can read them. */
import type * as Ssh2 from "ssh2";

import { systemCode } from "../../base/errors.ts";
import { readSmallFile } from "../../base/small-file.ts";

/** Larger than any key. */
const LARGEST_KEY = 64 * 1024;

export type PrivateKey =
  | { readonly kind: "open"; readonly key: Ssh2.ParsedKey }
  /** Most of the usual names are not there. */
  | { readonly kind: "missing" }
  /** In words. */
  | { readonly kind: "unusable"; readonly why: string }
  /** `isWrong`: a passphrase was tried. */
  | { readonly kind: "locked"; readonly isWrong: boolean };

/** @param passphrase asked only when the key has one; undefined: nobody knows it */
export async function readPrivateKey(
  ssh2: typeof Ssh2,
  file: string,
  passphrase: () => Promise<string | undefined>,
): Promise<PrivateKey> {
  const text = keyText(file);
  if (text === undefined) return { kind: "missing" };
  if (text instanceof Error) return { kind: "unusable", why: text.message };
  const plain = parse(ssh2, text);
  if (!(plain instanceof Error)) return { kind: "open", key: plain };
  // With a passphrase it would look like one that is wrong.
  if (isOnToken(text))
    return { kind: "unusable", why: "a key on a hardware token, which only the system's ssh can use" };
  if (!/passphrase|encrypted/i.test(plain.message)) {
    return { kind: "unusable", why: "not a key that lull's own SSH can read" };
  }
  const secret = await passphrase();
  if (secret === undefined) return { kind: "locked", isWrong: false };
  const opened = parse(ssh2, text, secret);
  return opened instanceof Error ? { kind: "locked", isWrong: true } : { kind: "open", key: opened };
}

/** @returns undefined for a file that is not there */
function keyText(file: string): Buffer | Error | undefined {
  try {
    return readSmallFile(file, LARGEST_KEY);
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : new Error(code ?? "it can not be read");
  }
}

/** One file may hold several keys in theory; ssh-keygen writes one. */
function parse(ssh2: typeof Ssh2, text: Buffer, passphrase?: string): Ssh2.ParsedKey | Error {
  const [key] = [ssh2.utils.parseKey(text, passphrase)].flat();
  return key ?? new Error("no key");
}

function isOnToken(text: Buffer): boolean {
  // The public half stands in the file in clear.
  const body = Buffer.from(text.toString("latin1").replaceAll(/-----[^-]*-----|\s/g, ""), "base64");
  return body.includes("sk-ssh-ed25519@openssh.com") || body.includes("sk-ecdsa-sha2-nistp256@openssh.com");
}
