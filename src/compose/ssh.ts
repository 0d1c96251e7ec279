/** What SSH remotes need of this machine and of its person, wired for this process. */
import { throwIfAborted } from "../base/abort.ts";
import { ASKPASS_VARIABLE } from "../base/askpass.ts";
import { messageOf } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { registerSecret } from "../base/redact.ts";
import { askpassProgram } from "../platform/askpass-program.ts";
import { findProgram } from "../platform/find-program.ts";
import type { Places } from "../platform/paths.ts";
import { runProgram } from "../platform/run-program.ts";
import { startProgram } from "../platform/start-program.ts";
import type { Credentials } from "../secrets/credentials.ts";
import type { StoredPassphrases } from "../transport/ssh/askpass.ts";
import type { AskPassphrase } from "../transport/ssh/builtin-auth.ts";
import type { ConfirmHost } from "../transport/ssh/host-check.ts";
import type { SshMeans } from "../transport/ssh/open-ssh.ts";
import { chosenSsh } from "./git-ssh.ts";

export type SshQuestions = { readonly confirmHost: ConfirmHost; readonly askPassphrase: AskPassphrase };

export type SshInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly credentials: Pick<Credentials, "passphraseOf" | "keysWithPassphrase">;
  readonly places: Pick<Places, "stateDirectory">;
  readonly assertPrivate: (path: string, what: string) => void;
  readonly log: Log;
  readonly questions: SshQuestions | undefined;
};

export function composeSsh(input: SshInput): SshMeans {
  const { env, home, userName, credentials, log, questions } = input;
  return {
    environment: env,
    findProgram: (name) => findProgram(name, env),
    startProgram,
    runProgram,
    home,
    userName,
    chosenSsh: (directory) => chosenSsh(env, directory),
    passphrases: passphrasesForSystem(input),
    confirmHost: questions?.confirmHost,
    askPassphrase: async (file, signal) => {
      const stored = await storedPassphrase(credentials, log, { file, signal });
      const passphrase = stored ?? (await questions?.askPassphrase(file, signal));
      if (passphrase !== undefined) registerSecret(passphrase);
      return passphrase;
    },
  };
}

function passphrasesForSystem({ credentials, log, places, assertPrivate }: SshInput): StoredPassphrases {
  return {
    keys() {
      try {
        return credentials.keysWithPassphrase();
      } catch (error) {
        log.warn(`stored passphrases are not used: ${messageOf(error)}`);
        return [];
      }
    },
    get: (keyFile, signal) => credentials.passphraseOf(keyFile, { signal }),
    environment: (keys) => ({
      SSH_ASKPASS: askpassProgram(places.stateDirectory, (path) =>
        assertPrivate(path, "the program that ssh asks for passphrases"),
      ),
      [ASKPASS_VARIABLE]: JSON.stringify(keys),
    }),
  };
}

/** A keychain that is locked is no reason to give up: the person, or the next key, may do. */
async function storedPassphrase(
  credentials: SshInput["credentials"],
  log: Log,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    return await credentials.passphraseOf(file, { signal });
  } catch (error) {
    throwIfAborted(signal);
    log.warn(`no stored passphrase for ${file}: ${messageOf(error)}`);
    return undefined;
  }
}
