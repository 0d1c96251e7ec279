/** `lull secret init` and `recover`: keys are made once, shown once, and never where they do not belong. */
import { afterAll, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { Ask, CliIo } from "../../../src/cli/cli-io.ts";
import { type Keyring, missingForKeyring, startKeyring } from "../../helpers/keyring.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { tempHome } from "../../helpers/temp-home.ts";
import { lull, type Ran } from "../fake-io.ts";

const missing = missingForKeyring();
const noKeyring = cannotRun(missing !== undefined, `the keychain: ${missing ?? ""} is not installed`);
const keyring: Keyring | undefined = noKeyring ? undefined : await startKeyring({ service: true });
afterAll(async () => keyring?.[Symbol.asyncDispose]());

const SECRET = /AGE-SECRET-KEY-1[A-Z0-9]{58}/g;
const PUBLIC = /age1[a-z0-9]{58}/g;

/** A device without a desktop, unless it is given one: what is stored goes into files. */
function device(env: Readonly<Record<string, string>> = { XDG_RUNTIME_DIR: "/nonexistent" }) {
  const place = tempHome(env);
  const run = async (args: readonly string[], io: Partial<CliIo> = {}): Promise<Ran> =>
    lull(args, { env: place.env, cwd: place.home, ...io });
  const json = async (args: readonly string[], io: Partial<CliIo> = {}): Promise<Record<string, unknown>> => {
    const { stdout } = await run([...args, "--json"], io);
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  /** All that lull keeps, as text. */
  const kept = (): string =>
    existsSync(place.stateDirectory)
      ? readdirSync(place.stateDirectory, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
          .join("\n")
      : "";
  return { ...place, run, json, kept };
}

/** A person at a terminal who gives these answers. */
function person(...answers: readonly string[]): Partial<CliIo> & { readonly questions: string[] } {
  const questions: string[] = [];
  const left = [...answers];
  const next = async (message: string): Promise<string> => {
    questions.push(message);
    return left.shift() ?? "";
  };
  const ask: Ask = {
    text: async ({ message }) => next(message),
    secret: next,
    choose: async ({ message, choices }) => {
      const answer = await next(message);
      const chosen = choices.find(({ value }) => value === answer);
      if (chosen === undefined) throw new Error(`there is no choice ${answer}`);
      return chosen.value;
    },
  };
  return { questions, ask, isTty: true };
}

/** Without the breaks for the terminal. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ");

const found = (text: string, pattern: RegExp): readonly string[] => [...new Set(text.match(pattern))];

test("the recovery key is shown once and kept nowhere; the identity is kept and never shown", async () => {
  const laptop = device();
  const made = await laptop.run(["secret", "init"], person());
  expect(made.code).toBe(0);
  expect(oneLine(made.stdout)).toContain("kept in a file that only you can read");
  expect(oneLine(made.stdout)).toContain("`lull secret recover`");
  const shown = found(made.stdout, SECRET);
  expect(shown).toHaveLength(1);
  const stored = found(laptop.kept(), SECRET);
  expect(stored).toHaveLength(1);
  expect(stored).not.toEqual(shown);
  expect(made.stderr).not.toMatch(SECRET);
  for (const folder of ["secrets", "age"]) {
    const path = join(laptop.stateDirectory, folder);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(path)) expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
  }

  const before = laptop.kept();
  const again = await laptop.run(["secret", "init"], person());
  expect(again).toMatchObject({ code: 0 });
  expect(again.stdout).toContain("nothing was changed");
  expect(again.stdout + again.stderr).not.toMatch(SECRET);
  expect(found(again.stdout, PUBLIC).toSorted()).toEqual(found(made.stdout, PUBLIC).toSorted());
  expect(laptop.kept()).toBe(before);
});

test("with --quiet only the recovery key is shown", async () => {
  const { stdout } = await device().run(["secret", "init", "--quiet"], person());
  expect(found(stdout, SECRET)).toHaveLength(1);
  expect(stdout).not.toContain("Made");
});

test("where nobody sees it no key is made, unless somebody says where it goes", async () => {
  const laptop = device();
  for (const flags of [[], ["--json"], ["--force"], ["--quiet"]]) {
    const refused = await laptop.run(["secret", "init", ...flags]);
    expect(refused.code).toBe(2);
    expect(refused.stdout + refused.stderr).toContain("--recovery-file");
    expect(laptop.kept()).toBe("");
  }
  const { stdout, code } = await laptop.run(["secret", "init", "--yes"]);
  expect(code).toBe(0);
  expect(found(stdout, SECRET)).toHaveLength(1);
});

test("--json gives the recovery key and the public keys, and not the identity", async () => {
  const laptop = device();
  const made = await laptop.json(["secret", "init", "--yes"]);
  expect(made).toMatchObject({ kind: "made", storedAt: { place: "file" }, recovery: { kind: "shown" } });
  const { secret } = made["recovery"] as { secret: string };
  expect(found(JSON.stringify(made), SECRET)).toEqual([secret]);
  expect(found(JSON.stringify(made), PUBLIC)).toEqual([made["key"], made["recoveryKey"]] as string[]);
  expect(await laptop.json(["secret", "init"])).toMatchObject({
    kind: "exists",
    encryption: { key: made["key"], recoveryKey: made["recoveryKey"], place: "file" },
  });
});

test("a recovery file is new, only the user can read it, and the key is not shown as well", async () => {
  const laptop = device();
  const file = join(laptop.outside, "recovery.txt");
  writeFileSync(file, "mine");
  const refused = await laptop.run(["secret", "init", "--recovery-file", file]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("is there already");
  expect(readFileSync(file, "utf8")).toBe("mine");
  expect(laptop.kept()).toBe("");
  rmSync(file);
  const made = await laptop.run(["secret", "init", "--recovery-file", "../outside/recovery.txt"]);
  expect(made.code).toBe(0);
  expect(made.stdout).toContain(file);
  expect(made.stdout + made.stderr).not.toMatch(SECRET);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const [secret = ""] = found(readFileSync(file, "utf8"), SECRET);
  expect(laptop.kept()).not.toContain(secret);
});

test("a recovery file whose identity could not be kept is taken back", async () => {
  const laptop = device();
  mkdirSync(laptop.stateDirectory, { recursive: true, mode: 0o700 });
  // Where the folder of the secrets belongs.
  writeFileSync(join(laptop.stateDirectory, "secrets"), "");
  const file = join(laptop.outside, "recovery.txt");
  const failed = await laptop.run(["secret", "init", "--recovery-file", file]);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain(join(laptop.stateDirectory, "secrets"));
  expect(existsSync(file)).toBe(false);
  expect(existsSync(join(laptop.stateDirectory, "age"))).toBe(false);
});

test("a dry run makes nothing", async () => {
  const laptop = device();
  const { stdout, code } = await laptop.run(["secret", "init", "--dry-run"]);
  expect(code).toBe(0);
  expect(stdout).toContain("Would make");
  expect(laptop.kept()).toBe("");
});

test("--force asks, says what the new keys do not open, and leaves the old identity to read with", async () => {
  const laptop = device();
  const first = await laptop.json(["secret", "init", "--yes"]);
  const before = laptop.kept();
  const doubtful = person("no");
  const kept = await laptop.run(["secret", "init", "--force"], doubtful);
  expect(kept.stdout).toContain("Nothing was changed");
  expect(kept.stderr).toContain("The new recovery key opens none of them");
  expect(kept.stderr).toContain(String(first["recoveryKey"]));
  expect(doubtful.questions).toHaveLength(1);
  expect(laptop.kept()).toBe(before);

  const unattended = await laptop.run(["secret", "init", "--force", "--recovery-file", "new.txt"]);
  expect(unattended.code).toBe(2);
  expect(laptop.kept()).toBe(before);

  const second = await laptop.run(["secret", "init", "--force"], person("yes"));
  expect(second.code).toBe(0);
  expect(second.stdout).toContain(`Old identity  ${String(first["key"])}`);
  expect(found(laptop.kept(), SECRET)).toHaveLength(2);
  const { encryption, secrets } = await laptop.json(["secret", "list"]);
  expect(encryption).not.toMatchObject({ key: first["key"] });
  expect(secrets).toHaveLength(2);
  const third = await laptop.run(["secret", "init", "--force", "--yes"]);
  expect(third.code).toBe(0);
  expect(third.stderr).toContain("The new recovery key opens none of them");
});

test("secret list shows the public key and when it was made; no other command gives the identity away", async () => {
  const laptop = device();
  expect((await laptop.run(["secret", "list"])).stdout).not.toContain("Identity");
  const made = await laptop.json(["secret", "init", "--yes"]);
  const name = `age:${String(made["key"])}`;
  const { stdout } = await laptop.run(["secret", "list"]);
  expect(stdout).toContain(`Identity      ${String(made["key"])}`);
  expect(stdout).toContain("in a file");
  expect(stdout).toContain(`Recovery key  ${String(made["recoveryKey"])}`);
  for (const args of [
    ["secret", "get", name],
    ["secret", "set", name],
    ["secret", "rm", name],
  ]) {
    for (const flags of [[], ["--json"], ["--verbose"]]) {
      const ran = await laptop.run([...args, ...flags], { stdin: lines("AGE-SECRET-KEY-1X") });
      expect(ran.code).toBe(2);
      expect(ran.stdout + ran.stderr).not.toMatch(SECRET);
    }
  }
  expect((await laptop.run(["secret", "list", "--json"])).stdout).not.toMatch(SECRET);
  expect((await laptop.run(["log", "--audit"])).stdout).not.toMatch(SECRET);
});

async function* lines(text: string): AsyncGenerator<string> {
  yield text;
}

test("a new device takes the recovery key from stdin, a prompt or a file, and gets an identity of its own", async () => {
  const laptop = device();
  const file = join(laptop.outside, "recovery.txt");
  const first = await laptop.json(["secret", "init", "--recovery-file", file]);
  const text = readFileSync(file, "utf8");
  const [secret = ""] = found(text, SECRET);
  const ways: readonly (readonly [readonly string[], Partial<CliIo>])[] = [
    [[], { stdin: lines(`${secret}\n`) }],
    [[], { stdin: lines(text) }],
    [[], person(secret)],
    [["--recovery-file", file], {}],
  ];
  for (const [flags, io] of ways) {
    const desktop = device();
    const ran = await desktop.run(["secret", "recover", ...flags], io);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain(`Recovery key  ${String(first["recoveryKey"])}`);
    expect(ran.stdout).toContain("Made an age identity for this device");
    expect(ran.stdout).not.toMatch(SECRET);
    const { encryption } = await desktop.json(["secret", "list"]);
    expect(encryption).toMatchObject({ recoveryKey: first["recoveryKey"], place: "file" });
    expect(encryption).not.toMatchObject({ key: first["key"] });
    const again = await desktop.json(["secret", "recover"], { stdin: lines(secret) });
    expect(again).toMatchObject({ isOwn: true, device: { kind: "exists" } });
    expect(again["storedAt"]).toBeUndefined();
    const forgotten = await desktop.run(["secret", "rm", `age:${String(first["recoveryKey"])}`]);
    expect(forgotten.code).toBe(0);
    expect(desktop.kept()).not.toContain(secret);
  }
});

test("a device with a recovery key of its own keeps it, and reads with the other one", async () => {
  const [laptop, desktop] = [device(), device()];
  const first = await laptop.json(["secret", "init", "--yes"]);
  const second = await desktop.json(["secret", "init", "--yes"]);
  const { secret } = first["recovery"] as { secret: string };
  const ran = await desktop.run(["secret", "recover"], { stdin: lines(secret) });
  expect(ran.stdout).toContain("another recovery key");
  expect(await desktop.json(["secret", "list"])).toMatchObject({
    encryption: { key: second["key"], recoveryKey: second["recoveryKey"] },
  });
});

test("an identity whose secret is gone is made anew by the recovery key", async () => {
  const laptop = device();
  const made = await laptop.json(["secret", "init", "--yes"]);
  const { secret } = made["recovery"] as { secret: string };
  rmSync(join(laptop.stateDirectory, "secrets"), { recursive: true });
  expect((await laptop.run(["secret", "list"])).stdout).toContain("its secret is gone");
  expect(await laptop.json(["secret", "recover"], { stdin: lines(secret) })).toMatchObject({
    recoveryKey: made["recoveryKey"],
    isOwn: true,
    device: { kind: "made" },
  });
});

test("what is no recovery key changes nothing and is not repeated", async () => {
  const laptop = device();
  const made = await laptop.json(["secret", "init", "--yes"]);
  const before = laptop.kept();
  const [own = ""] = found(before, SECRET);
  for (const [text, words] of [
    ["c4nary-password", "can not be used"],
    [own, "identity of this device"],
    [String(made["recoveryKey"]), "public key"],
    ["", "empty"],
  ] as const) {
    for (const flags of [[], ["--json"], ["--verbose"]]) {
      const ran = await laptop.run(["secret", "recover", ...flags], { stdin: lines(text) });
      expect(ran.code).toBe(2);
      expect(ran.stdout + ran.stderr).toContain(words);
      expect(ran.stdout + ran.stderr).not.toMatch(/c4nary|AGE-SECRET-KEY-1[A-Z0-9]/);
    }
  }
  expect((await laptop.run(["secret", "recover", "c4nary"])).stderr).not.toContain("c4nary");
  expect(laptop.kept()).toBe(before);
});

const noModes = cannotRun(
  process.platform === "win32",
  "a file that others can read: Windows has no such bits",
);
test.skipIf(noModes)("a recovery file that others can read is refused", async () => {
  const laptop = device();
  const file = join(laptop.outside, "recovery.txt");
  await laptop.run(["secret", "init", "--recovery-file", file]);
  chmodSync(file, 0o644);
  const ran = await device().run(["secret", "recover", "--recovery-file", file]);
  expect(ran.code).toBe(2);
  expect(ran.stderr).toContain("can be read by other users");
});

test.skipIf(noKeyring)(
  "with a real keyring no file has a secret, and a locked one is told from none",
  async () => {
    const laptop = device(keyring?.env);
    const made = await laptop.json(["secret", "init", "--yes"]);
    expect(made).toMatchObject({ kind: "made", storedAt: { place: "keychain" } });
    expect(laptop.kept()).not.toMatch(SECRET);
    expect(await keyring?.lookUp(`age:${String(made["key"])}`)).toMatch(/^AGE-SECRET-KEY-1/);
    await using own = await startKeyring({ service: true });
    const other = device(own.env);
    const { secret } = made["recovery"] as { secret: string };
    expect(await other.json(["secret", "recover"], { stdin: lines(secret) })).toMatchObject({
      storedAt: { place: "keychain" },
      device: { kind: "made", storedAt: { place: "keychain" } },
    });
    await own.lock();
    // The marker tells that there is one; nobody is asked.
    expect((await other.run(["secret", "list"])).stdout).toContain("in the keychain");
    expect((await other.run(["secret", "init"])).stdout).toContain("nothing was changed");
  },
);
