import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { BaseCache } from "../../../src/git/objects/base-cache.ts";
import { EntryTable } from "../../../src/git/objects/entry-table.ts";
import { PackIndex } from "../../../src/git/objects/pack-index.ts";
import { encodePackIndex } from "../../../src/git/objects/pack-index-writer.ts";
import { gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { noise } from "./sample-repository.ts";

describe("a pack index", () => {
  const checksum = noise(20, 9);

  test("holds offsets beyond 2 GB and 4 GB as git reads them", () => {
    const offsets = [12, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 2 ** 40];
    const entries = new EntryTable();
    for (const [seed, offset] of offsets.entries())
      entries.add(offset, 0xfffffff0 + seed, noise(20, seed + 1));
    const bytes = encodePackIndex(entries, checksum);
    const path = join(temporaryDirectory(), "x.idx");
    writeFileSync(path, bytes);
    const listed = gitRaw(temporaryDirectory(), ["show-index"], { input: bytes })
      .toString()
      .trim()
      .split("\n");
    const index = PackIndex.load(path);
    expect(index.count).toBe(offsets.length);
    expect(index.packChecksum.equals(checksum)).toBe(true);
    const positions = offsets.map((_, position) => position);
    const lines = positions.map(
      (at) => `${index.offsetAt(at)} ${index.oidAt(at)} (${index.crcAt(at).toString(16)})`,
    );
    expect(lines).toEqual(listed);
    for (const [seed, offset] of offsets.entries()) {
      const position = index.find(noise(20, seed + 1));
      expect(index.offsetAt(position)).toBe(offset);
      expect(index.crcAt(position)).toBe(0xfffffff0 + seed);
      expect(index.entryEnd(offset, 2 ** 41)).toBe(offsets[seed + 1] ?? 2 ** 41 - 20);
      expect(index.positionOf(offset)).toBe(position);
    }
    expect(index.positionOf(11)).toBe(-1);
  });

  test("finds each of thousands of names and none that is not in it", () => {
    const entries = new EntryTable();
    for (let seed = 1; seed <= 3000; seed++) entries.add(seed * 100, seed, noise(20, seed));
    const index = new PackIndex(encodePackIndex(entries, checksum));
    for (let seed = 1; seed <= 3000; seed++) {
      expect(index.offsetAt(index.find(noise(20, seed)))).toBe(seed * 100);
      expect(index.find(noise(20, seed + 5000))).toBe(-1);
    }
    expect(index.find(Buffer.alloc(20, 0))).toBe(-1);
    expect(index.find(Buffer.alloc(20, 255))).toBe(-1);
  });

  test("keeps names apart that start alike", () => {
    const entries = new EntryTable();
    const names = [3, 1, 2, 0].map((last) => Buffer.concat([Buffer.alloc(19, 7), Buffer.from([last])]));
    for (const [at, name] of names.entries()) entries.add(at, 0, name);
    const index = new PackIndex(encodePackIndex(entries, checksum));
    expect(names.map((name) => index.find(name))).toEqual([3, 1, 2, 0]);
  });

  test("whose long offset points outside of it is damaged", () => {
    const entries = new EntryTable();
    entries.add(2 ** 33, 0, noise(20, 1));
    const bytes = encodePackIndex(entries, checksum);
    bytes.writeUInt32BE(0x80000001, 1032 + 24);
    new Bun.CryptoHasher("sha1")
      .update(bytes.subarray(0, -20))
      .digest()
      .copy(bytes, bytes.length - 20);
    expect(() => new PackIndex(bytes).offsetAt(0)).toThrow(expect.objectContaining({ code: "DAMAGED_DATA" }));
  });
});

test("the cache of bases drops what was not used for longest, and takes nothing that fills it", () => {
  const cache = new BaseCache<number>(1000);
  const object = (size: number) => ({ kind: "blob", bytes: Buffer.alloc(size) }) as const;
  cache.set(1, object(300));
  cache.set(2, object(400));
  expect(cache.get(1)?.bytes.length).toBe(300);
  cache.set(3, object(400));
  expect([1, 2, 3].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true]);
  cache.set(4, object(501));
  expect(cache.get(4)).toBeUndefined();
  cache.set(3, object(100));
  cache.set(5, object(500));
  expect([1, 3, 5].map((key) => cache.get(key) !== undefined)).toEqual([true, true, true]);
});
