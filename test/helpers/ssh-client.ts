/** A person's side of SSH for a test: keys, known hosts and settings in a folder of the test's own. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";

import type { SshKey } from "./sshd.ts";
import { temporaryDirectory } from "./system-git.ts";

export type SshClient = {
  /** Where `.ssh` is. */
  readonly home: string;
  /** `HOME`, and a `PATH` on which `ssh` reads `.ssh` of this home: OpenSSH asks the user database for it, not HOME. */
  readonly env: Readonly<Record<string, string>>;
  readonly knownHosts: string;
};

export type SshClientOptions = {
  readonly key?: SshKey;
  /** Content of known_hosts. */
  readonly knownHosts?: string;
  /** Lines of ssh_config that come first. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export function sshClient(options: SshClientOptions = {}): SshClient {
  const home = temporaryDirectory();
  const folder = `${home}/.ssh`;
  const bin = `${home}/bin`;
  mkdirSync(folder, { mode: 0o700 });
  mkdirSync(bin);
  const knownHosts = `${folder}/known_hosts`;
  writeFileSync(knownHosts, options.knownHosts ?? "");
  const identity = options.key === undefined ? `${folder}/none` : options.key.file;
  const lines = [
    options.config ?? "",
    "Host *",
    `  IdentityFile ${identity}`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile ${knownHosts}`,
    "  GlobalKnownHostsFile /dev/null",
    "",
  ];
  writeFileSync(`${folder}/config`, lines.join("\n"), { mode: 0o600 });
  writeFileSync(`${bin}/ssh`, `#!/bin/sh\nexec /usr/bin/ssh -F '${folder}/config' "$@"\n`);
  chmodSync(`${bin}/ssh`, 0o755);
  return {
    home,
    knownHosts,
    env: { HOME: home, PATH: `${bin}:${process.env["PATH"] ?? ""}`, ...options.env },
  };
}
