/** The whole program over SSH, against OpenSSH's sshd. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";

import { cli } from "../helpers/cli-runner.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { sshClient } from "../helpers/ssh-client.ts";
import { hasSshd, type SshServer, startSshServer } from "../helpers/sshd.ts";
import { cannotRun } from "../helpers/skip.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

const isHindered = !hasSshd || !existsSync("/usr/bin/ssh");

describe.skipIf(cannotRun(isHindered, "SSH: OpenSSH's ssh and sshd are not installed"))("SSH", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  });
  afterAll(() => server.stop());

  /** A device whose `ssh` and whose `~/.ssh` have the key and know the server. */
  function device(name: string, knownHosts = server.knownHosts(), key = server.makeKey("ed25519")): Device {
    const { env } = sshClient({ key, knownHosts });
    const made = makeDevice(name, { PATH: env["PATH"] ?? "" });
    mkdirSync(`${made.home}/.ssh`, { recursive: true, mode: 0o700 });
    writeFileSync(`${made.home}/.ssh/known_hosts`, knownHosts);
    writeFileSync(`${made.home}/.ssh/config`, `Host *\n  IdentityFile ${key.file}\n  IdentitiesOnly yes\n`);
    return made;
  }

  function bare(): string {
    const folder = temporaryDirectory();
    git(folder, "init", "-q", "--bare", "notes.git");
    return `${folder}/notes.git`;
  }

  test("a key's passphrase comes from what `lull secret set` stored", async () => {
    const remote = bare();
    const key = server.makeKey("ed25519", { passphrase: "canary-of-the-key" });
    const laptop = device("laptop", server.knownHosts(), key);
    laptop.write("a.md", "one\n");
    await laptop.lull(["add", "notes", "--remote", remote]);
    await laptop.lull(["config", "set", "transport.ssh", "builtin"]);
    await laptop.lull(["config", "set", "sources.notes.remote", server.url(remote)]);
    expect((await laptop.lull(["sync"], 4)).stdout).toContain("lull secret set ssh-key:");
    const options = { cwd: laptop.home, env: laptop.env, input: "canary-of-the-key\n" };
    expect((await cli.run(["secret", "set", `ssh-key:${key.file}`], options)).code).toBe(0);
    const { stdout, stderr } = await laptop.lull(["sync", "--verbose"]);
    expect(stdout + stderr).not.toContain("canary");
    expectConverged([laptop], [remote]);
  });

  describe.each(["system", "builtin"])("of the kind %s", (kind) => {
    test("syncs two devices", async () => {
      const remote = bare();
      const [laptop, desktop] = [device("laptop"), device("desktop")];
      for (const each of [laptop, desktop]) {
        if (each === laptop) each.write("a.md", "one\n");
        await each.lull(["add", "notes", "--remote", server.url(remote)]);
        await each.lull(["config", "set", "transport.ssh", kind]);
        const { stderr } = await each.lull(["sync"]);
        expect(stderr).not.toContain("transport");
      }
      desktop.write("b.md", "two\n");
      await desktop.lull(["sync"]);
      laptop.write("c.md", "three\n");
      await laptop.lull(["sync"]);
      await desktop.lull(["sync"]);
      expectConverged([laptop, desktop], [remote]);
      expect(desktop.read("c.md")).toBe("three\n");
    });

    test("keeps what was written when the server is not known, and says how it is accepted", async () => {
      const remote = bare();
      const laptop = device("laptop", "");
      laptop.write("a.md", "one\n");
      await laptop.lull(["add", "notes", "--remote", remote]);
      await laptop.lull(["config", "set", "transport.ssh", kind]);
      await laptop.lull(["config", "set", "sources.notes.remote", server.url(remote)]);
      const { code, json } = await laptop.json(["sync"]);
      expect(code).toBe(4);
      expect(json).toMatchObject({ runs: [{ outcome: "failed", error: { code: "HOST_UNKNOWN" } }] });
      expect((await laptop.lull(["sync"], 4)).stdout).toContain(server.hostKeys.ed25519.fingerprint);
      expect(git(laptop.notes, "show", "HEAD:a.md")).toBe("one");
    });

    test("loads no module out of the folder in which it is started", async () => {
      const remote = bare();
      const laptop = device("laptop");
      laptop.write("a.md", "one\n");
      // What ssh2 asks for and does without; the home is where the command is run.
      const module = `${laptop.home}/node_modules/cpu-features`;
      mkdirSync(module, { recursive: true });
      writeFileSync(`${module}/index.js`, `require("node:fs").writeFileSync("${laptop.home}/was-run", "");`);
      await laptop.lull(["add", "notes", "--remote", server.url(remote)]);
      await laptop.lull(["config", "set", "transport.ssh", kind]);
      await laptop.lull(["sync"]);
      expectConverged([laptop], [remote]);
      expect(existsSync(`${laptop.home}/was-run`)).toBe(false);
    });
  });
});
