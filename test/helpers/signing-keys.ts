/** Keys that sign, each in a place of a test's own, made and judged by OpenSSH and GnuPG. */
import { afterAll } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "./system-git.ts";

export const IDENTITY = { name: "Ada", email: "ada@example.com" };

export type SshSigningKey = {
  /** The private half; `.pub` behind it is the public one. */
  readonly file: string;
  /** As it stands in the `.pub` file. */
  readonly publicKey: string;
  /** For `gpg.ssh.allowedSignersFile`. */
  readonly allowedSigners: string;
};

/** @param kind `-t` and `-b` of ssh-keygen, and `-m` where it is to be another form */
export function sshSigningKey(kind: readonly string[] = ["-t", "ed25519"], passphrase = ""): SshSigningKey {
  const file = join(temporaryDirectory(), "key");
  run("ssh-keygen", ["-q", ...kind, "-N", passphrase, "-C", "", "-f", file]);
  const publicKey = run("cat", [`${file}.pub`]).trim();
  const allowedSigners = `${file}.allowed`;
  writeFileSync(allowedSigners, `${IDENTITY.email} namespaces="git" ${publicKey}\n`);
  return { file, publicKey, allowedSigners };
}

/** An agent that holds these keys, and ends with the test file. Returns its socket. */
export function sshAgent(...files: readonly string[]): string {
  const socket = join(temporaryDirectory(), "agent");
  const started = run("ssh-agent", ["-a", socket]);
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
  afterAll(() => void process.kill(pid));
  for (const file of files) run("ssh-add", ["-q", file], { SSH_AUTH_SOCK: socket });
  return socket;
}

/** A GnuPG of its own with one key of `IDENTITY`; its agent ends with the test file. Returns its home. */
export function gnupgHome(passphrase = ""): string {
  const home = emptyGnupg();
  const identity = `${IDENTITY.name} <${IDENTITY.email}>`;
  run("gpg", ["--batch", "--passphrase", passphrase, "--quick-gen-key", identity, "ed25519", "sign"], {
    GNUPGHOME: home,
  });
  return home;
}

/** As `gnupgHome`, with a certificate that signed itself. */
export function x509Home(): { readonly home: string; readonly key: string } {
  const home = emptyGnupg();
  const env = { GNUPGHOME: home };
  const wish = [
    "Key-Type: RSA",
    "Key-Length: 2048",
    "Key-Usage: sign",
    "Serial: random",
    `Name-DN: CN=${IDENTITY.name}`,
    `Name-Email: ${IDENTITY.email}`,
  ];
  writeFileSync(join(home, "wish"), `${wish.join("\n")}\n`);
  const certificate = join(home, "certificate.pem");
  const made = ["--generate-key", "--output", certificate, join(home, "wish")];
  run("gpgsm", ["--batch", "--pinentry-mode=loopback", "--passphrase-fd", "0", ...made], env);
  run("gpgsm", ["--batch", "--import", certificate], env);
  const listed = run("gpgsm", ["--with-colons", "--list-secret-keys"], env);
  const key = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
  writeFileSync(join(home, "trustlist.txt"), `${key} S relax\n`);
  writeFileSync(join(home, "gpgsm.conf"), "disable-crl-checks\n");
  return { home, key };
}

/** Has the agent forget what it knows. */
export function forgetPassphrases(home: string): void {
  run("gpgconf", ["--kill", "gpg-agent"], { GNUPGHOME: home });
}

function emptyGnupg(): string {
  const home = join(temporaryDirectory(), "gnupg");
  mkdirSync(home, { mode: 0o700 });
  // As few rounds as can be: how long a passphrase holds out is not what is tested.
  writeFileSync(join(home, "gpg-agent.conf"), "s2k-count 65536\n");
  afterAll(() => forgetPassphrases(home));
  return home;
}

function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const path = process.env["PATH"] ?? "";
  const ended = spawnSync(program, args, { env: { PATH: path, ...env }, input: "", encoding: "utf8" });
  if (ended.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${ended.stderr}`);
  return ended.stdout;
}
