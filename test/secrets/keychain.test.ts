/** The system's keychain as it really behaves: a gnome-keyring on a bus of its own, and the ways in which there is none. */
import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { compose } from "../../src/compose.ts";
import { createLog } from "../../src/base/log.ts";
import { runProgram } from "../../src/platform/run-program.ts";
import { answerKeychain } from "../../src/secrets/keychain-access.ts";
import { systemKeychain } from "../../src/secrets/keychain.ts";
import { type Keyring, missingForKeyring, startKeyring } from "../helpers/keyring.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { tempHome } from "../helpers/temp-home.ts";
import { failureOf } from "../helpers/thrown.ts";

const missing = missingForKeyring();
const noKeyring = cannotRun(missing !== undefined, `the keychain: ${missing ?? ""} is not installed`);
const keyring: Keyring | undefined = noKeyring ? undefined : await startKeyring({ service: true });
afterAll(async () => keyring?.[Symbol.asyncDispose]());

const { signal } = new AbortController();
const NAME = "https://git.example.com";
const VALUE = "canary-é-4711";

/** lull's own store on a machine with these variables. */
function storeWith(env: Readonly<Record<string, string>>) {
  const place = tempHome(env);
  const { secrets } = compose({
    env: place.env,
    cwd: place.home,
    log: createLog("quiet", () => {}),
    configFile: undefined,
  });
  const directory = join(place.stateDirectory, "secrets");
  const files = (): string =>
    readdirSync(directory)
      .map((name) => readFileSync(join(directory, name), "utf8"))
      .join("");
  return { secrets, directory, files };
}

test.skipIf(noKeyring)("a secret goes into the keyring, and only its name into a file", async () => {
  const { secrets, files } = storeWith(keyring?.env ?? {});
  expect(await secrets.set(NAME, VALUE, signal)).toEqual({ place: "keychain", why: undefined });
  expect((await secrets.get(NAME, signal))?.value).toBe(VALUE);
  expect(secrets.list()).toMatchObject([{ name: NAME, place: "keychain" }]);
  expect(files()).toContain(NAME);
  expect(files()).not.toContain("canary");
  expect(await keyring?.lookUp(NAME)).toBe(VALUE);
  expect(await secrets.remove(NAME, signal)).toBe(true);
  expect(await secrets.get(NAME, signal)).toBeUndefined();
  expect(secrets.list()).toEqual([]);
});

test.skipIf(noKeyring)(
  "a service without the address of the bus finds it in the runtime folder",
  async () => {
    const { secrets } = storeWith({ XDG_RUNTIME_DIR: keyring?.runtimeDirectory ?? "" });
    expect(await secrets.set(NAME, VALUE, signal)).toMatchObject({ place: "keychain" });
    expect(await secrets.remove(NAME, signal)).toBe(true);
  },
);

test.skipIf(noKeyring)(
  "an entry that was removed behind lull's back is told of, not taken for never stored",
  async () => {
    const env = keyring?.env ?? {};
    const { secrets } = storeWith(env);
    await secrets.set("https://gone.example", VALUE, signal);
    await keyring?.clear("https://gone.example");
    const error = await failureOf(secrets.get("https://gone.example", signal));
    expect(error).toMatchObject({ kind: "auth", code: "KEYCHAIN_LOCKED" });
  },
);

test.skipIf(noKeyring)("a locked keyring answers like an empty one, and lull tells them apart", async () => {
  await using own = await startKeyring({ service: true });
  const place = tempHome(own.env);
  const open = () =>
    compose({ env: place.env, cwd: place.home, log: createLog("quiet", () => {}), configFile: undefined });
  await open().secrets.set(NAME, VALUE, signal);
  await own.lock();
  const { secrets, credentials } = open();
  const locked = await failureOf(secrets.get(NAME, signal));
  expect(locked).toMatchObject({ kind: "auth", code: "KEYCHAIN_LOCKED" });
  expect(locked.causes.join()).toContain("locked");
  expect(await failureOf(credentials.find(NAME, { signal }))).toMatchObject({ code: "KEYCHAIN_LOCKED" });
  // Of an origin for which nothing was stored nothing is missing.
  expect(await credentials.find("https://other.example", { signal })).toBeUndefined();
  expect(await secrets.set("other", VALUE, signal)).toEqual({ place: "file", why: "the keyring is locked" });
  expect((await secrets.get("other", signal))?.value).toBe(VALUE);
});

const NONE: readonly (readonly [what: string, env: () => Promise<Record<string, string>>, why: string])[] = [
  [
    "without libsecret",
    async () => ({ ...keyring?.env, LD_LIBRARY_PATH: brokenLibrary() }),
    "libsecret is not installed",
  ],
  ["without a session bus", async () => ({ XDG_RUNTIME_DIR: "/nonexistent" }), "there is no session bus"],
];

test.skipIf(noKeyring).each(NONE)(
  "%s a secret goes into a file that only the user can read",
  async (_, env, why) => {
    const { secrets, directory, files } = storeWith(await env());
    const stored = await secrets.set(NAME, VALUE, signal);
    expect(stored.place).toBe("file");
    expect(stored.why).toContain(why);
    expect((await secrets.get(NAME, signal))?.value).toBe(VALUE);
    expect(files()).toContain(VALUE);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory))
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  },
);

test.skipIf(noKeyring)("with a bus on which no keyring runs it goes into a file as well", async () => {
  await using empty = await startKeyring({ service: false });
  const { secrets } = storeWith(empty.env);
  const stored = await secrets.set(NAME, VALUE, signal);
  expect(stored.place).toBe("file");
  expect(stored.why).toContain("no keyring service is running");
});

test("a keychain that never answers is given up", async () => {
  const keychain = systemKeychain({
    runProgram: (command, options) => runProgram(command, { ...options, deadlineMs: 50 }),
    command: ["sleep", "60"],
    env: { PATH: process.env["PATH"] },
  });
  const answer = await keychain.ask({ kind: "get", name: NAME }, signal);
  expect(answer).toMatchObject({
    kind: "unavailable",
    why: expect.stringContaining("did not answer within"),
  });
});

test("what is no request is answered, and a system's error too", async () => {
  expect(JSON.parse(await answerKeychain("nonsense"))).toMatchObject({ kind: "unavailable" });
  const refusing = {
    get: () => Promise.reject(new Error("errSecInteractionNotAllowed")),
    set: async () => {},
    delete: async () => false,
  };
  expect(JSON.parse(await answerKeychain(JSON.stringify({ kind: "get", name: "x" }), refusing))).toEqual({
    kind: "unavailable",
    why: "the keychain said: errSecInteractionNotAllowed",
  });
});

/** The loader refuses it, as if the library were not there. */
function brokenLibrary(): string {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "libsecret-1.so.0"), "no library");
  return folder;
}
