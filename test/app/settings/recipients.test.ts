/** Who can read what a source encrypts: two and three homes, one repository, and somebody else who can push. */
import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { allowGuard } from "../../../src/app/allow-guard.ts";
import { initEncryption } from "../../../src/app/init-encryption.ts";
import { recoverEncryption } from "../../../src/app/recover-encryption.ts";
import { addRecipient } from "../../../src/app/settings/add-recipient.ts";
import type { ChangedRecipients } from "../../../src/app/settings/change-recipients.ts";
import { listRecipients } from "../../../src/app/settings/list-recipients.ts";
import { removeRecipient } from "../../../src/app/settings/remove-recipient.ts";
import type { SyncRun } from "../../../src/sync/outcome.ts";
import { generateKeyPair } from "../../../src/secrets/age/keys.ts";
import { settingsHome, type SettingsHome } from "../../helpers/settings-home.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { benchRemote } from "../../helpers/sync-bench.ts";
import { git } from "../../helpers/system-git.ts";

const SEALED = ["~/.netrc", "~/.token", "~/.foorc"];
const LIST = ".lull/recipients.json";

type Device = SettingsHome & {
  add(who?: string, name?: string): Promise<ChangedRecipients>;
  takeOff(who: string): Promise<ChangedRecipients>;
  /** `name: state`, sorted. */
  states(): Promise<readonly string[]>;
  key(): Promise<string>;
  /** Whether it opens a copy of the managed folder, of this device or another. */
  opens(from: SettingsHome, name: string): Promise<boolean>;
};

type DeviceOptions = {
  readonly mode?: "backup" | "two-way";
  readonly files?: readonly string[];
  readonly more?: readonly string[];
};

function deviceAt(remote: string, name: string, { mode, files = [], more = [] }: DeviceOptions = {}): Device {
  const encrypted = SEALED.map((path) => `{ path: "${path}", encrypt: true }`);
  const plain = files.map((path) => `"${path}"`);
  const place = settingsHome({
    device: name,
    remote,
    files: undefined,
    mode: mode ?? "backup",
    more: [`files: [${[...encrypted, ...plain].join(", ")}]`, ...more],
  });
  const { deps, context } = place;
  const key = async (): Promise<string> => (await deps.age()).identities.find()?.key ?? "";
  return {
    ...place,
    key,
    add: (who, called) =>
      addRecipient(deps, { source: "settings", who, name: called, fetch: true, dryRun: false }, context),
    takeOff: (who) => removeRecipient(deps, { source: "settings", who, fetch: true, dryRun: false }, context),
    async states() {
      const [listed] = await listRecipients(deps, { name: "settings" });
      return (listed?.recipients ?? []).map((one) => `${one.name}: ${one.state}`).sort();
    },
    async opens(from, path) {
      const age = await deps.age();
      try {
        await age.openCipher().decrypt(readFileSync(join(from.managed, path)), context.signal);
        return true;
      } catch {
        return false;
      }
    },
  };
}

async function init({ deps, context }: SettingsHome): Promise<string> {
  const made = await initEncryption(deps, { force: true, recoveryFile: undefined, dryRun: false }, context);
  if (made.kind !== "made" || made.recovery.kind !== "shown") throw new Error("no key was made");
  return made.recovery.secret;
}

/** As the second device of a person: it reads with the recovery key, and then forgets it. */
async function join2({ deps, context }: SettingsHome, recovery: string): Promise<void> {
  const done = await recoverEncryption(deps, { text: recovery, dryRun: false }, context);
  await deps.secrets.remove(`age:${done.recoveryKey}`, context.signal);
}

const reasons = (run: SyncRun): string =>
  [...(run.warnings ?? []), ...(run.skippedPaths ?? [])]
    .map(({ path, reason }) => `${path}: ${reason}`)
    .join("\n");

async function pair(options: DeviceOptions = {}) {
  const remote = benchRemote();
  const a = deviceAt(remote, "laptop", options);
  const b = deviceAt(remote, "desktop", options);
  const recovery = await init(a);
  a.write(".netrc", "password of the laptop\n", 0o600);
  await a.sync();
  await join2(b, recovery);
  return { remote, a, b, recovery };
}

test("a device that joins waits, is accepted by its key, and reads everything from then on", async () => {
  const { a, b } = await pair();
  b.write(".token", "token of the desktop\n", 0o600);
  await b.sync();
  expect(await b.states()).toEqual(["desktop: used", "laptop: used", "recovery key: used"]);
  const told = await a.sync();
  expect(reasons(told)).toContain(`lull secret recipients add settings ${await b.key()}`);
  expect(await a.states()).toEqual(["desktop: waiting", "laptop: used", "recovery key: used"]);
  expect(await b.opens(a, "home/.netrc.age")).toBe(false);
  const done = await a.add("desktop");
  expect(done).toMatchObject({
    kind: "accepted",
    recipients: 3,
    files: ["home/.netrc.age", "home/.token.age"],
    left: [],
    notFetched: undefined,
  });
  expect(await a.states()).toEqual(["desktop: used", "laptop: used", "recovery key: used"]);
  // What was encrypted anew is nobody's edit.
  const run = await a.sync();
  expect(run).toMatchObject({ outcome: "synced", gathered: { added: 0, updated: 0, removed: 0 } });
  expect(reasons(run)).toBe("");
  expect(await a.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(await b.sync()).toMatchObject({ gathered: { added: 0, updated: 0, removed: 0 } });
  expect(await b.opens(b, "home/.netrc.age")).toBe(true);
  await b.restore(["~/.netrc"]);
  expect(b.read(".netrc")).toBe("password of the laptop\n");
});

test("a sealed file that another device has encrypted anew is still this device's, edited or removed", async () => {
  const { a, b } = await pair({ more: ["conflicts: theirs"] });
  b.write(".token", "token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  await b.sync();
  b.write(".token", "token, edited\n", 0o600);
  const run = await b.sync();
  expect(run).toMatchObject({ gathered: { added: 0, updated: 1, removed: 0 } });
  expect(reasons(run)).toBe("");
  await a.sync();
  await a.add();
  await a.sync();
  await b.sync();
  b.remove(".token");
  expect(await b.sync()).toMatchObject({ gathered: { added: 0, updated: 0, removed: 1 } });
  expect(existsSync(join(b.managed, "home/.token.age"))).toBe(false);
});

test("two-way: without a key nothing is taken for deleted, and nothing goes back in clear", async () => {
  const { remote, a, b } = await pair({ mode: "two-way", files: ["~/.plain"] });
  rmSync(join(a.stateDirectory, "age/identity.json"));
  // Something comes in, so that all is compared.
  b.write(".plain", "plain\n");
  await b.sync();
  const run = await a.sync();
  expect(run.broughtHome).toEqual({ written: 1, removed: 0 });
  expect([a.read(".netrc"), a.read(".plain")]).toEqual(["password of the laptop\n", "plain\n"]);
  a.write(".netrc", "changed\n", 0o600);
  const next = await a.sync();
  expect(reasons(next)).toContain("~/.netrc: it may be kept encrypted only");
  expect(git(remote, "ls-tree", "-r", "--name-only", "main").split("\n")).not.toContain("home/.netrc");
});

test("two-way: a copy that is damaged or cut is named, never comes home in part, and the rest comes", async () => {
  const { a, b, recovery } = await pair({ mode: "two-way", files: ["~/.plain"] });
  await recoverEncryption(b.deps, { text: recovery, dryRun: false }, b.context);
  a.write(".token", `${"x".repeat(200_000)}\n`, 0o600);
  a.write(".plain", "plain\n");
  await a.sync();
  await b.sync();
  expect(b.read(".token")).toHaveLength(200_001);
  for (const damage of [
    (bytes: Buffer) => bytes.subarray(0, 100_000),
    (bytes: Buffer) => bytes.fill(bytes.readUInt8(150_000) ^ 1, 150_000, 150_001),
    (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")]),
    () => Buffer.from("no age file\n"),
    () => Buffer.alloc(0),
  ]) {
    const path = join(a.managed, "home/.token.age");
    const whole = readFileSync(path);
    writeFileSync(path, damage(Buffer.from(whole)));
    a.write(".plain", `plain ${Math.random()}\n`);
    await a.sync();
    const before = b.read(".token");
    const run = await b.sync();
    expect(run.outcome).not.toBe("failed");
    expect(b.read(".token")).toBe(before);
    expect(b.read(".plain")).toBe(a.read(".plain"));
    b.remove(".netrc");
    b.remove(".token");
    const restored = await b.restore();
    expect(restored.refused?.map(({ path: named }) => named)).toEqual(["~/.token"]);
    expect([b.has(".token"), b.read(".netrc")]).toEqual([false, "password of the laptop\n"]);
    b.write(".token", before, 0o600);
    writeFileSync(path, whole);
    await a.sync();
    await b.sync();
  }
});

/** Three devices that have accepted each other. */
async function three() {
  const { remote, a, b, recovery } = await pair();
  const c = deviceAt(remote, "phone");
  b.write(".token", "the token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  // One that gathers nothing encrypted has to say itself that it is there.
  const done = await c.add().catch((error: unknown) => error);
  expect(done).toMatchObject({ code: "NO_IDENTITY" });
  await join2(c, recovery);
  expect(await c.add()).toMatchObject({ kind: "added", left: [{}, {}] });
  for (const home of [c, a, b]) await home.sync();
  for (const home of [a, b]) {
    await home.add("phone");
    await home.sync();
  }
  for (const home of [c, a]) await home.sync();
  const all = ["desktop: used", "laptop: used", "phone: used", "recovery key: used"];
  for (const home of [a, b, c]) expect(await home.states()).toEqual(all);
  return { remote, a, b, c, recovery };
}

test("one that is taken off stays off on every device, whatever two devices merge", async () => {
  const { a, b, c } = await three();
  const gone = await c.key();
  const lines = readFileSync(join(a.managed, LIST), "utf8").split("\n");
  const at = lines.findIndex((text) => text.includes(gone));
  // Beside its line, so that git finds a conflict there and takes the lines of both.
  const beside = async (): Promise<string> => {
    for (;;) {
      const { key } = await generateKeyPair();
      const text = `{"key":"${key}`;
      if ((lines[at - 1] ?? "") < text && text < (lines[at + 1] ?? "") + "~") return key;
    }
  };
  const keys = [await beside(), await beside()];
  // Both have the list of before: one takes the phone off, the other adds keys around it in the file.
  const removed = await a.takeOff("phone");
  expect(removed).toMatchObject({ kind: "removed", recipients: 3, left: [] });
  for (const [index, key] of keys.entries())
    await addRecipient(
      b.deps,
      { source: "settings", who: key, name: `key ${index}`, fetch: false, dryRun: false },
      b.context,
    );
  await a.sync();
  await b.sync();
  expect(await b.states()).toContain("phone: removed");
  await a.sync();
  for (const home of [a, b]) {
    const list = readFileSync(join(home.managed, LIST), "utf8");
    expect(
      list
        .split("\n")
        .filter((line) => line.includes(gone))
        .join(),
    ).toContain('"removed":');
    expect(await home.states()).toContain("phone: removed");
  }
});

test("what stands in clear in the history is told once, whoever has gathered it, and its copy goes", async () => {
  const remote = benchRemote();
  const a = settingsHome({ device: "laptop", remote, files: ["~/.foorc"] });
  const b = deviceAt(remote, "desktop");
  const c = deviceAt(remote, "phone");
  a.write(".foorc", "password\n", 0o600);
  await a.sync();
  const recovery = await init(b);
  b.write(".foorc", "password\n", 0o600);
  b.write(".token", "never in clear\n", 0o600);
  const run = await b.sync();
  expect(run.warnings?.map(({ path }) => path)).toEqual(["~/.foorc"]);
  expect(reasons(run)).toContain("older versions stand in clear in the history");
  const names = (): readonly string[] => git(remote, "ls-tree", "-r", "--name-only", "main").split("\n");
  expect(names()).toEqual([".lull/modes", LIST, "home/.foorc.age", "home/.token.age"]);
  expect(reasons(await b.sync())).toBe("");
  // Another one that has the file, too, is not told again: its copy is encrypted already.
  await recoverEncryption(c.deps, { text: recovery, dryRun: false }, c.context);
  c.write(".foorc", "password\n", 0o600);
  expect(reasons(await c.sync())).not.toContain("in clear");
  // One that was removed meanwhile counts as well.
  b.remove(".foorc");
  await b.sync();
  b.write(".foorc", "again\n", 0o600);
  expect(reasons(await b.sync())).toContain("~/.foorc: encrypted from now on");
});

test("a new repository leaves the history behind, and nobody has to be accepted again", async () => {
  const { a, b, remote } = await pair();
  b.write(".token", "token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  await b.sync();
  const fresh = benchRemote();
  for (const home of [a, b]) {
    rmSync(home.managed, { recursive: true });
    const config = readFileSync(home.configFile, "utf8");
    writeFileSync(home.configFile, config.replace(remote, fresh), { mode: 0o600 });
    // As the help says: it stops, as a folder that is suddenly another one may be a disk that is not there.
    expect(await home.sync()).toMatchObject({ error: { code: "GUARD_REPOSITORY" } });
    await allowGuard(home.deps, { name: "settings", what: [], action: "allow", dryRun: false }, home.context);
    expect(await home.sync()).toMatchObject({ outcome: "synced" });
  }
  await a.sync();
  expect(await a.states()).toEqual(["desktop: used", "laptop: used", "recovery key: used"]);
  expect(git(fresh, "rev-list", "--count", "main")).not.toBe("0");
  await a.add();
  await a.sync();
  await b.sync();
  expect(await b.opens(b, "home/.netrc.age")).toBe(true);
});

/** Somebody with access to the remote and no key that was accepted. */
function pushList(remote: string, outside: string, change: (text: string) => string): void {
  const clone = join(outside, `clone-${String(readdirSync(outside).length)}`);
  git(outside, "clone", "-q", "-b", "main", remote, clone);
  const path = join(clone, LIST);
  writeFileSync(path, change(readFileSync(path, "utf8")));
  git(clone, "add", "-A");
  git(clone, "-c", "user.name=E", "-c", "user.email=e@e", "commit", "-qm", "hostile");
  git(clone, "push", "-q", "origin", "HEAD:main");
}

/** Whether some file of the remote's branch opens with this secret. */
async function opensSomething({ outside, deps, context }: SettingsHome, remote: string, secret: string) {
  const clone = join(outside, `look-${String(readdirSync(outside).length)}`);
  git(outside, "clone", "-q", "-b", "main", remote, clone);
  const { Decrypter } = await import("age-encryption");
  const age = await deps.age();
  for (const entry of readdirSync(clone, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".age")) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    expect(age.looksEncrypted(bytes)).toBe(true);
    const decrypter = new Decrypter();
    decrypter.addIdentity(secret);
    if (
      await decrypter.decrypt(bytes).then(
        () => true,
        () => false,
      )
    )
      return true;
  }
  expect(context.signal.aborted).toBe(false);
  return false;
}

const line = (key: string, name: string, kind = "device"): string =>
  `${JSON.stringify({ key, name, kind, added: "2020-01-01" })},\n`;

test("a key that somebody has pushed is named, and nothing is ever encrypted for it", async () => {
  const { remote, a, b } = await pair();
  b.write(".token", "token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  await b.sync();
  const evil = await generateKeyPair();
  const again = await generateKeyPair();
  // Under the name of a device that is in use, and as a recovery key; once more before each step.
  pushList(remote, a.outside, (text) =>
    text.replace("[\n", `[\n${line(evil.key, "desktop")}${line(again.key, "recovery key", "recovery")}`),
  );
  for (const home of [a, b]) {
    expect(reasons(await home.sync())).toContain(`lull secret recipients add settings ${evil.key}`);
    expect(await home.states()).toContain("desktop: waiting");
    home.write(".netrc", `changed on ${home.deps.hostName} ${await home.key()}\n`, 0o600);
    await home.sync();
    await home.add();
    await home.sync();
  }
  await expect(a.add("desktop")).rejects.toMatchObject({ code: "AMBIGUOUS_RECIPIENT" });
  const device = await a.takeOff(evil.key);
  expect(device).toMatchObject({ kind: "removed", recipient: { key: evil.key } });
  await a.sync();
  for (const { secret } of [evil, again]) expect(await opensSomething(a, remote, secret)).toBe(false);
  // It was never in use: another one says no more of it, and one that comes back waits again.
  pushList(remote, a.outside, (text) =>
    text.replace(new RegExp(`.*${evil.key}.*\n`), line(evil.key, "desktop")),
  );
  expect(reasons(await a.sync())).toContain(evil.key);
  expect((await a.states()).filter((state) => state.startsWith("desktop"))).toEqual([
    "desktop: used",
    "desktop: waiting",
  ]);
});

test("a device that was removed and writes itself back waits on those that saw it go", async () => {
  const { remote, a, b, c } = await three();
  const gone = await c.key();
  const secret = (await (await c.deps.age()).identities.open(c.context.signal)).secrets;
  await a.takeOff("phone");
  await a.sync();
  await b.sync();
  pushList(remote, a.outside, (text) => text.replace(new RegExp(`.*${gone}.*\n`), line(gone, "phone")));
  for (const home of [a, b]) {
    await home.sync();
    home.write(".token", `new token of ${await home.key()}\n`, 0o600);
    await home.sync();
    expect(await home.states()).toContain("phone: waiting");
    expect(await opensSomething(home, remote, secret[0] ?? "")).toBe(false);
  }
});

test("a list that makes no sense is named, and nothing is encrypted by it", async () => {
  const { remote, a } = await pair({ files: ["~/.plain"] });
  pushList(remote, a.outside, () => "[nonsense");
  expect(reasons(await a.sync())).toContain(".lull/recipients.json can not be used");
  expect(await a.sync()).toMatchObject({ error: { code: "BAD_RECIPIENTS_FILE" } });
  await expect(a.add()).rejects.toMatchObject({ code: "BAD_RECIPIENTS_FILE" });
});

test("two devices that begin at once, and both write the list, end with one list of both", async () => {
  const remote = benchRemote();
  const [a, b] = [deviceAt(remote, "laptop"), deviceAt(remote, "desktop")];
  await init(a);
  await init(b);
  a.write(".netrc", "of the laptop\n", 0o600);
  b.write(".token", "of the desktop\n", 0o600);
  let first: Promise<SyncRun> | undefined;
  // Right before b sends its own first commit.
  const onEvent = (event: { readonly kind: string; readonly step?: string }): void => {
    if (event.kind === "step" && event.step === "commit") first ??= a.sync();
  };
  const { syncSources } = await import("../../../src/app/sync-sources.ts");
  await syncSources(b.deps, { names: [], dryRun: false }, { ...b.context, onEvent });
  await first;
  for (const home of [a, b, a, b]) expect((await home.sync()).outcome).not.toBe("failed");
  // Two first commits: neither list has the other as its base.
  expect(git(remote, "rev-list", "--max-parents=0", "main").split("\n")).toHaveLength(2);
  expect(await a.states()).toEqual([
    "desktop: waiting",
    "laptop: used",
    "recovery key: used",
    "recovery key: waiting",
  ]);
});

test("two that remove the same one, and two that remove each other", async () => {
  const { a, b } = await three();
  const change = (home: Device, who: string): Promise<ChangedRecipients> =>
    removeRecipient(home.deps, { source: "settings", who, fetch: false, dryRun: false }, home.context);
  await change(a, "phone");
  await change(b, "phone");
  for (const home of [a, b, a]) expect((await home.sync()).outcome).not.toBe("failed");
  for (const home of [a, b]) expect(await home.states()).toContain("phone: removed");
  await change(a, "desktop");
  await change(b, "laptop");
  await a.sync();
  await b.sync();
  expect(await a.sync()).toBeDefined();
  for (const home of [a, b]) expect(await home.sync()).toMatchObject({ error: { code: "SHUT_OUT" } });
});

const noKill = cannotRun(process.platform === "win32", "kill -9: Windows has no signals");
test.skipIf(noKill)(
  "killed between any two files, each is whole, nothing counts as an edit, and it is repeated",
  async () => {
    const { remote, a, b } = await pair({ files: [] });
    const names = Array.from({ length: 14 }, (_, index) => `.token${index}`);
    writeFileSync(a.configFile, readFileSync(a.configFile, "utf8").replace("~/.token", "~/.token*"), {
      mode: 0o600,
    });
    for (const name of names) a.write(name, `${name}\n`.repeat(1000), 0o600);
    await a.sync();
    await a.sync();
    await b.add();
    await b.sync();
    await a.sync();
    const copies = [...names, ".netrc"].map((name) => join(a.managed, "home", `${name}.age`));
    const bytesNow = (): readonly string[] => copies.map((path) => readFileSync(path).toString("latin1"));
    for (const enough of [1, 5]) {
      const before = bytesNow();
      const main = join(import.meta.dir, "../../../src/main.ts");
      const child = Bun.spawn(
        [process.execPath, main, "secret", "recipients", "add", "settings", "desktop", "--yes"],
        {
          env: { ...a.env, XDG_RUNTIME_DIR: "/nonexistent", LULL_DEVICE: "laptop" },
          stdout: "ignore",
          stderr: "ignore",
        },
      );
      while (
        child.exitCode === null &&
        bytesNow().filter((text, index) => text !== before[index]).length < enough
      )
        await Bun.sleep(1);
      child.kill("SIGKILL");
      await child.exited;
      // On a slow machine it may have been faster than the look at the files.
      expect(child.exitCode ?? child.signalCode).toBeOneOf([0, "SIGKILL"]);
      const run = await a.sync();
      expect(run).toMatchObject({
        gathered: { added: 0, updated: 0, removed: 0 },
        conflicts: [],
        skippedPaths: [],
      });
      expect(reasons(run)).toBe("");
      for (const name of names) expect(await a.opens(a, `home/${name}.age`)).toBe(true);
      // Not so many that a guard asks.
      const some = names.slice(0, 5);
      for (const name of some) a.write(name, `${a.read(name)}more\n`, 0o600);
      const edited = await a.sync();
      expect(edited).toMatchObject({ gathered: { added: 0, updated: some.length, removed: 0 } });
      expect(reasons(edited)).toBe("");
    }
    expect(await a.add("desktop")).toMatchObject({ kind: "anew", left: [] });
    await a.sync();
    await b.sync();
    for (const name of names) expect(await b.opens(b, `home/${name}.age`)).toBe(true);
    expect(git(remote, "fsck", "--full", "--strict")).toBe("");
  },
);

test("the device that was taken off is told, and comes back where it can still read", async () => {
  const { a, b, recovery } = await pair();
  b.write(".token", "token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  await b.sync();
  await a.takeOff("desktop");
  await a.sync();
  await b.sync();
  b.write(".token", "edited\n", 0o600);
  expect(await b.sync()).toMatchObject({
    outcome: "failed",
    error: { code: "SHUT_OUT", hint: expect.stringContaining("lull secret recipients add settings") },
  });
  expect(await b.states()).toContain("desktop: removed");
  for (const work of [b.add("laptop"), b.takeOff("laptop")])
    await expect(work).rejects.toMatchObject({ code: "SHUT_OUT" });
  await expect(b.add()).rejects.toMatchObject({
    code: "UNREADABLE_HERE",
    hint: expect.stringContaining(`lull secret recipients add settings ${await b.key()}`),
  });
  await recoverEncryption(b.deps, { text: recovery, dryRun: false }, b.context);
  expect(await b.add()).toMatchObject({
    kind: "returned",
    left: [],
    files: [{}, {}].map(() => expect.any(String)),
  });
  expect(await b.sync()).toMatchObject({ gathered: { updated: 1 } });
  await a.sync();
  // It has put itself back: on the one that took it off it waits.
  expect(await a.states()).toContain("desktop: waiting");
  expect(await a.add(await b.key())).toMatchObject({ kind: "accepted" });
});

test("a recovery key is replaced, on one device after the other", async () => {
  const { remote, a, b, recovery } = await pair();
  b.write(".token", "token\n", 0o600);
  await b.sync();
  await a.sync();
  await a.add("desktop");
  await a.sync();
  await b.sync();
  const first = await a.key();
  const old = (await a.deps.age().then((age) => age.identities.find()))?.recoveryKey ?? "";
  await expect(a.takeOff("recovery key")).rejects.toMatchObject({ code: "LAST_RECOVERY_KEY" });
  await expect(a.takeOff("laptop")).rejects.toMatchObject({ code: "OWN_IDENTITY" });
  const secret = await init(a);
  expect(await a.add()).toMatchObject({ kind: "added", recipients: 5, left: [] });
  expect(await a.takeOff(old)).toMatchObject({ kind: "removed", recipients: 4 });
  expect(await a.takeOff(first)).toMatchObject({ kind: "removed", recipients: 3 });
  await a.sync();
  await b.sync();
  expect(await b.sync()).toMatchObject({
    error: { code: "SHUT_OUT", hint: expect.stringContaining(`add settings ${old}`) },
  });
  for (const work of [b.add(), b.add(await a.key())])
    await expect(work).rejects.toMatchObject({ code: "SHUT_OUT" });
  await expect(b.takeOff(old)).rejects.toMatchObject({ code: "LAST_RECOVERY_KEY" });
  const recoveryKey = (await a.deps.age().then((age) => age.identities.find()))?.recoveryKey ?? "";
  expect(await b.add(recoveryKey)).toMatchObject({ kind: "accepted", left: [] });
  expect(await b.add(await a.key())).toMatchObject({ kind: "accepted", recipients: 3, left: [] });
  for (const home of [b, a, b]) expect(await home.sync()).not.toMatchObject({ outcome: "failed" });
  const opening = await recoverEncryption(b.deps, { text: secret, dryRun: false }, b.context);
  expect(opening.recoveryKey).toBe(recoveryKey);
  for (const home of [a, b])
    expect(await home.states()).toEqual([
      "desktop: used",
      "laptop: removed",
      "laptop: used",
      "recovery key: removed",
      "recovery key: used",
    ]);
  const lost = deviceAt(remote, "new one");
  await recoverEncryption(lost.deps, { text: recovery, dryRun: false }, lost.context);
  expect((await lost.add()).left).toHaveLength(2);
});

test("what one device encrypts another does not send in clear, until the one no longer wants it so", async () => {
  const remote = benchRemote();
  const options = { remote, mode: "two-way" } as const;
  const encrypted = 'files: [{ path: "~/.foorc", encrypt: true }]';
  const a = settingsHome({ ...options, device: "laptop", files: undefined, more: [encrypted] });
  const b = settingsHome({ ...options, device: "desktop", files: ["~/.foorc"] });
  const c = settingsHome({ ...options, device: "phone", files: ["~/.foorc"] });
  const recovery = await init(a);
  await recoverEncryption(b.deps, { text: recovery, dryRun: false }, b.context);
  a.write(".foorc", "secret\n");
  await a.sync();
  await b.sync();
  b.write(".foorc", "edited there\n");
  await b.sync();
  // One without a key keeps its own to itself.
  c.write(".foorc", "of the phone\n");
  expect(reasons(await c.sync())).toContain("~/.foorc: it may be kept encrypted only");
  await a.sync();
  expect(a.read(".foorc")).toBe("edited there\n");
  const names = (): readonly string[] => git(remote, "ls-tree", "-r", "--name-only", "main").split("\n");
  expect(names()).toEqual([LIST, "home/.foorc.age"]);
  for (const text of ["edited", "secret", "phone"])
    expect(git(remote, "log", "-p", "--text", "main")).not.toContain(text);
  // Whose config has asked for it may take it back.
  a.write(".foorc", "no secret\n");
  await a.sync();
  writeFileSync(a.configFile, readFileSync(a.configFile, "utf8").replace(encrypted, 'files: ["~/.foorc"]'), {
    mode: 0o600,
  });
  a.write(".foorc", "in clear by intent\n");
  await a.sync();
  expect(names()).toEqual([LIST, "home/.foorc"]);
  await b.sync();
  expect(b.read(".foorc")).toBe("in clear by intent\n");
});
