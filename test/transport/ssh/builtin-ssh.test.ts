/** lull's own SSH, without any program on this side, against OpenSSH's sshd. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import type { LullError } from "../../../src/base/errors.ts";
import { readAdvertisement } from "../../../src/git/wire/advertisement.ts";
import type { NewHost } from "../../../src/transport/ssh/host-check.ts";
import { isAlive } from "../../helpers/processes.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { sshClient, type SshClientOptions } from "../../helpers/ssh-client.ts";
import { generateKey, hasSshd, type SshKey, sshKeygen, startSshServer } from "../../helpers/sshd.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { commit, functionalSuite, makeWorld, noise } from "../suite/functional.ts";
import { failureSuite, overSsh, type Peers } from "./failures.ts";
import { openOverSsh, type OpenOverSsh } from "./open-over-ssh.ts";

/** For comparison. */
const canAskSystem = existsSync("/usr/bin/ssh");

describe.skipIf(cannotRun(!hasSshd, "lull's own SSH: OpenSSH's sshd is not installed"))(
  "lull's own ssh",
  () => {
    let peers: Peers;
    /** No program is found: ssh_config is read by lull too. */
    const alone = { PATH: "/nonexistent" };

    beforeAll(async () => {
      const server = await startSshServer();
      peers = { server, key: server.makeKey("ed25519") };
    });
    beforeEach(() => {
      peers.server.fault = undefined;
      peers.server.config = "";
    });
    afterAll(() => peers.server.stop());

    functionalSuite("does what every way does", () => overSsh(peers, { choice: "builtin" }, { env: alone }), {
      runsHooks: true,
      megabytes: 30,
    });

    // The conversation is the same over both kinds of SSH; this one is the quicker.
    functionalSuite(
      "does it with a server that ignores the wish for version 2",
      () => {
        peers.server.config = "AcceptEnv NOTHING";
        return overSsh(peers, { choice: "builtin" }, { env: alone });
      },
      { runsHooks: true },
    );

    failureSuite("builtin", () => peers);

    /** Where asking for a repository that is not there gets: `REPO_NOT_FOUND` says that the server let us in. */
    async function ask(
      client: SshClientOptions,
      open: Partial<OpenOverSsh> = {},
      url = peers.server.url("/none.git"),
    ): Promise<LullError> {
      const person = sshClient({
        key: peers.key,
        knownHosts: peers.server.knownHosts(),
        env: alone,
        ...client,
      });
      const connection = await openOverSsh(url, { choice: "builtin", client: person, ...open });
      try {
        return await failureOf(connection.advertise("git-upload-pack", 2));
      } finally {
        await connection.close();
      }
    }

    test.each(["ed25519", "rsa", "ecdsa"] as const)("logs in with a key of the type %s", async (type) => {
      expect((await ask({ key: peers.server.makeKey(type) })).code).toBe("REPO_NOT_FOUND");
    });

    test.each(["ed25519", "rsa", "ecdsa"] as const)("asks for the passphrase of a %s key", async (type) => {
      const key = peers.server.makeKey(type, { passphrase: "correct horse" });
      const asked: string[] = [];
      const askPassphrase = async (file: string): Promise<string> => {
        asked.push(file);
        return "correct horse";
      };
      expect((await ask({ key }, { askPassphrase })).code).toBe("REPO_NOT_FOUND");
      expect(asked).toEqual([key.file]);
      const wrong = await ask({ key }, { askPassphrase: async () => "wrong horse" });
      expect(wrong.code).toBe("AUTH");
      expect(wrong.message).toContain(`${key.file} (the passphrase is wrong)`);
      expect(wrong.message).not.toContain("horse");
      const nobody = await ask({ key });
      expect(nobody.message).toContain(`${key.file} (it has a passphrase that nobody has told)`);
    });

    test("names a key that it can not read", async () => {
      const key = { ...peers.key, file: `${temporaryDirectory()}/no-key` };
      await Bun.write(key.file, "this is no key\n");
      expect((await ask({ key })).message).toContain(`${key.file} (not a key`);
    });

    test("says so when there is no key at all", async () => {
      const error = await ask({ key: { ...peers.key, file: "/nonexistent/key" } });
      expect(error.code).toBe("AUTH");
      expect(error.message).toContain("there is no key to offer");
    });

    describe("with an agent", () => {
      let socket: string;
      let pid: string | undefined;
      beforeAll(() => {
        socket = `${temporaryDirectory()}/agent`;
        const started = spawnSync("ssh-agent", ["-a", socket], { encoding: "utf8" });
        pid = /SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1];
      });
      afterAll(() => {
        if (pid !== undefined) process.kill(Number(pid));
      });

      function add(file: string): void {
        const added = spawnSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
        if (added.status !== 0) throw new Error(added.stderr.toString());
      }

      test("takes its keys, and of many only the ones that ssh_config names", async () => {
        for (let index = 0; index < 8; index++)
          add(peers.server.makeKey("ed25519", { isAccepted: false }).file);
        const key = peers.server.makeKey("rsa");
        add(key.file);
        // The server ends the conversation at the seventh wrong key; IdentitiesOnly leaves the right one.
        const env = { ...alone, SSH_AUTH_SOCK: socket };
        const config = `IdentityFile ${key.file}\nIdentitiesOnly yes`;
        expect((await ask({ env, config, key: { ...key, file: "/nonexistent/key" } })).code).toBe(
          "REPO_NOT_FOUND",
        );
        const crowded = await ask({ env, config: "IdentitiesOnly no" });
        expect(crowded.code).toBe("AUTH");
        expect(crowded.causes.join()).toContain("IdentitiesOnly");
        expect((await ask({ env, config: "IdentitiesOnly no\nIdentityAgent none" })).code).toBe(
          "REPO_NOT_FOUND",
        );
      });

      test("that is gone falls back to the files", async () => {
        const env = { ...alone, SSH_AUTH_SOCK: "/nonexistent/agent" };
        expect((await ask({ env, config: "IdentitiesOnly no" })).code).toBe("REPO_NOT_FOUND");
        const stranger = peers.server.makeKey("ed25519", { isAccepted: false });
        const error = await ask({ env, key: stranger });
        expect(error.message).toContain("the agent of SSH_AUTH_SOCK does not answer");
      });
    });

    describe("a server", () => {
      test.each(["ed25519", "rsa", "ecdsa"] as const)(
        "that is known by its %s key alone is no other one",
        async (type) => {
          expect((await ask({ knownHosts: peers.server.knownHosts(type) })).code).toBe("REPO_NOT_FOUND");
        },
      );

      test("whose name is hashed is known", async () => {
        const client = sshClient({ knownHosts: peers.server.knownHosts() });
        sshKeygen(["-q", "-H", "-f", client.knownHosts]);
        const hashed = readFileSync(client.knownHosts, "utf8");
        expect(hashed).toStartWith("|1|");
        expect((await ask({ knownHosts: hashed })).code).toBe("REPO_NOT_FOUND");
      });

      test("that is new is asked about, and known from then on to OpenSSH as well", async () => {
        const { server, key } = peers;
        const shown: NewHost[] = [];
        const client = sshClient({ key, env: alone });
        const refused = await openOverSsh(server.url("/none.git"), {
          choice: "builtin",
          client,
          confirmHost: async (host) => {
            shown.push(host);
            return false;
          },
        });
        expect((await failureOf(refused.advertise("git-upload-pack", 2))).code).toBe("HOST_UNKNOWN");
        await refused.close();
        expect(readFileSync(client.knownHosts, "utf8")).toBe("");
        const accepted = await openOverSsh(server.url("/none.git"), {
          choice: "builtin",
          client,
          // Longer than the limit for connecting, which must not run while a person thinks.
          deadlines: { firstByte: 1500 },
          confirmHost: async (host) => {
            shown.push(host);
            await Bun.sleep(1800);
            return true;
          },
        });
        expect((await failureOf(accepted.advertise("git-upload-pack", 2))).code).toBe("REPO_NOT_FOUND");
        await accepted.close();
        const { fingerprint } = server.hostKeys.ed25519;
        const host = {
          name: `${server.user}@[127.0.0.1]:${server.port}`,
          keyType: "ssh-ed25519",
          fingerprint,
          authority: undefined,
        };
        expect(shown).toEqual([host, host]);
        expect(sshKeygen(["-F", `[127.0.0.1]:${server.port}`, "-l", "-f", client.knownHosts])).toContain(
          fingerprint,
        );
      });

      test("that is new is taken with accept-new, and never with yes", async () => {
        expect((await ask({ knownHosts: "", config: "StrictHostKeyChecking accept-new" })).code).toBe(
          "REPO_NOT_FOUND",
        );
        const strict = { knownHosts: "", config: "StrictHostKeyChecking yes" };
        expect((await ask(strict, { confirmHost: async () => true })).code).toBe("HOST_UNKNOWN");
        expect((await ask({ knownHosts: "", config: "StrictHostKeyChecking no" })).code).toBe("HOST_UNKNOWN");
      });

      test("that has changed is refused before anybody is asked", async () => {
        const other = peers.server.makeKey("ed25519", { isAccepted: false });
        const knownHosts = `[127.0.0.1]:${peers.server.port} ${other.line}\n`;
        const open = { confirmHost: () => Promise.reject(new Error("nobody should be asked")) };
        const error = await ask({ knownHosts, config: "StrictHostKeyChecking no" }, open);
        expect(error.code).toBe("HOST_CHANGED");
        expect(error.message).toContain("known_hosts:1");
      });
    });

    test.each(["read by lull", "asked of ssh -G"])("ssh_config is %s", async (how) => {
      const { server, key } = peers;
      const config = `Host home\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${server.user}`;
      const env = how === "read by lull" ? { env: alone } : { env: {} };
      expect((await ask({ key, config, ...env }, {}, "home:none.git")).code).toBe("REPO_NOT_FOUND");
    });

    test("jumps over another server, and names it when it is the one that fails", async () => {
      const { server, key } = peers;
      const between = await startSshServer();
      try {
        const own = between.makeKey("ecdsa");
        const config = [
          `Host between\n  HostName 127.0.0.1\n  Port ${between.port}\n  User ${between.user}\n  IdentityFile ${own.file}`,
          `Host inner\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${server.user}\n  ProxyJump between`,
        ].join("\n");
        const knownHosts = server.knownHosts() + between.knownHosts();
        expect((await ask({ key, config, knownHosts }, {}, "inner:none.git")).code).toBe("REPO_NOT_FOUND");
        expect(between.connections).toBe(1);
        const unknown = await ask({ key, config, knownHosts: server.knownHosts() }, {}, "inner:none.git");
        expect(unknown.code).toBe("HOST_UNKNOWN");
        expect(unknown.message).toContain(between.hostKeys.ed25519.fingerprint);
        expect(unknown.message).toContain("between");
        between.config = "AllowTcpForwarding no";
        const closed = await ask({ key, config, knownHosts }, {}, "inner:none.git");
        expect(closed.code).toBe("NETWORK");
        expect(closed.message).toContain("in between");
      } finally {
        await between.stop();
      }
    });

    describe("what only the system's ssh can do", () => {
      /** An authority, and what it signs: the certificate beside a public key. */
      function authority() {
        const file = `${temporaryDirectory()}/authority`;
        const { line } = generateKey(file, "ed25519");
        return {
          line,
          file: `${file}.pub`,
          sign: (key: SshKey, ...more: readonly string[]) => {
            sshKeygen(["-q", "-s", file, "-I", "test", ...more, `${key.file}.pub`]);
            return `${key.file}-cert.pub`;
          },
        };
      }

      test("is named when a server shows a certificate", async () => {
        const { server, key } = peers;
        const { line, sign } = authority();
        const certificate = sign(server.hostKeys.ed25519, "-h", "-n", "127.0.0.1");
        server.config = `HostCertificate ${certificate}`;
        const known = { key, knownHosts: `\n@cert-authority 127.0.0.1 ${line}\n` };
        const asked: NewHost[] = [];
        const confirmHost = async (host: NewHost): Promise<boolean> => {
          asked.push(host);
          return false;
        };
        const error = await ask(known, { confirmHost });
        expect(error.code).toBe("HOST_UNKNOWN");
        expect(error.message).toContain("known_hosts:2 (@cert-authority)");
        expect(error.hint).toStartWith("set `transport.ssh: system`");
        expect(asked[0]?.authority).toEndWith("known_hosts:2");
        // Not where the line is for others.
        const others = await ask({ ...known, knownHosts: `@cert-authority *.example.org ${line}\n` });
        expect(others.message).not.toContain("@cert-authority");
        if (canAskSystem)
          expect((await ask({ ...known, env: {} }, { choice: "system" })).code).toBe("REPO_NOT_FOUND");
      });

      test("is named when the server wants a certificate", async () => {
        const { server } = peers;
        const key = server.makeKey("ed25519", { isAccepted: false });
        const plain = await ask({ key });
        expect(plain.causes.join()).not.toContain("certificate");
        const { file, sign } = authority();
        const certificate = sign(key, "-n", server.user);
        server.config = `TrustedUserCAKeys ${file}`;
        const error = await ask({ key });
        expect(error.code).toBe("AUTH");
        expect(error.causes[0]).toContain(certificate);
        expect(error.causes[0]).toContain("transport.ssh: system");
        if (canAskSystem)
          expect((await ask({ key, env: {} }, { choice: "system" })).code).toBe("REPO_NOT_FOUND");
      });

      test("is named when a block of ssh_config can not be read", async () => {
        const key = peers.server.makeKey("ed25519", { isAccepted: false });
        const error = await ask({ key, config: "Match user nobody\n  User nobody" });
        expect(error.code).toBe("AUTH");
        expect(error.causes.join()).toMatch(/a Match block \(.*\/config:1\)/);
      });

      test.each(["none", "aes256-ctr"])(
        "is named for a key on a hardware token (cipher %s)",
        async (cipher) => {
          const key = { ...peers.key, file: `${temporaryDirectory()}/token` };
          writeFileSync(key.file, tokenKey(cipher));
          const open = { askPassphrase: () => Promise.reject(new Error("nobody should be asked")) };
          expect((await ask({ key }, open)).message).toContain(`${key.file} (a key on a hardware token`);
        },
      );

      /** As `ssh-keygen -t ed25519-sk` writes it, without what is secret. */
      function tokenKey(cipher: string): string {
        const field = (value: string | Uint8Array): Buffer => {
          const size = Buffer.alloc(4);
          size.writeUInt32BE(Buffer.from(value).length);
          return Buffer.concat([size, Buffer.from(value)]);
        };
        const publicHalf = Buffer.concat([
          field("sk-ssh-ed25519@openssh.com"),
          field(Buffer.alloc(32)),
          field("ssh:"),
        ]);
        const body = Buffer.concat([
          Buffer.from("openssh-key-v1\0"),
          field(cipher),
          field(cipher === "none" ? "none" : "bcrypt"),
          field(
            cipher === "none" ? "" : Buffer.concat([field(Buffer.alloc(16)), Buffer.from([0, 0, 0, 16])]),
          ),
          Buffer.from([0, 0, 0, 1]),
          field(publicHalf),
          field(Buffer.alloc(64)),
        ]);
        const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
        return [
          "-----BEGIN OPENSSH PRIVATE KEY-----",
          ...lines,
          "-----END OPENSSH PRIVATE KEY-----",
          "",
        ].join("\n");
      }
    });

    describe("a ProxyCommand", () => {
      /** A settings block of a host that is reached by a program, which writes down its own number. */
      function byProgram(program: string, host = "far") {
        const { server } = peers;
        const record = `${temporaryDirectory()}/pid`;
        const script = `${temporaryDirectory()}/proxy`;
        const begin = `PATH=/usr/bin:/bin\necho "$@" > '${record}.args'\necho $$ > '${record}'`;
        writeFileSync(script, `#!/bin/sh\n${begin}\n${program}\n`, { mode: 0o755 });
        const own = `HostName far.invalid\n  Port 7\n  User ${server.user}`;
        return {
          config: `Host ${host}\n  ${own}\n  ProxyCommand ${script} %h:%p %r %n 100%%`,
          args: () => readFileSync(`${record}.args`, "utf8").trim(),
          pid: () => Number(readFileSync(record, "utf8")),
        };
      }
      function relay(): string {
        const script = `${temporaryDirectory()}/relay.mjs`;
        const lines = [
          'import { connect } from "node:net";',
          `const socket = connect(${peers.server.port}, "127.0.0.1");`,
          "process.stdin.pipe(socket).pipe(process.stdout);",
        ];
        writeFileSync(script, lines.join("\n"));
        return `exec '${process.execPath}' '${script}'`;
      }

      test("is the way to the server, and ends with the connection", async () => {
        const { server, key } = peers;
        const { config, args, pid } = byProgram(relay());
        const knownHosts = `[far.invalid]:7 ${server.hostKeys.ed25519.line}\n`;
        const client = sshClient({ key, knownHosts, config, env: alone });
        const connection = await openOverSsh("far:none.git", { choice: "builtin", client });
        expect((await failureOf(connection.advertise("git-upload-pack", 2))).code).toBe("REPO_NOT_FOUND");
        expect(args()).toBe(`far.invalid:7 ${server.user} far 100%`);
        expect(isAlive(pid())).toBe(true);
        await connection.close();
        while (isAlive(pid())) await Bun.sleep(5);
      });

      test("is the way of whole packs", async () => {
        const { server, key } = peers;
        const { config } = byProgram(relay());
        const knownHosts = `[far.invalid]:7 ${server.hostKeys.ed25519.line}\n`;
        const way = overSsh(peers, { choice: "builtin" }, { key, config, knownHosts, env: alone });
        const world = makeWorld({ ...way, url: (path) => `far:${path}` });
        const { tree, client } = world.clone();
        const one = commit(tree, { "big.bin": noise(3_000_000) });
        expect((await client.push("refs/heads/main", one)).kind).toBe("pushed");
        const other = world.clone();
        expect((await other.client.fetch()).refs.size).toBe(1);
        world.check(tree);
      });

      test("that fails is told with its own words", async () => {
        const { config } = byProgram("echo 'not logged in' >&2; exit 3");
        const error = await ask({ config }, {}, "far:none.git");
        expect(error.code).toBe("NETWORK");
        expect(error.message).toContain("ProxyCommand of ssh_config ended with 3: not logged in");
      });

      test("that says nothing is ended after a while, and at the person's wish", async () => {
        const mute = byProgram("exec sleep 600");
        const late = await ask({ config: mute.config }, { deadlines: { firstByte: 300 } }, "far:none.git");
        expect(late.code).toBe("TIMEOUT");
        while (isAlive(mute.pid())) await Bun.sleep(5);
        const other = byProgram("echo begun >&2; exec sleep 600");
        const interruption = new AbortController();
        const waiting = ask({ config: other.config }, { signal: interruption.signal }, "far:none.git");
        while (!isBegun(other.pid)) await Bun.sleep(5);
        interruption.abort();
        expect((await waiting).code).toBe("INTERRUPTED");
        while (isAlive(other.pid())) await Bun.sleep(5);
      });

      test("gets no name that a shell would run", async () => {
        const { config, pid } = byProgram("exit 1", "*");
        for (const url of ["a;id:none.git", "$(id)@host:none.git", "`id`:none.git"]) {
          const error = await ask(
            { config: config.replace(/HostName.*\n/, "").replace(/User.*\n/, "") },
            {},
            url,
          );
          expect(error.code).toBe("UNSUPPORTED");
          expect(error.message).toContain("a shell would take for a command");
        }
        expect(() => pid()).toThrow();
      });

      test("that hands over a connection is refused in words", async () => {
        const { config } = byProgram("exit 1");
        const error = await ask({ config: `${config}\n  ProxyUseFdpass yes` }, {}, "far:none.git");
        expect(error.code).toBe("UNSUPPORTED");
        expect(error.message).toContain("ProxyUseFdpass");
      });

      function isBegun(pid: () => number): boolean {
        try {
          return isAlive(pid());
        } catch {
          return false;
        }
      }
    });

    test("a circle of jumps is refused in words", async () => {
      const circle = await ask({ config: "Host a\n  ProxyJump b\nHost b\n  ProxyJump a" }, {}, "a:none.git");
      expect(circle.code).toBe("UNSUPPORTED");
      expect(circle.message).toContain("circle");
    });

    test("one connection carries every conversation", async () => {
      const { server, key } = peers;
      const before = server.connections;
      const client = sshClient({ key, knownHosts: server.knownHosts(), env: alone });
      const connection = await openOverSsh(server.url("/none.git"), { choice: "builtin", client });
      await Promise.all([
        failureOf(connection.advertise("git-upload-pack", 2)),
        failureOf(connection.advertise("git-receive-pack", 0)),
      ]);
      await connection.close();
      await connection.close();
      expect(server.connections).toBe(before + 1);
    });

    test("a server that allows one channel for each connection gets a connection for each", async () => {
      const { server } = peers;
      server.config = "MaxSessions 1";
      const world = makeWorld(overSsh(peers, { choice: "builtin" }));
      const seed = world.seed(1);
      git(seed, "push", "-q", world.bare, "main");
      const url = server.url(world.bare);
      const client = sshClient({ key: peers.key, knownHosts: server.knownHosts(), env: alone });
      const connection = await openOverSsh(url, { choice: "builtin", client });
      const before = server.connections;
      for (const service of ["git-upload-pack", "git-receive-pack"] as const) {
        const advertisement = await readAdvertisement(await connection.advertise(service, 0), "remote");
        expect(advertisement.version).toBe(0);
      }
      await connection.close();
      expect(server.connections).toBe(before + 2);
    });
  },
);
