/** Every way to a remote for e2e tests: how its address is made, and a device that is set up for it. */
import { afterAll, beforeAll, describe } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { type Device, makeDevice } from "./device.ts";
import { type GitServer, startGitServer } from "./git-http-server.ts";
import { cannotRun } from "./skip.ts";
import { sshClient } from "./ssh-client.ts";
import { hasSshd, type SshServer, startSshServer } from "./sshd.ts";
import { git, temporaryDirectory } from "./system-git.ts";

export type Way = {
  readonly url: (bare: string) => string;
  readonly device: (name: string) => Promise<Device>;
  /** lull itself serves a folder, and runs no hooks. */
  readonly runsHooks: boolean;
};

/**
 * Describes each way, with its server running while the tests do.
 * @param tests gets the way within a test only
 */
export function describeWays(tests: (way: () => Way) => void): void {
  describe("a path", () => {
    tests(() => ({ url: (bare) => bare, device: async (name) => makeDevice(name), runsHooks: false }));
  });
  describe("HTTP", () => {
    let server: GitServer;
    beforeAll(async () => {
      server = await startGitServer("/");
    });
    afterAll(() => server.stop());
    tests(() => ({
      url: (bare) => server.url + encoded(bare),
      device: async (name) => makeDevice(name),
      runsHooks: true,
    }));
  });
  for (const kind of ["system", "builtin"]) {
    const isHindered = !hasSshd || !existsSync("/usr/bin/ssh");
    describe.skipIf(cannotRun(isHindered, `${kind} ssh: OpenSSH's ssh and sshd are not installed`))(
      `${kind} ssh`,
      () => {
        let server: SshServer;
        beforeAll(async () => {
          server = await startSshServer();
        });
        afterAll(() => server.stop());
        tests(() => ({
          url: (bare) => server.url(bare),
          device: (name) => sshDevice(name, server, kind),
          runsHooks: true,
        }));
      },
    );
  }
}

export function bareRepository(name: string): string {
  const folder = temporaryDirectory();
  git(folder, "init", "-q", "--bare", "-b", "main", `${name}.git`);
  return `${folder}/${name}.git`;
}

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

async function sshDevice(name: string, server: SshServer, kind: string): Promise<Device> {
  const key = server.makeKey("ed25519");
  const { env } = sshClient({ key, knownHosts: server.knownHosts() });
  const device = makeDevice(name, { PATH: env["PATH"] ?? "" });
  mkdirSync(`${device.home}/.ssh`, { recursive: true, mode: 0o700 });
  writeFileSync(`${device.home}/.ssh/known_hosts`, server.knownHosts());
  const settings = `Host *\n  IdentityFile ${key.file}\n  IdentitiesOnly yes\n`;
  writeFileSync(`${device.home}/.ssh/config`, settings, { mode: 0o600 });
  mkdirSync(dirname(device.configFile), { recursive: true, mode: 0o700 });
  writeFileSync(device.configFile, `version: 1\ntransport: { ssh: ${kind} }\n`, { mode: 0o600 });
  return device;
}
