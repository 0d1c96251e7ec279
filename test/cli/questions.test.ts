/** What lull's own SSH asks a person, from the whole program down to OpenSSH's sshd. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

import type { Ask, CliIo } from "../../src/cli/cli-io.ts";
import { remoteQuestions } from "../../src/cli/questions.ts";
import { noProgress } from "../../src/cli/progress.ts";
import { makeDevice } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";
import { hasSshd, type SshServer, startSshServer } from "../helpers/sshd.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { fakeIo, lull } from "./fake-io.ts";

type Asked = { readonly ask: Ask; readonly questions: string[] };

function person(answer: "yes" | "no", secret = ""): Asked {
  const questions: string[] = [];
  return {
    questions,
    ask: {
      text: () => Promise.reject(new Error("no question of this kind")),
      choose: async ({ message, choices }) => {
        questions.push(message);
        const chosen = choices.find((choice) => choice.value === answer);
        if (chosen === undefined) throw new Error(`there is no choice ${answer}`);
        return chosen.value;
      },
      secret: async (message) => {
        questions.push(message);
        return secret;
      },
    },
  };
}

describe("nobody is asked", () => {
  const flags = { json: false, yes: false };
  const terminal: Partial<CliIo> = { isTty: true, stdinIsTty: true };

  test.each([
    ["without a terminal", fakeIo(), flags],
    ["when stdin is a pipe", fakeIo({ ...terminal, stdinIsTty: false }), flags],
    ["with --json", fakeIo(terminal), { ...flags, json: true }],
    ["with --yes", fakeIo(terminal), { ...flags, yes: true }],
  ])("%s", (_when, io, given) => {
    expect(remoteQuestions(io, given, { log: () => {}, progress: noProgress })).toBeUndefined();
  });

  test("else somebody is", () => {
    expect(remoteQuestions(fakeIo(terminal), flags, { log: () => {}, progress: noProgress })).toBeDefined();
  });
});

test("questions come one at a time, also after one that was left", async () => {
  const order: string[] = [];
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const ask: Ask = {
    ...person("no").ask,
    secret: (message) => {
      order.push(message);
      return answers[order.length - 1]?.promise ?? Promise.reject(new Error("too many questions"));
    },
  };
  const asks = remoteQuestions(
    fakeIo({ ask }),
    { json: false, yes: false },
    { log: () => {}, progress: noProgress },
  );
  const signal = new AbortController().signal;
  const first = asks?.askPassphrase("/a", signal);
  const second = asks?.askPassphrase("/b", signal);
  await Bun.sleep(0);
  expect(order).toHaveLength(1);
  answers[0]?.reject(new Error("left"));
  await expect(first).rejects.toThrow("left");
  answers[1]?.resolve("word");
  expect(await second).toBe("word");
  expect(order).toEqual(["Passphrase of the key /a", "Passphrase of the key /b"]);
});

test("who is asked about a server hears of a certificate that could be checked", async () => {
  const { ask, questions } = person("no");
  const asks = remoteQuestions(
    fakeIo({ ask }),
    { json: false, yes: false },
    { log: () => {}, progress: noProgress },
  );
  const host = { name: "git@host", keyType: "ssh-ed25519", fingerprint: "SHA256:x" };
  await asks?.confirmHost({ ...host, authority: undefined });
  await asks?.confirmHost({ ...host, authority: "/home/ada/.ssh/known_hosts:3" });
  expect(questions[0]).not.toContain("certificate");
  expect(questions[1]).toContain("certificate would be checked by /home/ada/.ssh/known_hosts:3");
});

describe.skipIf(cannotRun(!hasSshd, "lull's own SSH: OpenSSH's sshd is not installed"))("lull sync", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer();
  });
  afterAll(() => server.stop());

  async function laptop(passphrase: string) {
    const device = makeDevice("laptop", { PATH: "/nonexistent" });
    const key = server.makeKey("ed25519", { passphrase });
    mkdirSync(`${device.home}/.ssh`, { recursive: true, mode: 0o700 });
    writeFileSync(`${device.home}/.ssh/config`, `IdentityFile ${key.file}\n`);
    const folder = temporaryDirectory();
    git(folder, "init", "-q", "--bare", "notes.git");
    device.write("a.md", "one\n");
    await device.lull(["add", "notes", "--remote", `${folder}/notes.git`]);
    await device.lull(["config", "set", "transport.ssh", "builtin"]);
    await device.lull(["config", "set", "sources.notes.remote", server.url(`${folder}/notes.git`)]);
    const sync = (ask: Ask) => lull(["sync"], { env: device.env, cwd: device.home, ask });
    return { device, key, bare: `${folder}/notes.git`, sync };
  }

  test("asks about a new server and for a passphrase, and remembers the server alone", async () => {
    const { device, key, bare, sync } = await laptop("correct horse");
    const careful = person("no");
    expect((await sync(careful.ask)).code).toBe(4);
    expect(careful.questions.join()).toContain(server.hostKeys.ed25519.fingerprint);
    const trusting = person("yes", "correct horse");
    const ran = await sync(trusting.ask);
    expect(ran.stderr + ran.stdout).not.toContain("horse");
    expect(ran.code).toBe(0);
    expect(trusting.questions[1]).toContain(key.file);
    expect(readFileSync(`${device.home}/.ssh/known_hosts`, "utf8")).toBe(server.knownHosts());
    expect(git(bare, "show", "main:a.md")).toBe("one");
    fsck(bare);
    const again = person("no", "correct horse");
    expect((await sync(again.ask)).code).toBe(0);
    expect(again.questions).toEqual([`Passphrase of the key ${key.file}`]);
  });

  test("takes a passphrase that is stored, without asking", async () => {
    const { device, key, bare, sync } = await laptop("battery staple");
    writeFileSync(`${device.home}/.ssh/known_hosts`, server.knownHosts());
    const stored = await lull(["secret", "set", `ssh-key:${key.file}`], {
      env: device.env,
      cwd: device.home,
      stdin: (async function* () {
        yield "battery staple\n";
      })(),
    });
    expect(stored.code).toBe(0);
    const nobody = person("no");
    expect((await sync(nobody.ask)).code).toBe(0);
    expect(nobody.questions).toEqual([]);
    expect(git(bare, "show", "main:a.md")).toBe("one");
  });
});
