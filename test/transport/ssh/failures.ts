/** How SSH fails, whichever program speaks it: the right error, nothing moved, and the next try works. */
import { beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

import type { LullError } from "../../../src/base/errors.ts";
import { sshClient, type SshClientOptions } from "../../helpers/ssh-client.ts";
import { generateKey, type SshKey, type SshServer } from "../../helpers/sshd.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { commit, makeWorld, noise, type Way } from "../suite/functional.ts";
import { openOverSsh, type OpenOverSsh } from "./open-over-ssh.ts";

export type Peers = { readonly server: SshServer; readonly key: SshKey };
type Choice = "system" | "builtin";

/** A way to a server for the suites. */
export function overSsh(
  { server, key }: Peers,
  open: Omit<OpenOverSsh, "client">,
  client: SshClientOptions = {},
): Way {
  const person = sshClient({ key, knownHosts: server.knownHosts(), ...client });
  return {
    url: (bare) => server.url(bare),
    connect: (url, signal) => openOverSsh(url, { client: person, signal, ...open }),
  };
}

/** @param peers is called within the tests only */
export function failureSuite(choice: Choice, peers: () => Peers): void {
  const failureAt = async (
    url: string,
    client: SshClientOptions = {},
    open: Partial<OpenOverSsh> = {},
  ): Promise<LullError> => {
    const { server, key } = peers();
    const person = sshClient({ key, knownHosts: server.knownHosts(), ...client });
    const connection = await openOverSsh(url, { choice, client: person, ...open });
    try {
      return await failureOf(connection.advertise("git-upload-pack", 2));
    } finally {
      await connection.close();
    }
  };
  const failure = (client: SshClientOptions = {}, open: Partial<OpenOverSsh> = {}): Promise<LullError> =>
    failureAt(peers().server.url("/none.git"), client, open);

  describe(`an error of ${choice} ssh`, () => {
    beforeEach(() => {
      const { server } = peers();
      server.fault = undefined;
      server.config = "";
    });

    test("names the fingerprint of a server that is not known, and how it is accepted", async () => {
      const { server } = peers();
      const error = await failure({ knownHosts: "" });
      expect(error).toMatchObject({ code: "HOST_UNKNOWN", kind: "auth" });
      expect(error.message).toContain(server.hostKeys.ed25519.fingerprint);
      expect(error.hint).toContain("fingerprint");
      expect(error.hint).toContain(choice === "system" ? `ssh -T -p ${server.port} ` : "lull sync");
    });

    test("refuses a server whose key has changed, and says which it shows", async () => {
      const { server } = peers();
      const other = generateKey(`${temporaryDirectory()}/other`, "ed25519");
      const error = await failure({ knownHosts: `[127.0.0.1]:${server.port} ${other.line}\n` });
      expect(error).toMatchObject({ code: "HOST_CHANGED", kind: "auth" });
      expect(error.message).toContain(server.hostKeys.ed25519.fingerprint);
    });

    test("refuses a server whose key is revoked, also where it is known", async () => {
      const { server } = peers();
      const revoked = `@revoked * ${server.hostKeys.ed25519.line}\n`;
      const error = await failure({ knownHosts: server.knownHosts() + revoked });
      expect(error.code).toBe("HOST_CHANGED");
      expect(error.message).toContain("revoked");
    });

    test("says that no key was accepted", async () => {
      const stranger = peers().server.makeKey("ed25519", { isAccepted: false });
      const error = await failure({ key: stranger });
      expect(error).toMatchObject({ code: "AUTH", kind: "auth" });
      expect(error.causes.join()).toContain("key");
      expect(error.message + (error.hint ?? "")).not.toContain(readFileSync(stranger.file, "utf8"));
    });

    test("says that nothing listens there, and that a name is unknown", async () => {
      const spare = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => {
        spare.on("listening", resolve);
      });
      const { port } = spare.address() as AddressInfo;
      await new Promise((resolve) => {
        spare.close(resolve);
      });
      const refused = await failureAt(`ssh://git@127.0.0.1:${port}/none.git`);
      expect(refused).toMatchObject({ code: "NETWORK", kind: "unreachable" });
      // Whoever refuses is reached.
      expect(refused.causes.join()).not.toContain("offline");
      expect(refused.causes).toContain("the server is down");
      const unknown = await failureAt("ssh://git@no-such-host.invalid/none.git");
      expect(unknown).toMatchObject({ code: "NETWORK", kind: "unreachable" });
      expect(unknown.message).toContain("no-such-host.invalid");
    });

    test("comes after a while from a server that accepts and says nothing", async () => {
      const mute = createServer((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.1");
      await new Promise((resolve) => {
        mute.on("listening", resolve);
      });
      const { port } = mute.address() as AddressInfo;
      const error = await failureAt(
        `ssh://git@127.0.0.1:${port}/none.git`,
        {},
        {
          deadlines: { firstByte: 300 },
        },
      );
      expect(error).toMatchObject({ code: "TIMEOUT", kind: "unreachable" });
      mute.close();
    });

    test("says that the server knows no such repository, and that it has no git", async () => {
      const error = await failure();
      expect(error.code).toBe("REPO_NOT_FOUND");
      expect(error.message).toContain("none.git");
      peers().server.config = "ForceCommand echo 'sh: 1: git-upload-pack: not found' >&2; exit 127";
      expect(await failure()).toMatchObject({ code: "REMOTE_ERROR" });
    });

    test.each([
      ["ERROR: Repository not found.", "REPO_NOT_FOUND"],
      ["ERROR: Permission to ada/notes.git denied to bob.", "FORBIDDEN"],
      ["ERROR: The key you are authenticating with has been marked as read only.", "FORBIDDEN"],
      ["remote: The project you were looking for could not be found", "REPO_NOT_FOUND"],
      ["something nobody has heard of", "REMOTE_ERROR"],
    ])("understands what a host says: %s", async (words, code) => {
      const { server } = peers();
      server.config = `ForceCommand printf '%s\\n' '${words}' 'fatal: Could not read from remote repository.' >&2; exit 1`;
      const error = await failure();
      expect(error.code).toBe(code);
      expect(error.message).toContain(words);
      expect(error.message).not.toContain("Could not read");
    });

    test("lets no escape sequence of the server through", async () => {
      peers().server.config = "ForceCommand printf 'evil \\033[31m\\007\\n' >&2; exit 1";
      expect((await failure()).message).toContain("evil \\x1b[31m\\x07");
    });

    test.each(["cut", "stall"] as const)(
      "comes of a connection that is %s amid a pack; the next try works",
      async (kind) => {
        const { server } = peers();
        const deadlines = { firstByte: 20_000, idle: 400, answer: 400 };
        const world = makeWorld(overSsh(peers(), { choice, deadlines }));
        const seed = world.seed(1);
        commit(seed, { "big.bin": noise(1_000_000) });
        git(seed, "push", "-q", world.bare, "main");
        const { tree, client } = world.clone();
        server.fault = { kind, after: 400_000 };
        const error = await failureOf(client.fetch());
        expect(error.code).toBe(kind === "cut" ? "TRUNCATED" : "TIMEOUT");
        expect(git(tree, "for-each-ref")).toBe("");
        server.fault = undefined;
        expect((await client.fetch()).refs.size).toBe(1);
        world.check(tree);
      },
    );

    test("comes of a connection that is cut amid a push; the next try works", async () => {
      const { server } = peers();
      const world = makeWorld(
        overSsh(peers(), {
          choice,
          onBytes: (direction, bytes) => {
            if (direction === "up" && bytes > 10_000) server.cut();
          },
        }),
      );
      const { tree, client } = world.clone();
      const one = commit(tree, { "big.bin": noise(3_000_000) });
      const error = await failureOf(client.push("refs/heads/main", one));
      expect(["TRUNCATED", "NETWORK"]).toContain(error.code);
      expect(git(world.bare, "for-each-ref")).toBe("");
      const again = makeWorld(overSsh(peers(), { choice })).clone();
      fsck(again.tree);
      world.check(tree);
    });

    test("is told when a push is stored and the server's command fails all the same", async () => {
      const { server } = peers();
      const world = makeWorld(overSsh(peers(), { choice }));
      const { tree, client } = world.clone();
      const one = commit(tree, { "a.txt": "one\n" });
      server.config = 'ForceCommand sh -c "$SSH_ORIGINAL_COMMAND"; echo the disk is failing >&2; exit 9';
      const error = await failureOf(client.push("refs/heads/main", one));
      expect(error.code).toBe("REMOTE_ERROR");
      expect(error.message).toContain("the disk is failing");
      server.config = "";
      expect(await client.push("refs/heads/main", one)).toEqual({ kind: "up-to-date" });
      world.check(tree);
    });

    test("is the person's own interruption, at the handshake and amid a hook", async () => {
      const { server } = peers();
      server.fault = { kind: "stall", after: 0 };
      const early = new AbortController();
      const waiting = failure({}, { signal: early.signal });
      while (server.sent === 0) await Bun.sleep(5);
      early.abort();
      expect((await waiting).code).toBe("INTERRUPTED");
      server.fault = undefined;
      const world = makeWorld(overSsh(peers(), { choice }));
      const hook = `${world.bare}/hooks/pre-receive`;
      writeFileSync(hook, `#!/bin/sh\ntouch '${world.bare}/runs'\nexec sleep 600\n`);
      chmodSync(hook, 0o755);
      const late = new AbortController();
      const { tree, client } = world.clone(late.signal);
      const one = commit(tree, { "a.txt": "one\n" });
      const pushing = failureOf(client.push("refs/heads/main", one));
      while (!(await Bun.file(`${world.bare}/runs`).exists())) await Bun.sleep(5);
      late.abort();
      expect((await pushing).code).toBe("INTERRUPTED");
      expect(git(tree, "for-each-ref", "refs/remotes")).toBe("");
      world.check(tree);
    });
  });
}
