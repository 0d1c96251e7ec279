import type { RunProgram, StartProgram } from "../../base/program.ts";
import type { RemoteUrl } from "../remote-url.ts";
import { transportError } from "../transport-error.ts";
import type { SshOpener } from "./ssh-channel.ts";
import { SshConnection, type SshConnectionOptions } from "./ssh-connection.ts";
import type { SshTarget } from "./ssh-target.ts";
import { systemSsh } from "./system-ssh.ts";

export type SshChoice = "auto" | "system" | "builtin";

/** What of this machine SSH needs. */
export type SshMeans = {
  /** `transport.ssh` of the config. */
  readonly choose: () => Promise<SshChoice>;
  /** The person's own, whole. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Returns an absolute path. */
  readonly findProgram: (name: string) => string | undefined;
  readonly startProgram: StartProgram;
  readonly runProgram: RunProgram;
};

type OpenSshOptions = Omit<SshConnectionOptions, "path" | "createOpener"> & {
  readonly means: SshMeans | undefined;
};

/** Nothing is started before the first conversation. */
export function openSsh(
  url: RemoteUrl & { readonly kind: "ssh" },
  { means, ...options }: OpenSshOptions,
): SshConnection {
  // The URL standard keeps the brackets of an IPv6 address; ssh wants none.
  const target: SshTarget = { host: url.host.replace(/^\[(.*)\]$/, "$1"), user: url.user, port: url.port };
  return new SshConnection({
    ...options,
    path: url.path,
    createOpener: async () => {
      if (means === undefined) throw noSsh(options.remote, "none was set up");
      return chooseSsh(target, means, options.remote);
    },
  });
}

async function chooseSsh(target: SshTarget, means: SshMeans, remote: string): Promise<SshOpener> {
  const choice = await means.choose();
  const program = choice === "builtin" ? undefined : means.findProgram("ssh");
  if (program !== undefined) return systemSsh({ ...means, target, program });
  throw noSsh(remote, "there is no `ssh` on PATH");
}

function noSsh(remote: string, why: string): Error {
  return transportError({
    code: "UNSUPPORTED",
    message: `${remote} needs SSH, and ${why}`,
    causes: ["OpenSSH's client is not installed"],
    hint: "install OpenSSH's client, or use the https:// address of the same repository",
  });
}
