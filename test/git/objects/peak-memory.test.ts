/** Peak memory of reading from and taking in packs that are larger than it, each in a process of its own. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cannotRun } from "../../helpers/skip.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { peakOf } from "./peak-memory.ts";
import { noise } from "./sample-repository.ts";

const MEGABYTE = 1_000_000;
const isFull = process.env["LULL_LARGE_TESTS"] === "1";
if (!isFull) console.log("memory with 100 MB and 60 MB; with 600 MB and 400 MB: set LULL_LARGE_TESTS=1");
const [FILES, FILE_SIZE, HUGE_SIZE] = isFull
  ? [30, 20 * MEGABYTE, 400 * MEGABYTE]
  : [5, 20 * MEGABYTE, 60 * MEGABYTE];
/** Of this, 35 to 40 MB are Bun itself. */
const MOST = 100 * 1024;

const isBlind = cannotRun(!existsSync("/proc/self/status"), "peak memory is read from /proc");

describe.skipIf(isBlind)("peak memory", () => {
  let repository = "";
  let packs: readonly string[] = [];

  beforeAll(() => {
    repository = temporaryDirectory();
    git(repository, "init", "-q");
    for (const [folder, count, size] of [
      ["large", FILES, FILE_SIZE],
      ["huge", 1, HUGE_SIZE],
    ] as const) {
      mkdirSync(join(repository, folder));
      for (let seed = 1; seed <= count; seed++)
        writeFileSync(join(repository, folder, `${seed}`), noise(size, seed));
      // Above the threshold git streams straight into one pack.
      git(repository, "-c", "core.bigFileThreshold=1m", "-c", "core.compression=0", "add", folder);
      rmSync(join(repository, folder), { recursive: true });
    }
    const directory = join(repository, ".git/objects/pack");
    packs = readdirSync(directory)
      .filter((name) => name.endsWith(".pack"))
      .map((name) => join(directory, name));
  }, 300_000);

  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  test("stays below 100 MB while one object of a large pack is read", () => {
    const oid = git(repository, "rev-parse", ":large/1");
    expect(peakOf(`openObjectStore(${place()}).read("${oid}")`)).toBeLessThan(MOST);
  });

  test("stays below 100 MB while an object that is larger than that is opened and copied", () => {
    const oid = git(repository, "rev-parse", ":huge/1");
    const drain = `for (const chunk of openObjectStore(${place()}).open("${oid}", { wholeUpTo: 1 }).chunks) chunk;`;
    expect(peakOf(drain)).toBeLessThan(MOST);
    const copy = `openObjectStore(${place()}).copyBlobTo("${oid}", openSync("/dev/null", "w"))`;
    expect(peakOf(copy)).toBeLessThan(MOST);
  });

  test("stays below 100 MB while packs of large blobs are taken in", () => {
    expect(packs).toHaveLength(2);
    for (const pack of packs) {
      const target = temporaryDirectory();
      git(target, "init", "-q", "--bare");
      const code = `using _pack = await ingestPack(openObjectStore(${JSON.stringify(target)}), createReadStream(${JSON.stringify(pack)}))`;
      expect(peakOf(code)).toBeLessThan(MOST);
      expect(readdirSync(join(target, "objects/pack"))).toHaveLength(2);
      rmSync(target, { recursive: true });
    }
  }, 300_000);

  function place(): string {
    return JSON.stringify(join(repository, ".git"));
  }
});
