/** Commits that are signed as the person's git config says, judged by git itself. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runDaemon, type StoryLine } from "../helpers/daemon-process.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import {
  forgetPassphrases,
  gnupgHome,
  IDENTITY,
  sshAgent,
  sshSigningKey,
  type SshSigningKey,
  x509Home,
} from "../helpers/signing-keys.ts";
import { cannotRun } from "../helpers/skip.ts";
import { git, gitRaw, temporaryDirectory } from "../helpers/system-git.ts";
import { inTerminal } from "../helpers/terminal.ts";

const noGpg = cannotRun(Bun.which("gpg") === null, "signing with gpg: there is none");
const noGpgsm = cannotRun(Bun.which("gpgsm") === null, "signing with gpgsm: there is none");
const noSsh = cannotRun(Bun.which("ssh-keygen") === null, "signing with ssh-keygen: there is none");

const noTerminal = cannotRun(process.platform === "win32", "a question at a terminal: there is no pty here");

const KEY = noSsh ? undefined : sshSigningKey();

type Settings = Readonly<Record<string, string>>;

/** A device whose person's git config has these settings, and that has the source `notes`. */
async function deviceWith(
  settings: Settings,
  { name = "laptop", env = {}, remote }: { name?: string; env?: Settings; remote?: string } = {},
): Promise<Device> {
  const device = makeDevice(name, env);
  configure(device, { "user.name": IDENTITY.name, "user.email": IDENTITY.email, ...settings });
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", ...(remote === undefined ? [] : ["--remote", remote])]);
  return device;
}

function configure(device: Device, settings: Settings): void {
  for (const [key, value] of Object.entries(settings))
    git(device.home, "config", "--file", join(device.home, ".gitconfig"), key, value);
}

function sshSettings(key: SshSigningKey | undefined, signingKey = `${key?.file}.pub`): Settings {
  return { "commit.gpgSign": "true", "gpg.format": "ssh", "user.signingKey": signingKey };
}

/** As `git log --format=%G?` has it: G a good signature, N none. */
function verdicts(device: Device, env: Settings = {}, range = "HEAD"): readonly string[] {
  const settings = [`gpg.ssh.allowedSignersFile=${KEY?.allowedSigners}`, "gpg.ssh.program=ssh-keygen"];
  const args = [...settings.flatMap((setting) => ["-c", setting]), "log", "--format=%G?", range];
  return gitRaw(device.notes, args, { env }).toString().trim().split("\n");
}

async function signing(device: Device, wish: string): Promise<void> {
  await device.lull(["config", "set", "sources.notes.sign", wish]);
}

/** A program in the person's own folder that notes that it ran. */
function program(device: Device, name: string, script: string): string {
  const path = join(device.outside, name);
  writeFileSync(path, `#!/bin/sh\necho ran >> ${JSON.stringify(join(device.outside, "ran"))}\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

test.skipIf(noSsh)("every commit of the branch is signed, savepoints and records are not", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "-q", "--bare", remote);
  const [laptop, desktop] = [
    await deviceWith(sshSettings(KEY), { remote }),
    await deviceWith(sshSettings(KEY), { name: "desktop", remote }),
  ];
  for (const device of [laptop, desktop]) await device.lull(["sync"]);
  await desktop.lull(["config", "set", "sources.notes.sync_deletions", "false"]);
  laptop.write("kept.md", "kept\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  // A merge with a conflict upon which a commit keeps what the laptop deleted.
  laptop.remove("kept.md");
  laptop.write("a.md", "laptop\n");
  desktop.write("a.md", "desktop\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"], 5);
  await desktop.lull(["resolve", "a.md", "--keep", "local"]);
  await desktop.lull(["sync"]);
  laptop.write("new.md", "new\n");
  for (const device of [laptop, desktop]) await device.lull(["sync"]);
  await desktop.lull(["undo"]);
  for (const device of [desktop, laptop]) await device.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);

  const subjects = git(desktop.notes, "log", "--format=%s");
  for (const part of ["Merge main of origin", "Keep 1 file", "Resolve the conflict", "Undo"])
    expect(subjects).toContain(part);
  expect(new Set(verdicts(laptop))).toEqual(new Set(["G"]));
  git(desktop.notes, "-c", `gpg.ssh.allowedSignersFile=${KEY?.allowedSigners}`, "verify-commit", "HEAD");
  const others = git(desktop.notes, "for-each-ref", "--format=%(refname)", "refs/lull").split("\n");
  expect(others.length).toBeGreaterThan(1);
  for (const ref of others) expect(git(desktop.notes, "cat-file", "commit", ref)).not.toContain("gpgsig");
});

test.skipIf(noSsh)("a squash and the merge of a branch that is not checked out are signed, too", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "-q", "--bare", remote);
  const device = await deviceWith(sshSettings(KEY), { remote });
  await device.lull(["sync"]);
  await device.lull(["config", "set", "sources.notes.squash", "true"]);
  await device.lull(["config", "set", "sources.notes.branches", "[main, side]"]);
  // Two commits on each side of a branch.
  git(device.notes, "branch", "side");
  await device.lull(["sync"]);
  const other = join(temporaryDirectory(), "other");
  git(temporaryDirectory(), "clone", "-q", "-b", "side", remote, other);
  for (const [place, file] of [
    [other, "theirs.md"],
    [device.notes, "ours.md"],
  ] as const) {
    git(place, "checkout", "-q", "side");
    writeFileSync(join(place, file), file);
    git(place, "add", file);
    git(place, "-c", "commit.gpgSign=false", "commit", "-q", "-m", file);
  }
  git(other, "push", "-q", "origin", "side");
  git(device.notes, "checkout", "-q", "main");
  renameSync(remote, `${remote}.away`);
  for (const text of ["two\n", "three\n"]) {
    device.write("a.md", text);
    await device.lull(["sync"], 3);
  }
  renameSync(`${remote}.away`, remote);
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G", "G"]);
  expect(git(device.notes, "log", "-1", "--format=%s", "side")).toContain("Merge side of origin");
  expect(verdicts(device, {}, "side")[0]).toBe("G");
});

test.skipIf(noSsh)("a key that only the agent holds signs, named as a literal or by a command", async () => {
  const { file, publicKey } = KEY ?? sshSigningKey();
  const env = { SSH_AUTH_SOCK: sshAgent(file) };
  const device = await deviceWith(sshSettings(KEY, `key::${publicKey}`), { env });
  await device.lull(["sync"]);
  git(device.home, "config", "--file", join(device.home, ".gitconfig"), "--unset", "user.signingKey");
  configure(device, { "gpg.ssh.defaultKeyCommand": "ssh-add -L" });
  device.write("b.md", "two\n");
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G", "G"]);
});

test.skipIf(noSsh)("a stored passphrase opens the key", async () => {
  const key = sshSigningKey(["-t", "ed25519"], "open sesame");
  const device = await deviceWith(sshSettings(key), { env: { XDG_RUNTIME_DIR: "/nonexistent" } });
  const failed = await device.lull(["sync"], 1);
  expect(failed.stderr + failed.stdout).toContain(`${key.file} is locked by a passphrase`);
  const { runJson } = await import("../helpers/cli-runner.ts");
  const options = { cwd: device.home, env: device.env, input: "open sesame\n" };
  expect((await runJson(["secret", "set", `ssh-key:${key.file}`], options)).code).toBe(0);
  await device.lull(["sync"]);
  expect(git(device.notes, "cat-file", "commit", "HEAD")).toContain(
    "gpgsig -----BEGIN SSH SIGNATURE-----\n ",
  );
});

test.skipIf(noSsh || noTerminal)("at a terminal the program asks the person", async () => {
  const key = sshSigningKey(["-t", "ed25519"], "open sesame");
  const device = await deviceWith(sshSettings(key));
  await using shown = inTerminal(device, ["sync"]);
  await shown.sees("Enter passphrase");
  shown.type("open sesame\r");
  expect(await shown.exited).toBe(0);
  expect(git(device.notes, "cat-file", "commit", "HEAD")).toContain(
    "gpgsig -----BEGIN SSH SIGNATURE-----\n ",
  );
});

test.skipIf(noSsh || noTerminal)("Ctrl-C at its question ends the sync, and nothing is lost", async () => {
  const key = sshSigningKey(["-t", "ed25519"], "open sesame");
  const device = await deviceWith(sshSettings(key));
  await using shown = inTerminal(device, ["sync"]);
  await shown.sees("Enter passphrase");
  // A signal between its question and its look at the keyboard counts when it has read something.
  shown.type("\u0003\r");
  expect(await shown.exited).toBe(130);
  expect(git(device.notes, "status", "--porcelain")).toBe("?? a.md");
});

test.skipIf(noGpg)("OpenPGP by the person's gpg, with the key of the one who commits", async () => {
  const env = { GNUPGHOME: gnupgHome() };
  const device = await deviceWith({ "commit.gpgSign": "true" }, { env });
  await device.lull(["sync"]);
  // Nobody has told this GnuPG to trust it: U, unless it is made so.
  expect(["G", "U"]).toContain(verdicts(device, env)[0] ?? "");
  gitRaw(device.notes, ["verify-commit", "HEAD"], { env });
});

test.skipIf(noGpg)(
  "a passphrase that nobody can type is an error that says so, and nothing is lost",
  async () => {
    const home = gnupgHome("open sesame");
    forgetPassphrases(home);
    const device = await deviceWith({ "commit.gpgSign": "true" }, { env: { GNUPGHOME: home } });
    const failed = await device.json(["sync"]);
    expect(failed).toMatchObject({
      code: 1,
      json: {
        runs: [
          {
            outcome: "failed",
            error: {
              code: "SIGNING_FAILED",
              message: expect.stringContaining("gpg needs the passphrase or PIN"),
            },
          },
        ],
      },
    });
    expect(device.read("a.md")).toBe("one\n");
    expect(() => git(device.notes, "rev-parse", "--verify", "HEAD")).toThrow();
    expect(git(device.notes, "status", "--porcelain")).toBe("?? a.md");
    await signing(device, "false");
    await device.lull(["sync"]);
    expect(verdicts(device)).toEqual(["N"]);
  },
);

test.skipIf(noGpgsm)("X.509 by the person's gpgsm", async () => {
  const { home, key } = x509Home();
  const env = { GNUPGHOME: home };
  const device = await deviceWith(
    { "commit.gpgSign": "true", "gpg.format": "x509", "user.signingKey": key },
    { env },
  );
  await device.lull(["sync"]);
  gitRaw(device.notes, ["verify-commit", "HEAD"], { env });
});

test.skipIf(noSsh)("what the source says goes before git's config", async () => {
  const device = await deviceWith({ ...sshSettings(KEY), "commit.gpgSign": "false" });
  await device.lull(["sync"]);
  await signing(device, "true");
  device.write("a.md", "two\n");
  await device.lull(["sync"]);
  configure(device, { "commit.gpgSign": "true" });
  await signing(device, "false");
  device.write("a.md", "three\n");
  await device.lull(["sync"]);
  await signing(device, "auto");
  device.write("a.md", "four\n");
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G", "N", "G", "N"]);
});

test.skipIf(noSsh)("a repository chooses key and format for itself, but no program", async () => {
  const device = await deviceWith({ "commit.gpgSign": "false" });
  await device.lull(["sync"]);
  const trap = program(device, "trap", "exit 1");
  for (const [key, value] of Object.entries({
    ...sshSettings(KEY),
    "gpg.program": trap,
    "gpg.openpgp.program": trap,
    "gpg.ssh.program": trap,
    "gpg.x509.program": trap,
    "gpg.ssh.defaultKeyCommand": trap,
  }))
    git(device.notes, "config", key, value);
  device.write("a.md", "two\n");
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G", "N"]);
  git(device.notes, "config", "--unset", "user.signingKey");
  device.write("a.md", "three\n");
  const { stdout, stderr } = await device.lull(["sync"], 1);
  expect(stdout + stderr).toContain("gpg.ssh.defaultkeycommand in");
  expect(stdout + stderr).toContain("is not heeded");
  expect(existsSync(join(device.outside, "ran"))).toBe(false);
  // The person's own config may.
  configure(device, { "gpg.ssh.program": program(device, "own", 'exec ssh-keygen "$@"') });
  git(device.notes, "config", "user.signingKey", `${KEY?.file}`);
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G", "G", "N"]);
  expect(existsSync(join(device.outside, "ran"))).toBe(true);
});

test.skipIf(noSsh)(
  "a key that is away stops the sync before anything changes, and the next one goes on",
  async () => {
    const key = sshSigningKey();
    const device = await deviceWith(sshSettings(key));
    await device.lull(["sync"]);
    device.write("b.md", "two\n");
    git(device.notes, "add", "b.md");
    device.write("c.md", "three\n");
    const before = git(device.notes, "rev-parse", "HEAD");
    renameSync(key.file, `${key.file}.away`);
    renameSync(`${key.file}.pub`, `${key.file}.pub.away`);
    const { stdout, stderr } = await device.lull(["sync"], 1);
    expect(stdout + stderr).toContain(`there is no file ${key.file}.pub`);
    expect(stdout + stderr).toContain("lull config set sources.notes.sign false");
    expect(git(device.notes, "rev-parse", "HEAD")).toBe(before);
    expect(git(device.notes, "status", "--porcelain")).toBe("A  b.md\n?? c.md");
    renameSync(`${key.file}.away`, key.file);
    renameSync(`${key.file}.pub.away`, `${key.file}.pub`);
    await device.lull(["sync"]);
    expect(git(device.notes, "status", "--porcelain")).toBe("");
    expect(git(device.notes, "log", "--format=%G?", "HEAD").split("\n")).toHaveLength(2);
  },
);

test.skipIf(noSsh)("the daemon signs, and what the config says anew counts at once", async () => {
  const { file, publicKey } = KEY ?? sshSigningKey();
  const device = await deviceWith(sshSettings(KEY, `key::${publicKey}`), {
    env: { SSH_AUTH_SOCK: sshAgent(file) },
  });
  await device.lull(["config", "set", "sources.notes.schedule", "manual"]);
  await device.lull(["config", "set", "sources.notes.watch", "{ quiet: 200ms }"]);
  await using daemon = await runDaemon(device);
  const isSynced = ({ run }: StoryLine) => (run as { outcome: string }).outcome === "synced";
  await daemon.next("end", isSynced);
  // The worker has the repository open still.
  await signing(device, "false");
  await daemon.next("reloaded");
  device.write("a.md", "two\n");
  await daemon.next("end", isSynced);
  expect(verdicts(device)).toEqual(["N", "G"]);
  daemon.signal("SIGTERM");
  expect(await daemon.exited).toBe(0);
});

test.skipIf(noSsh)("a rollback that can not be signed changes nothing, and names the way out", async () => {
  const key = sshSigningKey();
  const device = await deviceWith(sshSettings(key));
  await device.lull(["sync"]);
  device.write("a.md", "two\n");
  await device.lull(["sync"]);
  configure(device, { "user.signingKey": "/nonexistent/key" });
  const failed = await device.lull(["rollback", "notes", "--to", "HEAD~1"], 1);
  expect(failed.stderr).toContain("there is no file /nonexistent/key");
  expect(failed.stderr).toContain("lull config set sources.notes.sign false");
  expect(device.read("a.md")).toBe("two\n");
  expect(git(device.notes, "status", "--porcelain")).toBe("");
});

test.skipIf(noSsh)("without OpenSSH lull signs with a key file by itself", async () => {
  const bin = join(temporaryDirectory(), "bin");
  mkdirSync(bin);
  const device = await deviceWith(sshSettings(KEY), { env: { PATH: bin } });
  await device.lull(["sync"]);
  expect(verdicts(device)).toEqual(["G"]);
  configure(device, { "user.signingKey": `key::${KEY?.publicKey}` });
  device.write("a.md", "two\n");
  const { stdout, stderr } = await device.lull(["sync"], 1);
  expect(stdout + stderr).toContain("a key in the agent needs `ssh-keygen`, and there is none");
});
