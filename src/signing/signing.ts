/**
 * How commits get their signatures: by the person's own GnuPG, or as OpenSSH does it, with its `ssh-keygen` where there
 * is one. Knows which program is asked for what and what its answer means; not what a commit is, nor where the settings
 * stand. What it needs of the machine comes in as `SigningMeans`.
 */
import type { RunBriefly } from "../base/program.ts";
import type { SignCommit, SigningRequest } from "../base/signing.ts";
import { signWithGnupg } from "./gnupg.ts";
import { signWithSsh } from "./ssh.ts";

export type SigningMeans = {
  readonly run: RunBriefly;
  /** The absolute path of a program that is named as on a command line. */
  readonly findProgram: (name: string) => string | undefined;
  /** Takes a command line apart without a shell; undefined: it needs one. */
  readonly words: (commandLine: string) => readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Somebody is at a terminal: programs may ask, and get the time that a person needs. */
  readonly isAttended: boolean;
  /** What lets `ssh-keygen` ask lull for the passphrase of a key; undefined: none is stored. */
  readonly storedPassphrase: (keyFile: string) => Readonly<Record<string, string>> | undefined;
};

export function createSigner(means: SigningMeans): SignCommit {
  return (request: SigningRequest) =>
    request.format === "ssh" ? signWithSsh(means, request) : signWithGnupg(means, request);
}
