/** The person's own `ssh` against OpenSSH's sshd. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { sshClient } from "../../helpers/ssh-client.ts";
import { hasSshd, startSshServer } from "../../helpers/sshd.ts";
import { cannotRun } from "../../helpers/skip.ts";
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
