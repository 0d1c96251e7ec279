/** An sshd of its own on loopback, without anything in between, and the two ways to be its client. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { generateKey } from "../../helpers/sshd.ts";

const SSHD = "/usr/sbin/sshd";

export type SshPlace = AsyncDisposable & {
  /** `ssh://user@127.0.0.1:port/path` */
  url(path: string): string;
  /** The environment of a client: `HOME`, and a `PATH` on which `ssh` reads the `.ssh` of that home. */
  client(choice: "system" | "builtin"): Readonly<Record<string, string>>;
};

export async function openSshPlace(): Promise<SshPlace> {
  // Not on the disk in memory: programs may not be run from there.
  const root = mkdtempSync(join(tmpdir(), "lull-bench-ssh-"));
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const folder = join(root, "sshd");
  mkdirSync(folder);
  const port = await freePort();
  const host = generateKey(join(folder, "host"), "ed25519");
  const key = generateKey(join(folder, "key"), "ed25519");
  writeFileSync(join(folder, "authorized_keys"), `${key.line}\n`, { mode: 0o600 });
  writeFileSync(
    join(folder, "sshd_config"),
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${host.file}`,
      `AuthorizedKeysFile ${join(folder, "authorized_keys")}`,
      "UsePAM no",
      "StrictModes no",
      "PidFile none",
      "AcceptEnv GIT_PROTOCOL",
      "LogLevel QUIET",
      "",
    ].join("\n"),
  );
  const sshd = Bun.spawn([SSHD, "-D", "-f", join(folder, "sshd_config")], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const user = spawnSync("id", ["-un"], { encoding: "utf8" }).stdout.trim();
  const homes = new Map<string, Readonly<Record<string, string>>>();
  return {
    url: (path) => `ssh://${user}@127.0.0.1:${port}${path}`,
    client(choice) {
      const known = homes.get(choice);
      if (known !== undefined) return known;
      const home = join(root, `home-${choice}`);
      const env = makeHome(home, { choice, key: key.file, host: `[127.0.0.1]:${port} ${host.line}` });
      homes.set(choice, env);
      return env;
    },
    async [Symbol.asyncDispose]() {
      sshd.kill();
      await sshd.exited;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

type Home = { readonly choice: string; readonly key: string; readonly host: string };

function makeHome(home: string, { choice, key, host }: Home): Readonly<Record<string, string>> {
  const [ssh, bin, config] = [join(home, ".ssh"), join(home, "bin"), join(home, ".config", "lull")];
  for (const folder of [ssh, bin, config]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(ssh, "known_hosts"), `${host}\n`);
  writeFileSync(
    join(ssh, "config"),
    `IdentityFile ${key}\nIdentitiesOnly yes\nUserKnownHostsFile ${join(ssh, "known_hosts")}\n`,
    { mode: 0o600 },
  );
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec /usr/bin/ssh -F '${join(ssh, "config")}' "$@"\n`);
  chmodSync(join(bin, "ssh"), 0o755);
  writeFileSync(join(config, "config.yaml"), `version: 1\ntransport: { ssh: ${choice} }\n`, { mode: 0o600 });
  return { HOME: home, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  if (address === null || typeof address === "string") throw new Error("there is no free port");
  return address.port;
}
