/** What the programs that sign are asked, and what their answers mean. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import type { BriefProgramOptions } from "../../src/base/program.ts";
import type { SigningRequest } from "../../src/base/signing.ts";
import { createSigner, type SigningMeans } from "../../src/signing/signing.ts";
import { thrown } from "../helpers/thrown.ts";

type Answer = ReturnType<SigningMeans["run"]>;

const REQUEST: SigningRequest = {
  format: "openpgp",
  key: "AB12",
  identity: "Ada <ada@example.com>",
  program: undefined,
  keyCommand: undefined,
  unheeded: [],
  directory: "/home/ada/notes",
  payload: Buffer.from("commit\n"),
};

const SIGNED: Answer = {
  kind: "ended",
  code: 0,
  stdout: "signature\n",
  stderr: "[GNUPG:] BEGIN_SIGNING H8\n[GNUPG:] SIG_CREATED D 22 8 00 1 FB25\n",
};

type Call = BriefProgramOptions & { readonly command: readonly string[] };

/** @param answer to each command */
function rig(answer: Answer | ((command: readonly string[]) => Answer), means: Partial<SigningMeans> = {}) {
  const calls: Call[] = [];
  const sign = createSigner({
    run: (command, options) => {
      calls.push({ command, ...options });
      return typeof answer === "function" ? answer(command) : answer;
    },
    findProgram: (name) => (name.startsWith("/") ? name : `/usr/bin/${name}`),
    words: (text) => text.split(" "),
    environment: { DISPLAY: ":0", GPG_TTY: "/dev/tty1", WAYLAND_DISPLAY: "wayland-0", LANG: "C" },
    isAttended: false,
    storedPassphrase: () => undefined,
    ...means,
  });
  return { sign: (wish: Partial<SigningRequest> = {}) => sign({ ...REQUEST, ...wish }), calls };
}

/** Stands for ssh-keygen: leaves a signature beside the file that it is given. */
function keygen(command: readonly string[]): Answer {
  writeFileSync(`${command.at(-1)}.sig`, `signature of ${readFileSync(command.at(-1) ?? "", "utf8")}`);
  return { kind: "ended", code: 0, stdout: "", stderr: "" };
}

test("GnuPG gets the commit and the key; where nobody is there it asks nobody", () => {
  const { sign, calls } = rig(SIGNED);
  expect(sign()).toBe("signature\n");
  expect(calls).toEqual([
    {
      command: [
        "/usr/bin/gpg",
        "--batch",
        "--no-tty",
        "--pinentry-mode=error",
        "--status-fd=2",
        "-bsau",
        "AB12",
      ],
      input: REQUEST.payload,
      env: { DISPLAY: undefined, GPG_TTY: undefined, WAYLAND_DISPLAY: undefined, LANG: "C" },
      deadlineMs: 30_000,
      apart: true,
    },
  ]);
});

test("at a terminal it may ask, and has time", () => {
  const { sign, calls } = rig(SIGNED, { isAttended: true });
  sign({ format: "x509", key: undefined });
  expect(calls).toMatchObject([
    {
      command: ["/usr/bin/gpgsm", "--status-fd=2", "-bsau", "Ada <ada@example.com>"],
      env: { DISPLAY: ":0", GPG_TTY: "/dev/tty1" },
      deadlineMs: 180_000,
      apart: false,
    },
  ]);
});

test("what stands for GnuPG is called as git calls it", () => {
  const { sign, calls } = rig(SIGNED);
  sign({ program: "/opt/qubes-gpg-client" });
  expect(calls[0]?.command).toEqual(["/opt/qubes-gpg-client", "--status-fd=2", "-bsau", "AB12"]);
});

test.each([
  ["a passphrase that nobody types", "[GNUPG:] FAILURE sign 67108949\n", "needs the passphrase or PIN"],
  ["a question that was declined", "[GNUPG:] FAILURE sign 83886179\n", "needs the passphrase or PIN"],
  ["lack of a terminal", "[GNUPG:] FAILURE sign 83918950\n", "could not ask for the passphrase"],
  ["no key", "[GNUPG:] INV_SGNR 9 AB12\n[GNUPG:] FAILURE sign 17\n", "no usable secret key"],
  ["anything else", "gpg: can't connect to the agent\n", "failed (gpg: can't connect to the agent)"],
  ["a success without a signature", "", "failed"],
])("GnuPG's %s is told", (_, stderr, words) => {
  const { sign } = rig({ kind: "ended", code: stderr === "" ? 0 : 2, stdout: "", stderr });
  const error = thrown(sign);
  expect(error).toMatchObject({ kind: "failed", code: "SIGNING_FAILED" });
  expect(error.message).toContain(words);
  expect(error.hint).toContain("lull config set sources.<source>.sign false");
});

test.each([
  [{ kind: "timeout" }, "no answer within 30 s"],
  [{ kind: "missing" }, "there is no program /usr/bin/gpg"],
  [{ kind: "killed", signal: "SIGSEGV" }, "was ended by SIGSEGV"],
] as const)("a program that ends so is told: %j", (answer, words) => {
  const error = thrown(rig(answer).sign);
  expect(error.code).toBe("SIGNING_FAILED");
  expect(error.message).toContain(words);
});

test("Ctrl-C, which the program gets too, is no failure", () => {
  expect(thrown(rig({ kind: "killed", signal: "SIGINT" }).sign).code).toBe("INTERRUPTED");
});

test("a program that is not on PATH is missing before anything runs", () => {
  const { sign, calls } = rig(SIGNED, { findProgram: () => undefined });
  const error = thrown(() => sign({ program: "own-gpg", unheeded: ["gpg.program in .git/config"] }));
  expect(error.message).toContain("there is no program own-gpg");
  expect(error.causes.at(-1)).toContain("gpg.program in .git/config is not heeded");
  expect(calls).toEqual([]);
});

test("ssh-keygen gets the commit in a file that is gone afterwards", () => {
  const { sign, calls } = rig(keygen);
  expect(sign({ format: "ssh", key: "keys/work.pub" })).toBe("signature of commit\n");
  const file = calls[0]?.command.at(-1) ?? "";
  expect(calls[0]).toMatchObject({
    command: ["/usr/bin/ssh-keygen", "-Y", "sign", "-n", "git", "-f", "/home/ada/notes/keys/work.pub", file],
    env: { SSH_ASKPASS_REQUIRE: "never" },
  });
  expect(existsSync(file)).toBe(false);
});

test.each(["key::ecdsa-sha2-nistp256 AAAA", "ssh-ed25519 AAAA"])(
  "a literal key is the agent's: %s",
  (key) => {
    let written = "";
    const { sign, calls } = rig((command) => {
      written = readFileSync(command[6] ?? "", "utf8");
      return keygen(command);
    });
    sign({ format: "ssh", key });
    expect(written).toBe(`${key.replace("key::", "")}\n`);
    expect(calls[0]?.command[7]).toBe("-U");
  },
);

test("a passphrase that is stored is asked of lull, for the private half only", () => {
  const asked: string[] = [];
  const storedPassphrase = (file: string) => (asked.push(file), { SSH_ASKPASS: "/usr/bin/lull" });
  const { sign, calls } = rig(keygen, { storedPassphrase });
  sign({ format: "ssh", key: "/home/ada/.ssh/work.pub" });
  expect(asked).toEqual(["/home/ada/.ssh/work"]);
  expect(calls[0]?.env).toMatchObject({ SSH_ASKPASS: "/usr/bin/lull", SSH_ASKPASS_REQUIRE: "force" });
});

test("the person's command names the key where none is set", () => {
  const answer = (command: readonly string[]): Answer =>
    command[0] === "/usr/bin/ssh-add"
      ? { kind: "ended", code: 0, stdout: "ssh-ed25519 AAAA one\nssh-rsa BBBB two\n", stderr: "" }
      : keygen(command);
  const { sign, calls } = rig(answer);
  sign({ format: "ssh", key: undefined, keyCommand: "ssh-add -L" });
  expect(calls[0]?.command).toEqual(["/usr/bin/ssh-add", "-L"]);
  expect(thrown(() => sign({ format: "ssh", key: undefined })).message).toContain("names no key");
  const silent = rig({ kind: "ended", code: 1, stdout: "", stderr: "The agent has no identities.\n" });
  const error = thrown(() => silent.sign({ format: "ssh", key: undefined, keyCommand: "ssh-add -L" }));
  expect(error.message).toContain("gpg.ssh.defaultKeyCommand names no key (The agent has no identities.)");
});

test("words of a program can not drive the terminal, and a long key does not fill it", () => {
  const { sign } = rig({ kind: "ended", code: 1, stdout: "", stderr: "\u001b[31mno" });
  const error = thrown(() => sign({ format: "ssh", key: `ssh-rsa ${"A".repeat(400)}` }));
  expect(error.message).not.toContain("\u001b");
  expect(error.message.length).toBeLessThan(250);
});
