/** Random damage: found, or without effect. Never a wrong object, a hang or an error that is none of ours. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { ingestPack } from "../../../src/git/objects/ingest-pack.ts";
import { loosePath } from "../../../src/git/objects/loose-object.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { figure, seeded } from "../../faults/options.ts";
import type { Random } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { allObjects, prose } from "./sample-repository.ts";

const FLIPS = 500;

test("500 flipped bits in a pack and 500 in its index are found, or the objects come out right", () => {
  const random = seeded();
  const repository = smallRepository();
  const oids = allObjects(repository);
  git(repository, "repack", "-adfq");
  const folder = join(repository, ".git/objects/pack");
  for (const extension of [".pack", ".idx"]) {
    const path = join(folder, readdirSync(folder).find((name) => name.endsWith(extension)) ?? "");
    chmodSync(path, 0o644);
    const original = readFileSync(path);
    let found = 0;
    for (let round = 0; round < FLIPS; round++) {
      writeFileSync(path, flipped(random, original));
      found += readAll(repository, oids);
    }
    writeFileSync(path, original);
    // A checksum over every byte stands behind each: in an index all are found, in a pack all but the unread end.
    expect(found).toBeGreaterThan(FLIPS * 0.9);
    expect(readAll(repository, oids)).toBe(0);
    figure("bit flips", `${FLIPS} in a ${extension.slice(1)}: ${found} found, the others without effect`);
  }
});

test("500 flipped bits in loose objects are found, or the objects come out right", () => {
  const random = seeded();
  const repository = smallRepository();
  const oids = allObjects(repository);
  let found = 0;
  for (let round = 0; round < FLIPS; round++) {
    const oid = random.pick(oids);
    const path = loosePath(join(repository, ".git/objects"), oid);
    const original = readFileSync(path);
    chmodSync(path, 0o644);
    writeFileSync(path, flipped(random, original));
    found += readAll(repository, [oid]);
    writeFileSync(path, original);
  }
  // What zlib's head says of window and level changes nothing of the content.
  expect(found).toBeGreaterThan(FLIPS * 0.8);
  figure("bit flips", `${FLIPS} in loose objects: ${found} found, the others without effect`);
});

test("500 received packs with a flipped bit are all refused, also cut ones", async () => {
  const random = seeded();
  const pack = gitRaw(smallRepository(), ["pack-objects", "--stdout", "-q", "--revs", "--all"], {
    input: "",
  });
  const { repository, store } = emptyStore();
  for (let round = 0; round < FLIPS; round++) {
    const bytes = random.chance(0.7) ? flipped(random, pack) : pack.subarray(0, random.below(pack.length));
    expect(await outcome(store, bytes)).toMatch(/^(BAD_PACK|TRUNCATED)$/);
  }
  expect(leftIn(repository)).toEqual([]);
  store.close();
  figure("bit flips", `${FLIPS} received packs, flipped or cut: all refused`);
});

test("500 damaged packs whose checksum was made to fit are refused, or taken as git takes them", async () => {
  const random = seeded();
  const pack = gitRaw(
    smallRepository(),
    ["pack-objects", "--stdout", "-q", "--revs", "--all", "--delta-base-offset"],
    { input: "" },
  );
  const { repository, store } = emptyStore();
  for (let round = 0; round < FLIPS; round++) {
    const body = flipped(random, pack.subarray(0, -20));
    const bytes = Buffer.concat([body, new Bun.CryptoHasher("sha1").update(body).digest()]);
    const result = await outcome(store, bytes);
    if (result.startsWith("pack-")) {
      const other = temporaryDirectory();
      git(other, "init", "-q", "--bare");
      gitRaw(other, ["index-pack", "--stdin"], { input: bytes });
      const ours = readFileSync(join(repository, ".git/objects/pack", `${result}.idx`));
      expect(ours.equals(readFileSync(join(other, "objects/pack", `${result}.idx`)))).toBe(true);
    } else expect(result).toMatch(/^(BAD_PACK|TRUNCATED)$/);
  }
  store.close();
  figure("bit flips", `${FLIPS} received packs whose checksum fits: refused, or taken as git takes them`);
});

function smallRepository(): string {
  const repository = temporaryDirectory();
  git(repository, "init", "-q");
  mkdirSync(join(repository, "folder"));
  for (let round = 0; round < 4; round++) {
    writeFileSync(join(repository, "folder/story"), Buffer.concat([prose(1500), prose(40, round + 2)]));
    writeFileSync(join(repository, `note-${round}`), `round ${round}\n`);
    git(repository, "add", ".");
    git(repository, "commit", "-qm", `round ${round}`);
  }
  git(repository, "tag", "-am", "tagged", "v1");
  return repository;
}

function emptyStore() {
  const repository = temporaryDirectory();
  git(repository, "init", "-q");
  return { repository, store: openObjectStore(join(repository, ".git")) };
}

function flipped(random: Random, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

/** Returns 1 when one of the objects is refused, 0 when all come out right; fails for a wrong one. */
function readAll(repository: string, oids: readonly string[]): number {
  const store = openObjectStore(join(repository, ".git"));
  let refused = 0;
  for (const oid of oids) {
    try {
      const { kind, bytes } = store.read(oid);
      if (hashObject(kind, bytes) !== oid) throw new Error(`a damaged ${oid} was given out`);
    } catch (error) {
      if (!(error instanceof LullError)) throw error;
      expect(error.code).toMatch(/^OBJECT_(CORRUPT|MISSING)$/);
      refused = 1;
    }
  }
  store.close();
  return refused;
}

/** The pack's name, or the code of the refusal. */
async function outcome(store: Parameters<typeof ingestPack>[0], bytes: Buffer): Promise<string> {
  const stream = (async function* () {
    yield await Promise.resolve(bytes);
  })();
  try {
    return (await ingestPack(store, stream)).pack ?? "";
  } catch (error) {
    if (!(error instanceof LullError)) throw error;
    return error.code;
  }
}

function leftIn(repository: string): string[] {
  const temporary = join(repository, ".git/lull/tmp");
  const packs = join(repository, ".git/objects/pack");
  return [temporary, packs].filter((path) => existsSync(path)).flatMap((path) => readdirSync(path));
}
