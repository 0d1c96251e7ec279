/** The identities of a device: made, kept, read back, and what is said when the secret store does not have them. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { redact } from "../../../src/base/redact.ts";
import { createAge } from "../../../src/secrets/age/create-age.ts";
import type { KeychainAnswer } from "../../../src/secrets/keychain.ts";
import { createSecretStore } from "../../../src/secrets/secret-store.ts";
import { storedFiles } from "../../../src/secrets/stored-files.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf, thrown } from "../../helpers/thrown.ts";

const { signal } = new AbortController();

/** A machine with a keychain that can be locked: it then answers as one without entries. */
function machine() {
  const directory = temporaryDirectory();
  const entries = new Map<string, string>();
  const keychain = { isLocked: false };
  const clock = fakeClock("2026-03-02T12:00:00Z");
  const answer = (value: string | null): KeychainAnswer => ({ kind: "done", value });
  /** As each process has it. */
  const open = () => {
    const store = createSecretStore({
      keychain: {
        ask: async (request) => {
          if (request.kind === "set") entries.set(request.name, request.value);
          if (request.kind === "remove") entries.delete(request.name);
          return answer(
            request.kind === "get" && !keychain.isLocked ? (entries.get(request.name) ?? null) : null,
          );
        },
      },
      files: storedFiles(join(directory, "secrets"), () => {}),
      clock,
    });
    return {
      store,
      age: createAge({ store, clock, directory: join(directory, "age"), assertPrivate: () => {} }),
    };
  };
  return { directory, entries, keychain, open };
}

test("a device has no identity until one is made; then each process opens with it what is encrypted for it", async () => {
  const { open, entries } = machine();
  const { identities } = open().age;
  expect(identities.find()).toBeUndefined();
  expect(await identities.open(signal)).toEqual({ secrets: [], failure: undefined });
  const [device, recovery] = [await identities.generate(), await identities.generate()];
  expect(await identities.become(device, recovery.key, signal)).toEqual({
    place: "keychain",
    why: undefined,
  });
  expect([...entries]).toEqual([[`age:${device.key}`, device.secret]]);
  const { age } = open();
  expect(age.identities.find()).toEqual({
    key: device.key,
    recoveryKey: recovery.key,
    madeAt: Date.parse("2026-03-02T12:00:00Z"),
  });
  const file = await age.openCipher().encrypt(Buffer.from("plain"), [device.key], signal);
  expect(Buffer.from(await age.openCipher().decrypt(file, signal)).toString()).toBe("plain");
});

test("one that is replaced stays to read with, and so does one that is kept beside it", async () => {
  const { open } = machine();
  const { age } = open();
  const { identities } = age;
  const [first, second, recovery] = [
    await identities.generate(),
    await identities.generate(),
    await identities.generate(),
  ];
  await identities.become(first, recovery.key, signal);
  await identities.become(second, recovery.key, signal);
  expect(await identities.keep(recovery, signal)).toEqual({ place: "keychain", why: undefined });
  expect(await identities.keep(recovery, signal)).toBeUndefined();
  const { secrets } = await identities.open(signal);
  expect(secrets[0]).toBe(second.secret);
  expect(secrets.toSorted()).toEqual([first, second, recovery].map(({ secret }) => secret).sort());
  for (const { key } of [first, second, recovery]) {
    const file = await age.openCipher().encrypt(Buffer.from("plain"), [key], signal);
    expect(await age.openCipher().decrypt(file, signal)).toHaveLength(5);
  }
});

test("a locked keychain is told from a file for others and from an identity that was removed", async () => {
  const { open, keychain } = machine();
  const { identities } = open().age;
  const [device, recovery] = [await identities.generate(), await identities.generate()];
  await identities.become(device, recovery.key, signal);
  const file = await open().age.openCipher().encrypt(Buffer.from("plain"), [device.key], signal);
  keychain.isLocked = true;
  const locked = await failureOf(open().age.openCipher().decrypt(file, signal));
  expect(locked).toMatchObject({ kind: "auth", code: "KEYCHAIN_LOCKED" });
  expect(locked.hint).toContain("secret recover");
  keychain.isLocked = false;
  expect(await open().age.openCipher().decrypt(file, signal)).toHaveLength(5);
  await open().store.remove(`age:${device.key}`, signal);
  expect(await failureOf(open().age.openCipher().decrypt(file, signal))).toMatchObject({
    kind: "auth",
    code: "IDENTITY_MISSING",
  });
});

test("what somebody else has put under its name is not used, and is in no error", async () => {
  const { open, entries } = machine();
  const { identities } = open().age;
  const [device, other] = [await identities.generate(), await identities.generate()];
  await identities.become(device, other.key, signal);
  for (const wrong of [
    other.secret,
    `${device.secret.slice(0, -1)}${device.secret.endsWith("Q") ? "P" : "Q"}`,
    "canary",
  ]) {
    entries.set(`age:${device.key}`, wrong);
    const { secrets, failure } = await open().age.identities.open(signal);
    expect(secrets).toEqual([]);
    expect(failure).toMatchObject({ code: "IDENTITY_MISSING" });
    expect(Bun.inspect(failure)).not.toContain(wrong.slice(0, 40));
  }
});

test("a record that makes no sense is said, not taken for none", async () => {
  const { open, directory } = machine();
  const { identities } = open().age;
  const device = await identities.generate();
  await identities.become(device, device.key, signal);
  for (const text of [
    "",
    "{}",
    `{"version":2,"key":"${device.key}","recoveryKey":"${device.key}","madeAt":1}`,
  ]) {
    writeFileSync(join(directory, "age", "identity.json"), text);
    expect(thrown(() => identities.find())).toMatchObject({ kind: "config", code: "IDENTITY_UNREADABLE" });
  }
});

test("a recovery key is read as people and programs give it", async () => {
  const { identities } = machine().open().age;
  const pair = await identities.generate();
  const { secret } = pair;
  for (const text of [
    secret,
    `  ${secret}\r\n`,
    secret.toLowerCase(),
    `# created: 2026\n# public key: ${pair.key}\n${secret}\n`,
    `${secret.slice(0, 30)} ${secret.slice(30)}`,
  ])
    expect(await identities.read(text)).toEqual(pair);
});

test("what is no recovery key is refused in words without a piece of it", async () => {
  const { identities } = machine().open().age;
  const [{ secret, key }, other] = [await identities.generate(), await identities.generate()];
  const swapped = `${secret.slice(0, 40)}${secret[41]}${secret[40]}${secret.slice(42)}`;
  const cases: readonly (readonly [string, string])[] = [
    ["", "empty"],
    ["# only a comment", "empty"],
    [key, "public key"],
    [`${secret}\n${other.secret}`, "several lines"],
    [secret.slice(0, -1), "74 characters"],
    [`${secret.slice(0, 20)}${secret.slice(20).toLowerCase()}`, "74 characters"],
    [`AGE-SECRET-KEY-PQ-1${secret.slice(16)}`, "post-quantum"],
    ["canary-password", "74 characters"],
    ...(swapped === secret ? [] : [[swapped, "checksum"] as const]),
  ];
  for (const [text, words] of cases) {
    const error = await failureOf(identities.read(text));
    expect(error).toMatchObject({ kind: "usage", code: "BAD_IDENTITY" });
    expect(error.message).toContain(words);
    const all = Bun.inspect(error);
    for (const piece of [secret.slice(16, 36), "canary"])
      expect(all.toUpperCase()).not.toContain(piece.toUpperCase());
  }
  expect(redact(`x ${secret.toLowerCase()} y`)).toBe("x *** y");
});

test("breaking off the question for identities is no failure of theirs", async () => {
  const { open, keychain } = machine();
  const { identities } = open().age;
  const device = await identities.generate();
  await identities.become(device, device.key, signal);
  keychain.isLocked = true;
  const stopped = AbortSignal.abort(
    new LullError({ kind: "interrupted", code: "INTERRUPTED", message: "stopped" }),
  );
  expect(await failureOf(open().age.identities.open(stopped))).toMatchObject({ code: "INTERRUPTED" });
});
