/** The whole program over SSH, against OpenSSH's sshd. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { cli } from "../helpers/cli-runner.ts";
import { runDaemon } from "../helpers/daemon-process.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { missingForKeyring, startKeyring } from "../helpers/keyring.ts";
import { sshClient } from "../helpers/ssh-client.ts";
import { hasSshd, type SshKey, type SshServer, startSshServer } from "../helpers/sshd.ts";
import { cannotRun } from "../helpers/skip.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

const missing = missingForKeyring();
const noKeyring = cannotRun(
  missing !== undefined,
  `a passphrase in the keyring: ${missing ?? ""} is not installed`,
);

const isHindered = !hasSshd || !existsSync("/usr/bin/ssh");

describe.skipIf(cannotRun(isHindered, "SSH: OpenSSH's ssh and sshd are not installed"))("SSH", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  });
  beforeEach(() => {
    server.config = "";
  });
  afterAll(() => server.stop());

  /** A device whose `ssh` and whose `~/.ssh` have the key and know the server. */
  function device(
    name: string,
    knownHosts = server.knownHosts(),
    key = server.makeKey("ed25519"),
    extra: Readonly<Record<string, string>> = {},
  ): Device {
    const { env } = sshClient({ key, knownHosts });
    const made = makeDevice(name, { PATH: env["PATH"] ?? "", ...extra });
    mkdirSync(`${made.home}/.ssh`, { recursive: true, mode: 0o700 });
    writeFileSync(`${made.home}/.ssh/known_hosts`, knownHosts);
    writeFileSync(`${made.home}/.ssh/config`, `Host *\n  IdentityFile ${key.file}\n  IdentitiesOnly yes\n`);
    return made;
  }

  /** The folder whose `.ssh` the device's `ssh` reads. */
  function homeOfSsh({ env }: Device): string {
    return dirname(dirname(Bun.which("ssh", { PATH: env["PATH"] ?? "" }) ?? ""));
  }

  function bare(): string {
    const folder = temporaryDirectory();
    git(folder, "init", "-q", "--bare", "notes.git");
    return `${folder}/notes.git`;
  }

  test("devices make themselves known over it, and learn of each other", async () => {
    const remote = bare();
    const [laptop, desktop] = [device("laptop"), device("desktop")];
    laptop.write("a.md", "one\n");
    for (const device of [laptop, desktop]) {
      await device.lull(["add", "notes", "--remote", remote]);
      await device.lull(["config", "set", "sources.notes.remote", server.url(remote)]);
      await device.lull(["sync"]);
    }
    const { json } = await laptop.json(["device", "list"]);
    expect(json).toMatchObject({ devices: [{ name: "laptop" }, { name: "desktop" }] });
    await laptop.lull(["device", "forget", "desktop"]);
    const left = await desktop.json(["device", "list"]);
    expect(left.json).toMatchObject({ devices: [{ name: "laptop" }] });
    expect(git(remote, "for-each-ref", "--format=%(refname)", "refs/lull/devices").split("\n")).toHaveLength(
      2,
    );
    expectConverged([laptop, desktop], [remote]);
  });

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

  describe("the passphrase of a key for the person's own ssh", () => {
    const PASSPHRASE = "c4nary of the key";

    /**
     * A device whose only key has a passphrase; its `ssh` writes down what it was started with, and so does whatever
     * it starts: command lines and environments.
     */
    async function locked(name: string, key: SshKey, extra: Readonly<Record<string, string>> = {}) {
      const remote = bare();
      const laptop = device(name, server.knownHosts(), key, extra);
      const record = `${temporaryDirectory()}/record`;
      const ssh = `${homeOfSsh(laptop)}/bin/ssh`;
      const wrapper = readFileSync(ssh, "utf8").replace(
        "exec ",
        `{ printf '%s\\n' "$@"; env; } >> '${record}'\nexec `,
      );
      writeFileSync(ssh, wrapper);
      laptop.write("a.md", "one\n");
      await laptop.lull(["add", "notes", "--remote", remote]);
      await laptop.lull(["config", "set", "transport.ssh", "system"]);
      await laptop.lull(["config", "set", "sources.notes.remote", server.url(remote)]);
      const store = async (passphrase: string): Promise<void> => {
        const options = { cwd: laptop.home, env: laptop.env, input: `${passphrase}\n` };
        expect((await cli.run(["secret", "set", `ssh-key:${key.file}`], options)).code).toBe(0);
      };
      return { laptop, remote, store, recorded: () => readFileSync(record, "utf8") };
    }

    test("is told to it when it is stored, and stands nowhere", async () => {
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, remote, store, recorded } = await locked("laptop", key);
      expect((await laptop.lull(["sync"], 4)).stdout).toContain("lull secret set ssh-key:");
      expect(recorded()).toContain("BatchMode=yes");
      expect(recorded()).not.toContain("SSH_ASKPASS");
      await store(PASSPHRASE);
      const { stdout, stderr } = await laptop.lull(["sync", "--verbose"]);
      expectConverged([laptop], [remote]);
      expect(recorded()).toContain("SSH_ASKPASS");
      expect(stdout + stderr + recorded()).not.toContain("c4nary");
    });

    test("is told to it in the daemon, where nobody is", async () => {
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, remote, store, recorded } = await locked("laptop", key);
      await store(PASSPHRASE);
      await laptop.lull(["config", "set", "sources.notes.schedule", "on start"]);
      await using daemon = await runDaemon(laptop);
      expect(await daemon.next("end")).toMatchObject({ run: { outcome: "synced" } });
      daemon.signal("SIGTERM");
      await daemon.exited;
      expectConverged([laptop], [remote]);
      const { stdout } = await laptop.lull(["logs"]);
      expect(stdout + daemon.stderr() + JSON.stringify(daemon.story) + recorded()).not.toContain("c4nary");
    });

    test.skipIf(noKeyring)("comes out of the keyring, and a locked one is named", async () => {
      await using keyring = await startKeyring({ service: true });
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, remote, store } = await locked("laptop", key, {
        XDG_RUNTIME_DIR: keyring.runtimeDirectory,
      });
      await store(PASSPHRASE);
      expect(await keyring.lookUp(`ssh-key:${key.file}`)).toContain(PASSPHRASE);
      await laptop.lull(["sync"]);
      expectConverged([laptop], [remote]);
      await keyring.lock();
      laptop.write("b.md", "two\n");
      const { code, json } = await laptop.json(["sync"]);
      expect(code).toBe(4);
      expect(json).toMatchObject({ runs: [{ error: { code: "AUTH" } }] });
      const said = JSON.stringify(json);
      expect(said).toContain(`the stored passphrase of ${key.file} can not be had`);
      expect(said).toContain("unlock the keychain");
    });

    test("is told to an OpenSSH that knows no SSH_ASKPASS_REQUIRE", async () => {
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, remote, store } = await locked("laptop", key);
      const ssh = `${homeOfSsh(laptop)}/bin/ssh`;
      writeFileSync(ssh, readFileSync(ssh, "utf8").replace("exec ", "unset SSH_ASKPASS_REQUIRE\nexec "));
      await store(PASSPHRASE);
      await laptop.lull(["sync"]);
      expectConverged([laptop], [remote]);
    });

    test("is told for a key whose path is too long for ssh's question", async () => {
      const short = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const folder = `${temporaryDirectory()}/${"long".repeat(30)}`;
      mkdirSync(folder);
      const key = { ...short, file: `${folder}/key` };
      for (const end of ["", ".pub"]) copyFileSync(short.file + end, key.file + end);
      const { laptop, remote, store } = await locked("laptop", key);
      await store(PASSPHRASE);
      await laptop.lull(["sync"]);
      expectConverged([laptop], [remote]);
    });

    test("ends in words when it is wrong, after one question and none of the server's", async () => {
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, store } = await locked("laptop", key);
      await store("c4nary of another key");
      const questions = `${laptop.home}/questions`;
      const asked = `${laptop.home}/asked`;
      writeFileSync(asked, `#!/bin/sh\necho "$1" >> '${questions}'\nexec "$TRUE_ASKPASS" "$1"\n`, {
        mode: 0o755,
      });
      const ssh = `${homeOfSsh(laptop)}/bin/ssh`;
      const instead = `export TRUE_ASKPASS="$SSH_ASKPASS" SSH_ASKPASS='${asked}'`;
      writeFileSync(ssh, readFileSync(ssh, "utf8").replace("exec ", `${instead}\nexec `));
      server.config = "PasswordAuthentication yes";
      const before = server.connections;
      const { code, json } = await laptop.json(["sync"]);
      expect(code).toBe(4);
      expect(json).toMatchObject({ runs: [{ error: { code: "AUTH" } }] });
      const said = JSON.stringify(json);
      expect(said).toContain(`the stored passphrase of ${key.file} is wrong`);
      expect(said).toContain(`lull secret set ssh-key:${key.file}`);
      expect(said).not.toContain("c4nary");
      expect(server.connections).toBe(before + 1);
      expect(readFileSync(questions, "utf8")).toBe(`Enter passphrase for key '${key.file}': \n`);
    });

    test("is no answer to whether a server may be trusted", async () => {
      const key = server.makeKey("ed25519", { passphrase: PASSPHRASE });
      const { laptop, store } = await locked("laptop", key);
      await store(PASSPHRASE);
      writeFileSync(`${homeOfSsh(laptop)}/.ssh/known_hosts`, "");
      const { json } = await laptop.json(["sync"]);
      expect(json).toMatchObject({ runs: [{ error: { code: "HOST_UNKNOWN" } }] });
    });

    test("opens the key for a server in between", async () => {
      const between = await startSshServer();
      try {
        const key = between.makeKey("ed25519", { passphrase: PASSPHRASE });
        const { laptop, remote, store } = await locked("laptop", key);
        const config = `${homeOfSsh(laptop)}/.ssh/config`;
        const own = server.makeKey("ed25519");
        const at = ({ port, user }: SshServer): string => `HostName 127.0.0.1\n Port ${port}\n User ${user}`;
        const hosts = [
          `Host inner\n ${at(server)}\n IdentityFile ${own.file}\n ProxyJump between`,
          `Host between\n ${at(between)}\n IdentityFile ${key.file}`,
        ];
        const others = readFileSync(config, "utf8").replace(`IdentityFile ${key.file}`, "");
        writeFileSync(config, [...hosts, others].join("\n"));
        writeFileSync(`${homeOfSsh(laptop)}/.ssh/known_hosts`, server.knownHosts() + between.knownHosts());
        await store(PASSPHRASE);
        await laptop.lull(["config", "set", "sources.notes.remote", `inner:${remote}`]);
        await laptop.lull(["sync"]);
        expectConverged([laptop], [remote]);
        expect(between.connections).toBeGreaterThan(0);
      } finally {
        await between.stop();
      }
    });

    test("of a key that ssh does not use changes nothing", async () => {
      const { laptop, remote, recorded } = await locked("laptop", server.makeKey("ed25519"));
      const options = { cwd: laptop.home, env: laptop.env, input: `${PASSPHRASE}\n` };
      await cli.run(["secret", "set", "ssh-key:~/.ssh/other"], options);
      await laptop.lull(["sync"]);
      expectConverged([laptop], [remote]);
      expect(recorded()).toContain("BatchMode=yes");
      expect(recorded()).not.toContain("SSH_ASKPASS");
    });
  });

  test("a repository's own key, chosen by `git config core.sshCommand`, is the one for its remote", async () => {
    const remote = bare();
    const work = server.makeKey("ed25519");
    const laptop = device("laptop", server.knownHosts(), server.makeKey("ed25519", { isAccepted: false }));
    laptop.write("a.md", "one\n");
    await laptop.lull(["add", "notes", "--remote", remote]);
    await laptop.lull(["config", "set", "sources.notes.remote", server.url(remote)]);
    const refused = await laptop.json(["sync"]);
    expect(refused.json).toMatchObject({ runs: [{ error: { code: "AUTH" } }] });
    git(laptop.notes, "config", "core.sshCommand", `ssh -i "${work.file}" -o IdentitiesOnly=yes`);
    expect((await laptop.lull(["auth", "status"])).stdout).toContain("read and write");
    await laptop.lull(["sync"]);
    expectConverged([laptop], [remote]);
    git(laptop.notes, "config", "core.sshCommand", `ssh -o ProxyCommand='touch ${laptop.home}/was-run'`);
    const { json } = await laptop.json(["sync"]);
    expect(json).toMatchObject({ runs: [{ error: { code: "UNSUPPORTED" } }] });
    expect(existsSync(`${laptop.home}/was-run`)).toBe(false);
  });

  describe.each(["system", "builtin"])("of the kind %s", (kind) => {
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
