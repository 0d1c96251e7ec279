/** The person's own `ssh` against OpenSSH's sshd. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, writeFileSync } from "node:fs";

import type { LullError } from "../../../src/base/errors.ts";
import type { ChosenSsh } from "../../../src/transport/ssh/chosen-ssh.ts";
import type { SshChoice } from "../../../src/transport/transport.ts";
import { sshClient } from "../../helpers/ssh-client.ts";
import { hasSshd, startSshServer } from "../../helpers/sshd.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { functionalSuite } from "../suite/functional.ts";
import { failureSuite, overSsh, type Peers } from "./failures.ts";
import { openOverSsh } from "./open-over-ssh.ts";

const isHindered = !hasSshd || !existsSync("/usr/bin/ssh");

describe.skipIf(cannotRun(isHindered, "system ssh: OpenSSH's ssh and sshd are not installed"))(
  "system ssh",
  () => {
    let peers: Peers;

    beforeAll(async () => {
      const server = await startSshServer();
      peers = { server, key: server.makeKey("ed25519") };
    });
    beforeEach(() => {
      peers.server.fault = undefined;
      peers.server.config = "";
    });
    afterAll(() => peers.server.stop());

    functionalSuite("does what every way does", () => overSsh(peers, { choice: "system" }), {
      runsHooks: true,
      megabytes: 30,
    });

    failureSuite("system", () => peers);

    test("takes user, port and key of an alias from the person's ssh_config", async () => {
      const { server, key } = peers;
      const config = `Host home\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${server.user}`;
      const client = sshClient({ key, knownHosts: server.knownHosts(), config });
      const connection = await openOverSsh("home:none.git", { choice: "auto", client });
      // The server has answered for the repository, so that the way to it was found.
      expect((await failureOf(connection.advertise("git-upload-pack", 2))).code).toBe("REPO_NOT_FOUND");
      await connection.close();
    });

    describe("chosen by the person", () => {
      const IN_ENVIRONMENT = {
        kind: "command-line",
        from: "GIT_SSH_COMMAND",
        isOfRepository: false,
        variant: undefined,
      } as const;

      /** Where asking for a repository that is not there gets: `REPO_NOT_FOUND` says that the server let us in. */
      async function ask(
        chosen: Partial<ChosenSsh> & { readonly text: string },
        choice: SshChoice = "auto",
      ): Promise<LullError> {
        const { server } = peers;
        // Its own key is one that the server does not know.
        const key = server.makeKey("ed25519", { isAccepted: false });
        const client = sshClient({ key, knownHosts: server.knownHosts() });
        const chosenSsh = (): ChosenSsh => ({ ...IN_ENVIRONMENT, ...chosen });
        const url = server.url("/none.git");
        const connection = await openOverSsh(url, { choice, client, chosenSsh });
        try {
          return await failureOf(connection.advertise("git-upload-pack", 2));
        } finally {
          await connection.close();
        }
      }

      function script(text: string): string {
        const path = `${temporaryDirectory()}/my ssh`;
        writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
        return path;
      }

      test("is what is started, with what follows it", async () => {
        const { key } = peers;
        expect((await ask({ text: `ssh -i '${key.file}'` })).code).toBe("REPO_NOT_FOUND");
        expect((await ask({ text: `ssh -i '${key.file}'`, isOfRepository: true })).code).toBe(
          "REPO_NOT_FOUND",
        );
        const plain = await ask({ text: "ssh" });
        expect(plain.code).toBe("AUTH");
        expect(plain.causes.join()).toContain("GIT_SSH_COMMAND");
      });

      test("does not count for lull's own SSH, which says so", async () => {
        const error = await ask({ text: `ssh -i '${peers.key.file}'` }, "builtin");
        expect(error.code).toBe("AUTH");
        expect(error.causes[0]).toContain(
          "GIT_SSH_COMMAND chooses a key, which counts for the system's ssh only",
        );
      });

      test("is a script that hands its words on, with any name", async () => {
        const text = script(`exec ssh -i '${peers.key.file}' "$@"`);
        expect((await ask({ text, kind: "program", from: "GIT_SSH" })).code).toBe("REPO_NOT_FOUND");
        expect((await ask({ text: `"${text}"` })).code).toBe("REPO_NOT_FOUND");
      });

      test.each(["plink", "tortoiseplink.exe", "putty"])("is refused when it is %s", async (name) => {
        const path = `${temporaryDirectory()}/${name}`;
        writeFileSync(path, '#!/bin/sh\ntouch "$0.started"\n', { mode: 0o755 });
        const error = await ask(name === "putty" ? { text: "ssh", variant: "putty" } : { text: path });
        expect(error.code).toBe("UNSUPPORTED");
        expect(error.message).toContain("does not understand OpenSSH's options");
        expect(existsSync(`${path}.started`)).toBe(false);
      });

      test("is refused when it does not know OpenSSH's options, unless somebody vouches for it", async () => {
        const text = `'${script(`[ "$1" = -G ] && exit 1; exec ssh -i '${peers.key.file}' "$@"`)}'`;
        const error = await ask({ text });
        expect(error.code).toBe("UNSUPPORTED");
        expect(error.hint).toContain("GIT_SSH_VARIANT=ssh");
        expect((await ask({ text, variant: "ssh" })).code).toBe("REPO_NOT_FOUND");
      });

      test("is refused when it needs a shell, and shows nothing of its words", async () => {
        for (const text of ["ssh -i $(cat c4nary)", "TOKEN=c4nary ssh", "ssh | tee c4nary"]) {
          const error = await ask({ text });
          expect(error.code).toBe("UNSUPPORTED");
          expect(error.message).toContain("GIT_SSH_COMMAND needs a shell");
          expect(error.message + error.causes.join() + (error.hint ?? "")).not.toContain("c4nary");
        }
      });

      test("is named when it is not there", async () => {
        const error = await ask({ text: "no-such-ssh -v" });
        expect(error.code).toBe("UNSUPPORTED");
        expect(error.message).toContain('"no-such-ssh"');
      });

      test("by a repository's own config starts no program of it", async () => {
        const started = `${temporaryDirectory()}/started`;
        const evil = script(`touch '${started}'`);
        for (const text of [`'${evil}'`, `ssh -oProxyCommand='${evil}'`, "ssh -oStrictHostKeyChecking=no"]) {
          const error = await ask({ text, isOfRepository: true, from: "core.sshCommand in /x/.git/config" });
          expect(error.code).toBe("UNSUPPORTED");
          expect(error.message).toContain("core.sshCommand in /x/.git/config has");
          expect(error.hint).toContain("--global");
        }
        expect(existsSync(started)).toBe(false);
      });

      test("by a repository's own config tells no variable to the server", async () => {
        const error = await ask({ text: `ssh -i '${peers.key.file}' -l "$PATH"`, isOfRepository: true });
        expect(error.message).not.toContain(process.env["PATH"]);
        expect(error.code).not.toBe("UNSUPPORTED");
      });
    });

    test("never asks for a passphrase", async () => {
      const key = peers.server.makeKey("ed25519", { passphrase: "a secret" });
      const client = sshClient({ key, knownHosts: peers.server.knownHosts() });
      const connection = await openOverSsh(peers.server.url("/none.git"), { choice: "system", client });
      const error = await failureOf(connection.advertise("git-upload-pack", 2));
      expect(error.code).toBe("AUTH");
      expect(error.hint).toContain("ssh-add");
      await connection.close();
    });
  },
);
