/** The whole program over every way to a remote: the same story, the same result. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";

import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import { sshClient } from "../helpers/ssh-client.ts";
import { hasSshd, type SshServer, startSshServer } from "../helpers/sshd.ts";
import { cannotRun } from "../helpers/skip.ts";
import { git, gitRaw, temporaryDirectory } from "../helpers/system-git.ts";

type Way = {
  readonly url: (bare: string) => string;
  readonly device: (name: string) => Promise<Device>;
  /** lull itself serves a folder, and runs no hooks. */
  readonly runsHooks: boolean;
};

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

describe("a path", () => {
  story(() => ({ url: (bare) => bare, device: async (name) => makeDevice(name), runsHooks: false }));
});

describe("HTTP", () => {
  let server: GitServer;
  beforeAll(async () => {
    server = await startGitServer("/");
  });
  afterAll(() => server.stop());
  story(() => ({
    url: (bare) => server.url + encoded(bare),
    device: async (name) => makeDevice(name),
    runsHooks: true,
  }));
});

const isHindered = !hasSshd || !existsSync("/usr/bin/ssh");
for (const kind of ["system", "builtin"]) {
  describe.skipIf(cannotRun(isHindered, `${kind} ssh: OpenSSH's ssh and sshd are not installed`))(
    `${kind} ssh`,
    () => {
      let server: SshServer;
      beforeAll(async () => {
        server = await startSshServer();
      });
      afterAll(() => server.stop());
      story(() => ({
        url: (bare) => server.url(bare),
        device: (name) => sshDevice(name, server, kind),
        runsHooks: true,
      }));
    },
  );
}

async function sshDevice(name: string, server: SshServer, kind: string): Promise<Device> {
  const key = server.makeKey("ed25519");
  const { env } = sshClient({ key, knownHosts: server.knownHosts() });
  const device = makeDevice(name, { PATH: env["PATH"] ?? "" });
  mkdirSync(`${device.home}/.ssh`, { recursive: true, mode: 0o700 });
  writeFileSync(`${device.home}/.ssh/known_hosts`, server.knownHosts());
  const settings = `Host *\n  IdentityFile ${key.file}\n  IdentitiesOnly yes\n`;
  writeFileSync(`${device.home}/.ssh/config`, settings, { mode: 0o600 });
  mkdirSync(device.configFile.replace(/\/[^/]*$/, ""), { recursive: true, mode: 0o700 });
  writeFileSync(device.configFile, `version: 1\ntransport: { ssh: ${kind} }\n`, { mode: 0o600 });
  return device;
}

function story(way: () => Way): void {
  test("two devices edit apart and come together, in a repository with an odd name", async () => {
    const { url, device } = way();
    const remote = bare("it's ☃ & $(more)");
    const [laptop, desktop] = [await device("laptop"), await device("desktop")];
    laptop.write("a.md", "one\ntwo\nthree\nfour\nfive\n");
    for (const each of [laptop, desktop]) {
      await each.lull(["add", "notes", "--remote", url(remote)]);
      await each.lull(["sync"]);
    }
    laptop.write("a.md", "ONE\ntwo\nthree\nfour\nfive\n");
    laptop.write("only/laptop.bin", crypto.getRandomValues(new Uint8Array(60_000)));
    desktop.write("a.md", "one\ntwo\nthree\nfour\nFIVE\n");
    await laptop.lull(["sync"]);
    await desktop.lull(["sync"]);
    await laptop.lull(["sync"]);
    expect(laptop.read("a.md")).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
    expectConverged([laptop, desktop], [remote]);
  });

  test("a remote with 3,000 branches syncs its own", async () => {
    const { url, device } = way();
    const remote = bare("many");
    const seed = temporaryDirectory();
    git(seed, "init", "-q", "-b", "main");
    git(seed, "commit", "-q", "--allow-empty", "-m", "begin");
    git(seed, "push", "-q", remote, "main");
    const tip = git(seed, "rev-parse", "HEAD");
    const branches = Array.from({ length: 3000 }, (_, index) => `create refs/heads/x/${index} ${tip}\n`);
    gitRaw(remote, ["update-ref", "--stdin"], { input: branches.join("") });
    git(remote, "pack-refs", "--all");
    const laptop = await device("laptop");
    laptop.write("a.md", "one\n");
    await laptop.lull(["add", "notes", "--remote", url(remote)]);
    await laptop.lull(["sync"]);
    expect(git(remote, "show", "main:a.md")).toBe("one");
    expectConverged([laptop], [remote]);
  });

  test("what a hook refuses stays here, is told, and goes up when it is allowed", async () => {
    const { url, device, runsHooks } = way();
    if (!runsHooks) return;
    const remote = bare("strict");
    const hook = `${remote}/hooks/pre-receive`;
    writeFileSync(hook, "#!/bin/sh\necho 'not on a Sunday' >&2\nexit 1\n");
    chmodSync(hook, 0o755);
    const laptop = await device("laptop");
    laptop.write("a.md", "one\n");
    await laptop.lull(["add", "notes", "--remote", url(remote)]);
    expect((await laptop.lull(["sync"], 4)).stdout).toContain("not on a Sunday");
    expect(git(laptop.notes, "show", "HEAD:a.md")).toBe("one");
    expect(git(remote, "for-each-ref")).toBe("");
    rmSync(hook);
    await laptop.lull(["sync"]);
    expectConverged([laptop], [remote]);
  });
}

function bare(name: string): string {
  const folder = temporaryDirectory();
  git(folder, "init", "-q", "--bare", "-b", "main", `${name}.git`);
  return `${folder}/${name}.git`;
}
