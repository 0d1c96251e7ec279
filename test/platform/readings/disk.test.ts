import { expect, test } from "bun:test";
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";

import "../../helpers/on-disk.ts";
import { readDisk } from "../../../src/platform/readings/disk.ts";

test("the free space is that of the nearest folder that exists, as this user can use it", async () => {
  const reading = await readDisk(`${tmpdir()}/not/yet/there`);
  const { bfree, bsize, blocks } = statfsSync(tmpdir());
  if (reading.kind !== "known") throw new Error(reading.why);
  expect(reading.source).toBe("statfs");
  expect(reading.value).toBeGreaterThan(0);
  expect(reading.value).toBeLessThanOrEqual(blocks * bsize);
  // What is kept for root does not count; other tests write meanwhile.
  expect(reading.value).toBeLessThanOrEqual(bfree * bsize + 2 ** 30);
});

test("a folder is asked for once at a time: who asks again waits for the same answer", async () => {
  const both = [readDisk("/"), readDisk("/")];
  const [first, second] = await Promise.all(both);
  expect(first).toBe(second as never);
  expect(await readDisk("/")).not.toBe(first as never);
});

test("what is no path can not be read", async () => {
  expect((await readDisk("/a\0b")).kind).toBe("unknown");
});
