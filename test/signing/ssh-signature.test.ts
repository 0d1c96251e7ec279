/** lull's own SSH signatures beside those of ssh-keygen. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readKeyFile } from "../../src/signing/key-file.ts";
import { sshSignature } from "../../src/signing/ssh-signature.ts";
import { sshSigningKey } from "../helpers/signing-keys.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const noSsh = cannotRun(Bun.which("ssh-keygen") === null, "signatures beside ssh-keygen: there is none");

const PAYLOAD = Buffer.from("tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nsigned\n");

function keygen(args: readonly string[], input: Uint8Array = PAYLOAD) {
  return spawnSync("ssh-keygen", args, { input, encoding: "utf8" });
}

function signatureBy(file: string): string {
  const read = readKeyFile(file);
  if (read.kind !== "open") throw new Error(`${file} is ${read.kind}`);
  return sshSignature(read.key, PAYLOAD);
}

test.skipIf(noSsh).each([
  ["ed25519", ["-t", "ed25519"], true],
  ["RSA", ["-t", "rsa", "-b", "2048"], true],
  ["RSA in PEM", ["-t", "rsa", "-b", "2048", "-m", "PEM"], true],
  ["RSA in PKCS8", ["-t", "rsa", "-b", "2048", "-m", "PKCS8"], true],
  ["ecdsa 256", ["-t", "ecdsa", "-b", "256"], false],
  ["ecdsa 384", ["-t", "ecdsa", "-b", "384"], false],
  ["ecdsa 521", ["-t", "ecdsa", "-b", "521"], false],
  ["ecdsa in PEM", ["-t", "ecdsa", "-b", "256", "-m", "PEM"], false],
] as const)("OpenSSH takes a signature by an %s key", (_, kind, isAlwaysAlike) => {
  const { file, allowedSigners } = sshSigningKey(kind);
  // The numbers in a signature of ecdsa are long or short by chance.
  for (let turn = 0; turn < (isAlwaysAlike ? 1 : 4); turn++) {
    const signature = signatureBy(file);
    const path = join(temporaryDirectory(), "signature");
    writeFileSync(path, signature);
    const verify = ["-Y", "verify", "-f", allowedSigners, "-I", "ada@example.com", "-n", "git", "-s", path];
    expect(keygen(verify)).toMatchObject({ status: 0, stderr: "" });
    expect(keygen(verify, Buffer.from("another")).status).not.toBe(0);
  }
  if (isAlwaysAlike) expect(signatureBy(file)).toBe(keygen(["-Y", "sign", "-n", "git", "-f", file]).stdout);
});

test.skipIf(noSsh).each([[[]], [["-m", "PEM"]], [["-m", "PKCS8"]]])(
  "a key with a passphrase is locked (%j)",
  (form) => {
    const { file } = sshSigningKey(["-t", "ecdsa", "-b", "256", ...form], "open sesame");
    expect(readKeyFile(file)).toEqual({ kind: "locked" });
  },
);

test.skipIf(noSsh)("what is no usable private key says why, whatever its bytes are", () => {
  const { file } = sshSigningKey();
  expect(readKeyFile(`${file}.none`)).toEqual({ kind: "missing" });
  expect(readKeyFile(`${file}.pub`).kind).toBe("unusable");
  const text = readFileSync(file, "latin1");
  const body = Buffer.from(text.replaceAll(/-----[^-]*-----/g, ""), "base64");
  for (let length = 0; length < body.length; length += 7) {
    const cut = body.subarray(0, length).toString("base64");
    writeFileSync(file, `-----BEGIN OPENSSH PRIVATE KEY-----\n${cut}\n-----END OPENSSH PRIVATE KEY-----\n`);
    expect(["unusable", "locked"]).toContain(readKeyFile(file).kind);
  }
});
