/** What SSH remotes need of this machine and of its person, wired for this process. */
import type { ConfigAccess } from "../app/deps.ts";
import { registerSecret } from "../base/redact.ts";
import { findProgram } from "../platform/find-program.ts";
import { runProgram } from "../platform/run-program.ts";
import { startProgram } from "../platform/start-program.ts";
import type { Credentials } from "../secrets/credentials.ts";
import type { AskPassphrase } from "../transport/ssh/builtin-auth.ts";
import type { ConfirmHost } from "../transport/ssh/host-check.ts";
import type { SshMeans } from "../transport/ssh/open-ssh.ts";

export type SshQuestions = { readonly confirmHost: ConfirmHost; readonly askPassphrase: AskPassphrase };

export type SshInput = {
  readonly config: Pick<ConfigAccess, "exists" | "load">;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly userName: string;
  readonly credentials: Pick<Credentials, "passphraseOf">;
  readonly questions: SshQuestions | undefined;
};

export function composeSsh({ config, env, home, userName, credentials, questions }: SshInput): SshMeans {
  return {
    choose: async () => (config.exists() ? (await config.load()).config.transport.ssh : "auto"),
    environment: env,
    findProgram: (name) => findProgram(name, env),
    startProgram,
    runProgram,
    home,
    userName,
    confirmHost: questions?.confirmHost,
    askPassphrase: async (file, signal) => {
      const stored = await credentials.passphraseOf(file, { signal });
      const passphrase = stored ?? (await questions?.askPassphrase(file, signal));
      if (passphrase !== undefined) registerSecret(passphrase);
      return passphrase;
    },
  };
}
