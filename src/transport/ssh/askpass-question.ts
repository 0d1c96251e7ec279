import { normalize } from "node:path";

/** As `keyAskedFor` of `ssh-keygen -Y sign`, which talks to no server; it names no file, or not as `ssh` does. */
export function keyToSignWith(question: string, key: string): string | undefined {
  return /^Enter passphrase(?: for .*)?: ?$/s.test(question) ? key : undefined;
}

/** So many bytes of a file's name stand in OpenSSH's question; a longer one is cut. */
const SHOWN_BYTES = 100;

/**
 * Returns the one of these key files whose passphrase OpenSSH asks for with these words; undefined for any other
 * question. A server can have questions put too, but since OpenSSH 8.5 behind its own name only, and lull switches
 * them off.
 */
export function keyAskedFor(question: string, keys: readonly string[]): string | undefined {
  const [, shown] = /^Enter passphrase for key '(.+)': ?$/s.exec(question) ?? [];
  if (shown === undefined) return undefined;
  const isCut = Buffer.byteLength(shown) >= SHOWN_BYTES;
  const meant = keys.filter((key) => normalize(key) === normalize(shown) || (isCut && key.startsWith(shown)));
  return meant.length === 1 ? meant[0] : undefined;
}
