/** Objects above 32 MB that git has stored as deltas: they are rebuilt in files, not in memory. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { BaseCache } from "../../../src/git/objects/base-cache.ts";
import { Packfile } from "../../../src/git/objects/packfile.ts";
import { hashObject, startObjectHash } from "../../../src/git/objects/hash-object.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { peakOf } from "./peak-memory.ts";
import { noise } from "./sample-repository.ts";

const SIZE = 48_000_000;
/** Of this, 35 to 40 MB are Bun itself, as in `peak-memory.test.ts`. */
const MOST = 100 * 1024;

test("each object of a repository is the same when only a few bytes may lie in memory", () => {
  const repository = growingText(30);
  const folder = join(repository, ".git/objects/pack");
  const name = readdirSync(folder).find((file) => file.endsWith(".pack")) ?? "";
  const path = join(folder, name.slice(0, -".pack".length));
  expect(git(repository, "verify-pack", "-v", `${path}.idx`)).toContain("chain length = 10");
  for (const wholeInMemory of [0, 20, 200, 16_000, 20_000]) {
    const pack = new Packfile(path, new BaseCache(1024 * 1024), { wholeInMemory });
    for (let position = 0; position < pack.index.count; position++) {
      const oid = pack.index.oidAt(position);
      const { kind, bytes } = pack.read(position, oid);
      expect(hashObject(kind, bytes)).toBe(oid);
      const opened = pack.open(position, oid, { wholeUpTo: 0 });
      const hasher = startObjectHash(kind, bytes.length);
      for (const piece of opened.bytes === undefined ? opened.chunks : [opened.bytes]) hasher.update(piece);
      expect(hasher.digest("hex")).toBe(oid);
      expect(opened.size).toBe(bytes.length);
    }
    pack.close();
  }
  expect(readdirSync(join(repository, ".git/lull/tmp"))).toEqual([]);
}, 60_000);

test("packs are taken in, thin ones too, when only a few bytes may lie in memory", async () => {
  const source = growingText(40);
  for (const wholeInMemory of [0, 20, 200, 16_000, 20_000]) {
    const target = temporaryDirectory();
    git(target, "init", "-q", "--bare");
    const store = openObjectStore(target);
    const packs = [
      gitRaw(source, ["pack-objects", "--revs", "--stdout", "-q"], { input: "HEAD~20\n" }),
      gitRaw(source, ["pack-objects", "--revs", "--stdout", "--thin", "-q"], { input: "HEAD\n^HEAD~20\n" }),
    ];
    for (const pack of packs) {
      const pieces = (async function* () {
        yield pack;
      })();
      using ingested = await ingestPack(store, pieces, { wholeInMemory });
      expect(ingested.objects).toBeGreaterThan(50);
    }
    git(target, "update-ref", "refs/heads/main", git(source, "rev-parse", "HEAD"));
    fsck(target);
    expect(readdirSync(join(target, "lull/tmp"))).toEqual([]);
    store.close();
  }
}, 120_000);

describe("an object of 48 MB that lies as a delta", () => {
  let repository = "";
  let gitDirectory = "";
  let oids: readonly string[] = [];

  beforeAll(() => {
    repository = temporaryDirectory();
    gitDirectory = join(repository, ".git");
    git(repository, "init", "-q");
    git(repository, "config", "core.compression", "0");
    const first = noise(SIZE, 1);
    const second = Buffer.concat([first.subarray(0, 9_000_000), noise(500, 2), first.subarray(10_000_000)]);
    const third = Buffer.concat([noise(700, 3), second.subarray(0, 30_000_000), second.subarray(2_000_000)]);
    const versions = [first, second, third, third.subarray(0, 20_000_000)];
    for (const [number, content] of versions.entries())
      writeFileSync(join(repository, `${number}.bin`), content);
    for (const added of [["0.bin"], ["1.bin", "2.bin"], ["3.bin"]]) {
      git(repository, "add", ...added);
      git(repository, "commit", "-qm", "large");
    }
    git(repository, "branch", "first", "HEAD~2");
    git(repository, "repack", "-adfq", "--depth=4", "--window=4");
    oids = versions.map((_, number) => git(repository, "rev-parse", `HEAD:${number}.bin`));
  }, 300_000);

  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  test("comes piece by piece, whole where that is asked for, and leaves nothing behind", () => {
    const deltas = git(repository, "verify-pack", "-v", join(gitDirectory, "objects/pack", packName()));
    expect(deltas).toContain("chain length = ");
    const store = openObjectStore(gitDirectory);
    let large = 0;
    for (const oid of oids) {
      const opened = store.open(oid, { wholeUpTo: 1000 });
      if (opened.size > 32 * 1024 * 1024) expect(opened.bytes).toBeUndefined();
      const pieces = opened.bytes === undefined ? opened.chunks : [opened.bytes];
      const hasher = startObjectHash("blob", opened.size);
      for (const piece of pieces) hasher.update(piece);
      expect(hasher.digest("hex")).toBe(oid);
      large += opened.bytes === undefined ? 1 : 0;
      expect(store.read(oid).bytes.length).toBe(opened.size);
      expect(store.open(oid, { wholeUpTo: SIZE * 2 }).bytes?.length).toBe(opened.size);
    }
    expect(large).toBeGreaterThanOrEqual(3);
    store.close();
    expect(readdirSync(join(gitDirectory, "lull/tmp"))).toEqual([]);
  }, 120_000);

  test("is copied to a file within 100 MB of memory", () => {
    for (const oid of oids) {
      const copy = `openObjectStore(${JSON.stringify(gitDirectory)}).copyBlobTo("${oid}", openSync("/dev/null", "w"))`;
      expect(peakOf(copy)).toBeLessThan(MOST);
    }
  }, 120_000);

  test("is taken in within 100 MB, from a thin pack too", () => {
    for (const revisions of ["HEAD~1", "HEAD~1\n^HEAD~2"]) {
      const target = temporaryDirectory();
      git(target, "init", "-q", "--bare");
      if (revisions.includes("^")) git(target, "fetch", "-q", repository, "first:refs/heads/main");
      const pack = join(target, "incoming");
      writeFileSync(
        pack,
        gitRaw(repository, ["pack-objects", "--revs", "--stdout", "--thin", "-q"], {
          input: `${revisions}\n`,
        }),
      );
      const code = `using _pack = await ingestPack(openObjectStore(${JSON.stringify(target)}), createReadStream(${JSON.stringify(pack)}))`;
      expect(peakOf(code)).toBeLessThan(MOST);
      git(target, "update-ref", "refs/heads/main", git(repository, "rev-parse", "HEAD~1"));
      fsck(target);
      expect(readdirSync(join(target, "lull/tmp"))).toEqual([]);
      rmSync(target, { recursive: true });
    }
  }, 120_000);

  function packName(): string {
    return readdirSync(join(gitDirectory, "objects/pack")).find((name) => name.endsWith(".idx")) ?? "";
  }
});

/** A repository of one text in so many versions, packed as deltas of each other. */
function growingText(versions: number): string {
  const directory = temporaryDirectory();
  git(directory, "init", "-q");
  const lines = Array.from({ length: 400 }, (_, line) => `line ${line} of a text that grows and changes`);
  for (let version = 0; version < versions; version++) {
    lines[version * 7] = `changed in ${version}`;
    lines.push(`added in ${version}`);
    writeFileSync(join(directory, "text"), lines.join("\n"));
    git(directory, "add", ".");
    git(directory, "commit", "-qm", `version ${version}`);
  }
  git(directory, "repack", "-adfq", "--depth=50", "--window=50");
  return directory;
}
