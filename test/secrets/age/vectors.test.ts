/**
 * age's own test vectors (C2SP/CCTV, the npm package `cctv-age`) through lull's cipher: 98 of 143. Left out are those
 * with a passphrase (26) or a post-quantum identity (19): lull makes and takes neither.
 */
import { expect, test } from "bun:test";
import * as vectors from "cctv-age";
import { inflateSync } from "node:zlib";

import { createFileCipher } from "../../../src/secrets/age/file-cipher.ts";
import { readKeyPair } from "../../../src/secrets/age/keys.ts";
import { failureOf } from "../../helpers/thrown.ts";

const { signal } = new AbortController();

type Vector = {
  readonly name: string;
  readonly file: Uint8Array;
  readonly fields: ReadonlyMap<string, readonly string[]>;
};

function read(name: string, bytes: Uint8Array): Vector {
  const whole = Buffer.from(bytes);
  const end = whole.indexOf("\n\n");
  const fields = new Map<string, string[]>();
  for (const line of whole.subarray(0, end).toString().split("\n")) {
    const [key = "", value = ""] = line.split(/: (.*)/s);
    fields.set(key, [...(fields.get(key) ?? []), value]);
  }
  const file = whole.subarray(end + 2);
  return { name, fields, file: fields.has("compressed") ? inflateSync(file) : file };
}

const all = Object.entries(vectors)
  .filter((entry): entry is [string, Uint8Array] => entry[1] instanceof Uint8Array)
  .map(([name, bytes]) => read(name, bytes));
const used = all.filter(
  ({ fields }) =>
    !fields.has("passphrase") && !(fields.get("identity") ?? []).some((one) => one.includes("-PQ-")),
);

/** What a vector expects → what lull says. Which of two it is may hang on where its own look ends. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  "no match": ["NOT_FOR_THIS_DEVICE"],
  "HMAC failure": ["DAMAGED"],
  "header failure": ["DAMAGED", "NOT_ENCRYPTED"],
  "armor failure": ["DAMAGED", "NOT_ENCRYPTED"],
  "payload failure": ["DAMAGED"],
};

test("the package has the vectors that were counted", () => {
  expect([all.length, used.length]).toEqual([143, 98]);
});

test.each(used.map((vector) => [vector.name, vector] as const))("%s", async (_, { file, fields }) => {
  const pairs = await Promise.all((fields.get("identity") ?? []).map(readKeyPair));
  const cipher = createFileCipher(async () => ({
    secrets: pairs.map(({ secret }) => secret),
    failure: undefined,
  }));
  const expected = fields.get("expect")?.[0] ?? "";
  if (expected === "success") {
    const plain = await cipher.decrypt(file, signal);
    const hash = new Bun.CryptoHasher("sha256").update(plain).digest("hex");
    expect(hash).toBe(fields.get("payload")?.[0] ?? "");
  } else {
    const { code } = await failureOf(cipher.decrypt(file, signal));
    expect(EXPECTED[expected] ?? []).toContain(code);
  }
});
