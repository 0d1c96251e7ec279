/** What signs commits on this machine, wired for this process. */
import { ASKPASS_VARIABLE } from "../base/askpass.ts";
import { messageOf } from "../base/errors.ts";
import type { SignCommit } from "../base/signing.ts";
import { askpassProgram } from "../platform/askpass-program.ts";
import { findProgram } from "../platform/find-program.ts";
import { runBriefly } from "../platform/run-briefly.ts";
import { createSigner } from "../signing/signing.ts";
import { shellWords } from "../transport/ssh/shell-words.ts";
import type { SshInput } from "./ssh.ts";

export type SigningInput = Pick<
  SshInput,
  "env" | "home" | "credentials" | "places" | "assertPrivate" | "log"
> & {
  /** Somebody is at a terminal. */
  readonly isAttended: boolean;
};

export function composeSigner(input: SigningInput): SignCommit {
  const { env, home, isAttended } = input;
  return createSigner({
    run: runBriefly,
    findProgram: (name) => findProgram(name, env),
    words: (commandLine) => {
      const read = shellWords(commandLine, { ...env, HOME: home });
      return read.kind === "words" ? read.words : undefined;
    },
    environment: env,
    isAttended,
    storedPassphrase: (keyFile) => askingLull(input, keyFile),
  });
}

/** The same way as for `ssh`: the program that is to answer is lull, so that no secret stands in an environment. */
function askingLull(
  { credentials, places, assertPrivate, log }: SigningInput,
  keyFile: string,
): Readonly<Record<string, string>> | undefined {
  try {
    if (!credentials.keysWithPassphrase().includes(keyFile)) return undefined;
  } catch (error) {
    log.warn(`stored passphrases are not used: ${messageOf(error)}`);
    return undefined;
  }
  return {
    SSH_ASKPASS: askpassProgram(places.stateDirectory, (path) =>
      assertPrivate(path, "the program that ssh asks for passphrases"),
    ),
    [ASKPASS_VARIABLE]: JSON.stringify({ signing: keyFile }),
  };
}
