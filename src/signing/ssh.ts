/** SSH signatures as git has them made: by `ssh-keygen`, which asks the agent and hardware keys, or what stands for it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { messageOf } from "../base/errors.ts";
import type { SigningRequest } from "../base/signing.ts";
import { askProgram, programFor } from "./ask-program.ts";
import { readKeyFile } from "./key-file.ts";
import type { SigningMeans } from "./signing.ts";
import { signingFailed } from "./signing-error.ts";
import { sshSignature } from "./ssh-signature.ts";

const USUAL_PROGRAM = "ssh-keygen";

/** A public key as it stands in `authorized_keys`, or the absolute path of a key. */
type Key =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

/** Without OpenSSH on this machine lull signs by itself with a key file that is not locked. */
export function signWithSsh(means: SigningMeans, request: SigningRequest): string {
  const key = keyOf(means, request);
  if (request.program === undefined && means.findProgram(USUAL_PROGRAM) === undefined) {
    return signByItself(request, key);
  }
  const program = programFor(means, request, USUAL_PROGRAM);
  // In files, as git does it: not everything that stands for `ssh-keygen` reads its input.
  const directory = mkdtempSync(join(tmpdir(), "lull-sign-"));
  try {
    const payload = join(directory, "commit");
    writeFileSync(payload, request.payload, { mode: 0o600 });
    const keyFile = key.kind === "file" ? key.path : join(directory, "key.pub");
    if (key.kind === "literal") writeFileSync(keyFile, `${key.text}\n`, { mode: 0o600 });
    // Its private half is in the agent, and nowhere else.
    const agent = key.kind === "literal" ? ["-U"] : [];
    const { code, stderr } = askProgram(means, request, {
      command: [program, "-Y", "sign", "-n", "git", "-f", keyFile, ...agent, payload],
      input: new Uint8Array(),
      environment: askingEnvironment(means, key),
    });
    const signature = `${payload}.sig`;
    if (code === 0 && existsSync(signature)) return readFileSync(signature, "latin1");
    throw refused(request, key, stderr);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As git reads user.signingKey: with `key::` in front, or as `ssh-…`, it is the key itself. */
function keyOf(means: SigningMeans, request: SigningRequest): Key {
  const { key: text = keyByCommand(means, request), directory } = request;
  if (text.startsWith("key::")) return { kind: "literal", text: text.slice("key::".length) };
  if (text.startsWith("ssh-")) return { kind: "literal", text };
  return { kind: "file", path: resolve(directory, text) };
}

function keyByCommand(means: SigningMeans, request: SigningRequest): string {
  const { keyCommand } = request;
  if (keyCommand === undefined || keyCommand === "") {
    throw signingFailed(request, {
      what: "your git config names no key",
      causes: ["user.signingKey is not set, nor is gpg.ssh.defaultKeyCommand"],
      check: "name one: `git config --global user.signingKey ~/.ssh/id_ed25519.pub`",
    });
  }
  const [name = "", ...args] = means.words(keyCommand) ?? [];
  const program = means.findProgram(name);
  const wrong = (what: string, said = "") =>
    signingFailed(request, {
      what: `gpg.ssh.defaultKeyCommand ${what}`,
      causes: ["the agent holds no key", "it needs a shell, which lull does not start for it"],
      check: "run it in a terminal, or set user.signingKey",
      said,
    });
  if (program === undefined) throw wrong("can not be run");
  const { stdout, stderr } = askProgram(means, request, {
    command: [program, ...args],
    input: new Uint8Array(),
    environment: {},
  });
  const [first = ""] = stdout.split("\n");
  if (!/^(?:key::|ssh-)/.test(first)) throw wrong("names no key", stderr);
  return first.trim();
}

function askingEnvironment(means: SigningMeans, key: Key): Readonly<Record<string, string>> {
  const file = key.kind === "file" ? privateHalf(key.path) : undefined;
  const stored = file === undefined ? undefined : means.storedPassphrase(file);
  if (stored !== undefined) return { ...stored, SSH_ASKPASS_REQUIRE: "force" };
  return means.isAttended ? {} : { SSH_ASKPASS_REQUIRE: "never" };
}

function privateHalf(path: string): string {
  return path.endsWith(".pub") ? path.slice(0, -".pub".length) : path;
}

function refused(request: SigningRequest, key: Key, stderr: string) {
  // OpenSSH has no codes for it, nor other languages.
  if (/incorrect passphrase/i.test(stderr) && key.kind === "file") {
    const file = privateHalf(key.path);
    return signingFailed(request, {
      what: `${file} is locked by a passphrase`,
      causes: ["nobody is there to type it", "the passphrase that is stored for it is wrong"],
      check: `take the key into your agent (\`ssh-add ${file}\`), or store the passphrase: \`lull secret set ssh-key:${file}\``,
      said: stderr,
    });
  }
  if (key.kind === "file" && !existsSync(key.path) && !existsSync(`${key.path}.pub`))
    return noFile(request, key.path);
  return signingFailed(request, {
    what: "ssh-keygen did not sign",
    causes: [
      "the private half is neither beside the public one nor in the agent",
      "the agent does not run here: SSH_AUTH_SOCK is not set in a service",
      "a hardware key is not plugged in, or was not touched in time",
    ],
    check: "look at `ssh-add -L`",
    said: stderr,
  });
}

function noFile(request: SigningRequest, path: string) {
  return signingFailed(request, {
    what: `there is no file ${path}`,
    causes: ["user.signingKey names another file than you have"],
    check: "look at `git config --show-origin user.signingKey`",
  });
}

function signByItself(request: SigningRequest, key: Key): string {
  if (key.kind === "literal") {
    throw signingFailed(request, {
      what: "a key in the agent needs `ssh-keygen`, and there is none",
      causes: ["OpenSSH is not installed", "it is not on the PATH of this process"],
      check: "install OpenSSH, or name a key file in user.signingKey",
    });
  }
  const file = privateHalf(key.path);
  const read = readKeyFile(file);
  switch (read.kind) {
    case "open":
      return signed(request, file, () => sshSignature(read.key, request.payload));
    case "missing":
      throw noFile(request, file);
    case "locked":
      throw signingFailed(request, {
        what: `${file} is locked by a passphrase, which only \`ssh-keygen\` can ask for`,
        causes: ["OpenSSH is not installed", "it is not on the PATH of this process"],
        check: "install OpenSSH, or use a key without a passphrase",
      });
    case "unusable":
      throw unusable(request, file, read.why);
  }
}

function signed(request: SigningRequest, file: string, sign: () => string): string {
  try {
    return sign();
  } catch (error) {
    throw unusable(request, file, messageOf(error));
  }
}

function unusable(request: SigningRequest, file: string, why: string) {
  return signingFailed(request, {
    what: `${file} can not be used without \`ssh-keygen\`: ${why}`,
    causes: ["it is a key on a hardware token, or of a kind that lull does not know"],
    check: "install OpenSSH, or use an ed25519, ecdsa or RSA key",
  });
}
