import { expect, test } from "bun:test";
import { inflateSync } from "node:zlib";

import { deflate, deflateChunks, slices } from "../../../src/git/objects/deflate.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";

const LARGE = 5 * 1024 * 1024;

function noise(random: Random, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, () => random.below(256)));
}

/** Nothing repeats in it, but it has 64 letters only. */
function base64(random: Random, length: number): Buffer {
  return Buffer.from(
    noise(random, Math.ceil(length * 0.75))
      .toString("base64")
      .slice(0, length),
  );
}

test("text of few letters is compressed although nothing in it repeats", () => {
  const random = seededRandom(7);
  for (const length of [2000, 70_000, 1_000_000, LARGE]) {
    const text = base64(random, length);
    const packed = deflate(text);
    expect(packed.length).toBeLessThan(length * 0.8);
    expect(inflateSync(packed).equals(text)).toBe(true);
  }
});

test("noise is stored as it is", () => {
  const bytes = noise(seededRandom(8), 300_000);
  const packed = deflate(bytes);
  expect(packed.length).toBeGreaterThan(bytes.length);
  expect(packed.length).toBeLessThan(bytes.length * 1.001);
  expect(inflateSync(packed).equals(bytes)).toBe(true);
});

test("pieces, compressible and not, make one stream", () => {
  const random = seededRandom(9);
  const bytes = Buffer.concat([base64(random, 1_500_000), noise(random, 1_200_000), Buffer.alloc(100_000)]);
  for (const pieces of [slices(bytes), [bytes.subarray(0, 1), bytes.subarray(1)], [bytes]]) {
    expect(inflateSync(Buffer.concat([...deflateChunks(pieces)])).equals(bytes)).toBe(true);
  }
  expect(inflateSync(Buffer.concat([...deflateChunks([])])).length).toBe(0);
});
