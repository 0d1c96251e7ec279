import type { RunProgram, StartProgram } from "../../base/program.ts";
import type { RemoteUrl } from "../remote-url.ts";
import type { SshChoice } from "../transport.ts";
import { transportError } from "../transport-error.ts";
import type { StoredPassphrases } from "./askpass.ts";
import type { AskPassphrase } from "./builtin-auth.ts";
import { chosenCommand, type ChosenSsh } from "./chosen-ssh.ts";
import type { ConfirmHost } from "./host-check.ts";
import type { SshOpener } from "./ssh-channel.ts";
import { SshConnection, type SshConnectionOptions } from "./ssh-connection.ts";
import type { SshSettings } from "./ssh-settings.ts";
import type { SshTarget } from "./ssh-target.ts";
import { SystemSsh } from "./system-ssh.ts";

/** What of this machine SSH needs. */
export type SshMeans = {
  /** The person's own, whole. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Returns an absolute path. */
  readonly findProgram: (name: string) => string | undefined;
  readonly startProgram: StartProgram;
  readonly runProgram: RunProgram;
  /** Where `.ssh` is, for lull's own SSH. */
  readonly home: string;
  /** The local user's name. */
  readonly userName: string;
  /** Asks whether a server that nobody here has seen is the right one; left out: it is not. */
  readonly confirmHost?: ConfirmHost | undefined;
  /** What the person has chosen in place of the system's ssh for the repository in a folder; left out: nothing. */
  readonly chosenSsh?: (directory: string | undefined) => ChosenSsh | undefined;
  /** What the system's ssh may use of what the person has stored; left out: nothing. */
  readonly passphrases?: StoredPassphrases | undefined;
  /** Asks for the passphrase of a key, for lull's own SSH; left out: nobody knows it. */
  readonly askPassphrase?: AskPassphrase | undefined;
};

type OpenSshOptions = Omit<SshConnectionOptions, "path" | "createOpener"> & { readonly choice: SshChoice };

/** Nothing is started before the first conversation. */
export function openSsh(
  url: RemoteUrl & { readonly kind: "ssh" },
  means: SshMeans | undefined,
  options: OpenSshOptions,
): SshConnection {
  // The URL standard keeps the brackets of an IPv6 address; ssh wants none.
  const target: SshTarget = { host: url.host.replace(/^\[(.*)\]$/, "$1"), user: url.user, port: url.port };
  return new SshConnection({
    ...options,
    path: url.path,
    createOpener: async () => {
      if (means === undefined) throw noSsh(options.remote, "none was set up");
      return chooseSsh(target, means, options);
    },
  });
}

async function chooseSsh(target: SshTarget, means: SshMeans, options: OpenSshOptions): Promise<SshOpener> {
  const { choice } = options;
  const program = means.findProgram("ssh");
  if (choice !== "builtin") {
    const chosen = means.chosenSsh?.(options.directory);
    if (chosen !== undefined) {
      const command = await chosenCommand(chosen, { ...means, ...options, target });
      return new SystemSsh({ ...means, target, command, chosenBy: chosen.from });
    }
    if (program !== undefined) return new SystemSsh({ ...means, target, command: [program] });
    if (choice === "system")
      throw noSsh(options.remote, "`transport.ssh` is `system` and there is no `ssh` on PATH");
  }
  const { BuiltinSsh } = await import("./builtin-ssh.ts");
  return new BuiltinSsh({
    target,
    remote: options.remote,
    settingsOf: (server) => readSettings(server, means, program),
    connectMs: options.deadlines.firstByte,
    confirmHost: means.confirmHost ?? (async () => false),
    askPassphrase: means.askPassphrase ?? (async () => undefined),
    chosenBy: () => means.chosenSsh?.(options.directory)?.from,
    startProgram: means.startProgram,
    environment: means.environment,
  });
}

async function readSettings(
  target: SshTarget,
  means: SshMeans,
  program: string | undefined,
): Promise<SshSettings> {
  const { askSystemSsh, readSshConfig } = await import("./ssh-config.ts");
  const { settingsOf } = await import("./ssh-settings.ts");
  const asked =
    program === undefined ? undefined : await askSystemSsh(target, { ...means, command: [program] });
  return settingsOf(target, asked ?? readSshConfig(target, means), means);
}

function noSsh(remote: string, why: string): Error {
  return transportError({
    code: "UNSUPPORTED",
    message: `${remote} needs SSH: ${why}`,
    causes: ["OpenSSH's client is not installed"],
    hint: "install OpenSSH's client, or set `transport.ssh: auto` to let lull speak SSH itself",
  });
}
