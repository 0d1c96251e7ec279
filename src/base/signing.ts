/** How a commit gets its signature: the words between the engine, which knows what git's config says, and who signs. */

export type SignatureFormat = "openpgp" | "ssh" | "x509";

export type SigningRequest = {
  readonly format: SignatureFormat;
  /** What git's config calls the key, with `~/` replaced; undefined: it names none. */
  readonly key: string | undefined;
  /** `Name <address>` of the committer, by which OpenPGP and X.509 find a key that is not named. */
  readonly identity: string;
  /** Name or path of the program that signs; undefined: the format's usual one. */
  readonly program: string | undefined;
  /** Command line of a program that names an SSH key. */
  readonly keyCommand: string | undefined;
  /** What the repository's own config says and nobody heeds, as a program of its choice would run. */
  readonly unheeded: readonly string[];
  /** The work tree: a key's path may be relative to it. */
  readonly directory: string;
  /** What is signed. */
  readonly payload: Uint8Array;
};

/**
 * Returns the signature as text in lines.
 *
 * It does not yield: a commit is made in one go, under the locks of index and branch, from what the folder holds in that
 * moment. Were it to wait for a signature in between, everything else that goes on in a run (fetches from other remotes,
 * the watch's findings) would see a repository half way, and each of the engine's operations would have to reckon with
 * that, for what takes 30 ms by ssh-keygen or gpg on a busy machine and 0.3 ms without them. A program that hangs is ended
 * at its deadline.
 * @throws LullError `SIGNING_FAILED` (kind `failed`), `INTERRUPTED`
 */
export type SignCommit = (request: SigningRequest) => string;
