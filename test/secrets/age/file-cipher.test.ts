/** Encryption there and back: sizes at the borders of a chunk, every kind of damage, other readers, being broken off. */
import { armor } from "age-encryption";
import { expect, test } from "bun:test";

import type { OpenedIdentities } from "../../../src/secrets/age/age.ts";
import { createFileCipher, LARGEST_PLAIN } from "../../../src/secrets/age/file-cipher.ts";
import { looksEncrypted } from "../../../src/secrets/age/envelope.ts";
import { generateKeyPair } from "../../../src/secrets/age/keys.ts";
import { LullError } from "../../../src/base/errors.ts";
import { seededRandom } from "../../helpers/random.ts";
import { failureOf } from "../../helpers/thrown.ts";

const { signal } = new AbortController();
const [laptop, desktop, stranger, recovery] = await Promise.all([
  generateKeyPair(),
  generateKeyPair(),
  generateKeyPair(),
  generateKeyPair(),
]);

function cipherOf(...secrets: readonly string[]) {
  return createFileCipher(async () => ({ secrets, failure: undefined }));
}
const own = cipherOf(laptop.secret);
const recipients = [laptop.key, desktop.key, recovery.key];

function noise(size: number, seed = size): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: size }, () => random.below(256));
}

const CHUNK = 64 * 1024;
const PIECE = 4 * CHUNK;

test.each([0, 1, 100, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, PIECE - 1, PIECE, PIECE + 1, 3_000_000])(
  "%d bytes come back to each recipient, and to nobody else",
  async (size) => {
    const plain = noise(size);
    const file = await own.encrypt(plain, recipients, signal);
    expect(looksEncrypted(file)).toBe(true);
    for (const { secret } of [laptop, desktop, recovery])
      expect(Buffer.compare(await cipherOf(secret).decrypt(file, signal), plain)).toBe(0);
    expect(await failureOf(cipherOf(stranger.secret).decrypt(file, signal))).toMatchObject({
      kind: "auth",
      code: "NOT_FOR_THIS_DEVICE",
    });
  },
);

test("any of several identities opens a file", async () => {
  const file = await own.encrypt(noise(10), [recovery.key], signal);
  expect(await cipherOf(stranger.secret, laptop.secret, recovery.secret).decrypt(file, signal)).toEqual(
    noise(10),
  );
});

test("the same plain text is never the same file twice, and holds no piece of it", async () => {
  const plain = Buffer.from("canary ".repeat(100));
  const one = await own.encrypt(plain, recipients, signal);
  const other = await own.encrypt(plain, recipients, signal);
  expect(Buffer.compare(one, other)).not.toBe(0);
  expect(Buffer.from(one).includes("canary")).toBe(false);
});

test("a recipient that is named twice stands in the file once", async () => {
  const once = await own.encrypt(noise(10), [laptop.key], signal);
  const twice = await own.encrypt(noise(10), [laptop.key, laptop.key], signal);
  expect(twice.length).toBe(once.length);
});

test("nothing is encrypted for nobody, or for what is no public key", async () => {
  const refused = async (list: readonly string[]) => failureOf(own.encrypt(noise(10), list, signal));
  expect(await refused([])).toMatchObject({ kind: "usage", code: "NO_RECIPIENTS" });
  const mistyped = `${laptop.key.slice(0, -1)}${laptop.key.endsWith("q") ? "p" : "q"}`;
  for (const bad of [mistyped, "age1", "", "ssh-ed25519 AAAA", `${laptop.key}\n`, laptop.key.toUpperCase()]) {
    const error = await refused([desktop.key, bad, laptop.key]);
    expect(error).toMatchObject({ kind: "usage", code: "BAD_RECIPIENT", data: { position: 2 } });
    expect(error.message).toContain("recipient 2 ");
  }
  const secret = await refused([laptop.secret]);
  expect(secret.code).toBe("BAD_RECIPIENT");
  expect(JSON.stringify([secret.message, secret.causes, secret.data, String(secret.cause)])).not.toContain(
    laptop.secret.slice(16, 30),
  );
});

/** Points that give everybody the same key: Bech32 of 32 zero bytes, by the vector `x25519_low_order`'s idea. */
test("a public key for which everybody could read is refused", async () => {
  const zeros = `age1${"q".repeat(52)}`;
  const checksum = bech32Checksum(
    "age",
    Array.from({ length: 52 }, () => 0),
  );
  const error = await failureOf(own.encrypt(noise(10), [zeros + checksum], signal));
  expect(error.code).toBe("ENCRYPTION_FAILED");
});

test("a changed, cut or prolonged file gives no byte of its plain text", async () => {
  const plain = noise(300);
  const file = await own.encrypt(plain, [laptop.key, desktop.key], signal);
  const random = seededRandom(7);
  const broken: Uint8Array[] = [];
  for (let length = 0; length < file.length; length++) broken.push(file.slice(0, length));
  for (let count = 0; count < 500; count++) {
    const changed = file.slice();
    const at = random.below(file.length);
    changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    broken.push(changed);
  }
  for (let count = 0; count < 50; count++) {
    broken.push(Buffer.concat([file, noise(1 + random.below(200), count)]));
    const at = random.below(file.length);
    broken.push(Buffer.concat([file.slice(0, at), noise(1, count), file.slice(at)]));
  }
  const codes = new Set<string>();
  for (const bytes of broken) codes.add((await failureOf(own.decrypt(bytes, signal))).code);
  // A changed stanza of one's own looks like somebody else's; a changed first line like no age file.
  expect([...codes].sort()).toEqual(["DAMAGED", "NOT_ENCRYPTED", "NOT_FOR_THIS_DEVICE"]);
}, 60_000);

test("a changed or cut armoured file gives all of its plain text or nothing", async () => {
  const plain = noise(300);
  const text = armor.encode(await own.encrypt(plain, [laptop.key], signal));
  expect(await own.decrypt(Buffer.from(text), signal)).toEqual(plain);
  const random = seededRandom(8);
  const broken = Array.from({ length: 300 }, () => {
    const at = random.below(text.length);
    const character = random.chance(0.2) ? "" : String.fromCharCode(random.below(256));
    return random.chance(0.3) ? text.slice(0, at) : text.slice(0, at) + character + text.slice(at + 1);
  });
  let refused = 0;
  for (const bytes of broken.map((one) => Buffer.from(one, "latin1"))) {
    try {
      // Blanks around it do not count.
      expect(Buffer.compare(await own.decrypt(bytes, signal), plain)).toBe(0);
    } catch (error) {
      expect(error).toBeInstanceOf(LullError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(280);
}, 60_000);

test("a long file that is cut at a chunk's end, or whose chunks change places, gives nothing", async () => {
  const plain = noise(3 * CHUNK);
  const file = Buffer.from(await own.encrypt(plain, [laptop.key], signal));
  const sealed = CHUNK + 16;
  const payload = file.length - 3 * sealed;
  const chunk = (index: number): Buffer =>
    file.subarray(payload + index * sealed, payload + (index + 1) * sealed);
  const head = file.subarray(0, payload);
  for (const chunks of [[0], [0, 1], [0, 2], [1, 0, 2], [0, 1, 2, 2], [0, 0, 1, 2], []]) {
    const bytes = Buffer.concat([head, ...chunks.map(chunk)]);
    expect(await failureOf(own.decrypt(bytes, signal))).toMatchObject({ code: "DAMAGED" });
  }
  expect(
    Buffer.compare(await own.decrypt(Buffer.concat([head, ...[0, 1, 2].map(chunk)]), signal), plain),
  ).toBe(0);
});

test("what is no age file is called so", async () => {
  const later = Buffer.from("age-encryption.org/v2\n-> X25519 abc\n");
  for (const text of [
    "",
    "a",
    "-----BEGIN PGP MESSAGE-----",
    "age-encryption",
    "\n\nage-encryption.org/v1\n",
  ])
    expect(await failureOf(own.decrypt(Buffer.from(text), signal))).toMatchObject({ code: "NOT_ENCRYPTED" });
  expect(looksEncrypted(later)).toBe(true);
  expect((await failureOf(own.decrypt(later, signal))).causes[0]).toContain("newer age");
});

test("a header without end, or of recipients without end, is refused before any of it is computed", async () => {
  const line = `-> X25519 ${"A".repeat(43)}\n${"A".repeat(43)}\n`;
  const many = Buffer.from(`age-encryption.org/v1\n${line.repeat(3000)}--- ${"A".repeat(43)}\n`);
  const endless = Buffer.concat([Buffer.from("age-encryption.org/v1\n"), Buffer.alloc(1_000_000, "a")]);
  for (const bytes of [many, endless]) {
    const error = await failureOf(own.decrypt(bytes, signal));
    expect(error).toMatchObject({ code: "DAMAGED" });
    expect(error.message).toContain("header has no end");
  }
});

test("what is too large is refused in either direction", async () => {
  const plain = new Uint8Array(LARGEST_PLAIN + 1);
  expect(await failureOf(own.encrypt(plain, [laptop.key], signal))).toMatchObject({
    code: "TOO_LARGE_TO_ENCRYPT",
  });
  const small = Buffer.from(await own.encrypt(noise(10), [laptop.key], signal));
  const large = Buffer.alloc(LARGEST_PLAIN + 2_000_000);
  small.copy(large);
  expect(await failureOf(own.decrypt(large, signal))).toMatchObject({ code: "TOO_LARGE_TO_DECRYPT" });
  const armored = Buffer.alloc(17 * 1024 * 1024, "-----BEGIN AGE ENCRYPTED FILE-----\n");
  expect(await failureOf(own.decrypt(armored, signal))).toMatchObject({ code: "TOO_LARGE_TO_DECRYPT" });
});

test("a signal breaks off long work in both directions, and the next call does it all", async () => {
  const plain = noise(4 * PIECE);
  const file = await own.encrypt(plain, [laptop.key], signal);
  for (const work of [
    async (stop: AbortSignal) => own.encrypt(plain, [laptop.key], stop),
    async (stop: AbortSignal) => own.decrypt(file, stop),
  ]) {
    expect(await failureOf(work(AbortSignal.abort()))).toMatchObject({ code: "INTERRUPTED" });
    const stop = new AbortController();
    const ended = failureOf(work(stop.signal));
    setImmediate(() => setImmediate(() => stop.abort()));
    expect(await ended).toMatchObject({ code: "INTERRUPTED" });
  }
  expect(Buffer.compare(await own.decrypt(file, signal), plain)).toBe(0);
});

test("a keychain that gives out nothing is told from a file for others; it is asked once", async () => {
  const file = await own.encrypt(noise(10), [laptop.key], signal);
  const locked = new LullError({ kind: "auth", code: "KEYCHAIN_LOCKED", message: "locked" });
  let asked = 0;
  const open = (opened: OpenedIdentities) =>
    createFileCipher(async () => {
      asked++;
      return opened;
    });
  const closed = open({ secrets: [], failure: locked });
  for (let turn = 0; turn < 2; turn++)
    expect(await failureOf(closed.decrypt(file, signal))).toMatchObject({ code: "KEYCHAIN_LOCKED" });
  expect(asked).toBe(1);
  // One that is not to be had does no harm where another one opens the file.
  expect(await open({ secrets: [laptop.secret], failure: locked }).decrypt(file, signal)).toEqual(noise(10));
  const none = await failureOf(open({ secrets: [], failure: undefined }).decrypt(file, signal));
  expect(none).toMatchObject({ code: "NOT_FOR_THIS_DEVICE" });
  expect(none.message).toContain("no age identity");
});

/** BIP 173. */
function bech32Checksum(prefix: string, words: readonly number[]): string {
  const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  const codes = Array.from(prefix, (letter) => letter.charCodeAt(0));
  const values = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...words];
  let state = 1;
  for (const value of [...values, 0, 0, 0, 0, 0, 0]) {
    const top = state >>> 25;
    state = ((state & 0x1ffffff) << 5) ^ value;
    for (const [bit, generator] of generators.entries()) if ((top >> bit) & 1) state ^= generator;
  }
  state ^= 1;
  return [0, 1, 2, 3, 4, 5].map((place) => letters[(state >>> (5 * (5 - place))) & 31]).join("");
}
