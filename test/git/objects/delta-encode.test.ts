import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { applyDelta } from "../../../src/git/objects/delta.ts";
import { DeltaBase } from "../../../src/git/objects/delta-encode.ts";
import { commonPrefix, commonSuffix } from "../../../src/git/objects/delta-common.ts";
import { encodePackHeader } from "../../../src/git/objects/install-pack.ts";
import { encodeEntryHeader } from "../../../src/git/objects/pack-entry.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { deflate } from "../../../src/git/objects/deflate.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

describe("a delta", () => {
  test("of a one-line change in a large file takes a few bytes", () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index} of the notes\n`);
    const base = Buffer.from(lines.join(""));
    const target = Buffer.from(lines.with(2500, "another line\n").join(""));
    const delta = new DeltaBase(base).encode(target, NO_LIMIT);
    expect(applyDelta(base, delta ?? Buffer.alloc(0))).toEqual(target);
    expect(delta?.length).toBeLessThan(60);
  });

  test("finds a block that moved", () => {
    const random = seededRandom(1);
    const [first, second] = [noise(random, 4000), noise(random, 4000)];
    const delta = new DeltaBase(Buffer.concat([first, second])).encode(
      Buffer.concat([second, first]),
      NO_LIMIT,
    );
    expect(delta?.length).toBeLessThan(64);
  });

  test("that would be longer than allowed is not made", () => {
    const random = seededRandom(2);
    const base = noise(random, 5000);
    expect(new DeltaBase(base).encode(noise(random, 5000), 4000)).toBeUndefined();
    const target = Buffer.concat([base, noise(random, 300)]);
    const exact = new DeltaBase(base).encode(target, NO_LIMIT)?.length ?? 0;
    expect(new DeltaBase(base).encode(target, exact)?.length).toBe(exact);
    expect(new DeltaBase(base).encode(target, exact - 1)).toBeUndefined();
  });

  test("gives the target back for empty, short, equal and repetitive contents", () => {
    const contents = [
      "",
      "a",
      "abc",
      "x".repeat(15),
      "x".repeat(16),
      "x".repeat(70_000),
      "ab".repeat(40_000),
    ];
    for (const base of contents) {
      for (const target of [...contents, `${base}y`, `y${base}`]) expectRoundTrip(base, target);
    }
  });

  test("copies more than 64 KB in pieces that git accepts", () => {
    const base = noise(seededRandom(3), 200_000);
    expectRoundTrip(base, Buffer.concat([Buffer.from("x"), base.subarray(1)]));
    expectRoundTrip(base, base);
  });

  test("gives any target back from any base", () => {
    const seed = 20_240_601;
    const random = seededRandom(seed);
    for (let round = 0; round < 600; round++) {
      const base = text(random, random.below(4000));
      let target = base;
      for (let edits = random.below(6); edits > 0; edits--) target = edited(random, target);
      try {
        expectRoundTrip(base, target);
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
  });

  test("is read by git as it is read here", () => {
    const random = seededRandom(7);
    const versions = [text(random, 6000)];
    for (let count = 0; count < 40; count++)
      versions.push(edited(random, versions.at(-1) ?? Buffer.alloc(0)));
    const repository = temporaryDirectory();
    git(repository, "init", "-q");
    const names = versions.map((bytes) => hashObject("blob", bytes));
    const body: Uint8Array[] = [encodePackHeader(versions.length)];
    for (const [at, bytes] of versions.entries()) {
      const base = versions[at - 1];
      if (base === undefined) body.push(encodeEntryHeader("blob", bytes.length), deflate(bytes));
      else
        body.push(
          ...refDelta(names[at - 1] ?? "", new DeltaBase(base).encode(bytes, NO_LIMIT) ?? Buffer.alloc(0)),
        );
    }
    const bytes = Buffer.concat(body);
    const pack = join(repository, "test.pack");
    writeFileSync(pack, Buffer.concat([bytes, new Bun.CryptoHasher("sha1").update(bytes).digest()]));
    git(repository, "index-pack", "--strict", pack);
    gitRaw(repository, ["unpack-objects", "-q"], {
      input: Buffer.concat([bytes, new Bun.CryptoHasher("sha1").update(bytes).digest()]),
    });
    for (const [at, name] of names.entries())
      expect(gitRaw(repository, ["cat-file", "blob", name]).equals(versions[at] ?? Buffer.alloc(0))).toBe(
        true,
      );
  });
});

test("a base serves many targets", () => {
  const random = seededRandom(11);
  const base = new DeltaBase(text(random, 5000));
  for (let round = 0; round < 20; round++) {
    const target = edited(random, edited(random, base.bytes));
    expect(applyDelta(base.bytes, base.encode(target, NO_LIMIT) ?? Buffer.alloc(0))).toEqual(target);
  }
  expect(base.indexBytes).toBeGreaterThan(0);
});

test("common starts and ends are found to the byte", () => {
  const random = seededRandom(5);
  for (let round = 0; round < 500; round++) {
    const size = random.below(300);
    const a = noise(random, size);
    const b = Buffer.from(a);
    const at = random.below(size + 1);
    if (at < size) b[at] = (b[at] ?? 0) ^ 1;
    expect(commonPrefix(a, b, size)).toBe(at);
    expect(commonSuffix(a, b, size)).toBe(at < size ? size - 1 - at : size);
  }
});

function expectRoundTrip(base: string | Buffer, target: string | Buffer): void {
  const [from, to] = [Buffer.from(base), Buffer.from(target)];
  const delta = new DeltaBase(from).encode(to, NO_LIMIT);
  expect(applyDelta(from, delta ?? Buffer.alloc(0)).equals(to)).toBe(true);
}

function refDelta(base: string, delta: Uint8Array): Uint8Array[] {
  const header = encodeEntryHeader("blob", delta.length);
  // Type 7 in the place of a blob's 3.
  header[0] = ((header[0] ?? 0) & 0x8f) | 0x70;
  return [header, Buffer.from(base, "hex"), deflate(delta)];
}

function noise(random: Random, size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => random.below(256)));
}

/** Few different words, so that blocks are found in several places. */
function text(random: Random, size: number): Buffer {
  const words = [
    "alpha ",
    "beta ",
    "gamma\n",
    "const value = 1;\n",
    "the quick brown fox ",
    "0000000000000000",
  ];
  let result = "";
  while (result.length < size) result += random.pick(words);
  return Buffer.from(result.slice(0, size));
}

function edited(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const end = at + random.below(Math.min(400, bytes.length - at + 1));
  const piece = random.chance(0.5) ? noise(random, random.below(60)) : text(random, random.below(200));
  if (random.chance(0.3)) return Buffer.concat([bytes.subarray(end), piece, bytes.subarray(0, end)]);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(end)]);
}
