import { describe, expect, test } from "bun:test";
import { cpSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { everyObject, type Files, looseHistory, maintained, packs, prose } from "./repositories.ts";

/** Git's gc of a copy is the measure; the figure. */
const LARGEST_RATIO = 1.3;
/** Random histories; `LULL_TEST_SCALE=4` makes four times as many. */
const ROUNDS = 3 * Number(process.env["LULL_TEST_SCALE"] ?? 1);

describe("after 300 automatic commits one maintenance packs", () => {
  test("one-line edits of many files about as small as git gc", async () => {
    await expectSmall(looseHistory({ files: 400, commits: 300 }));
  });

  test("a log that only grows", async () => {
    const random = seededRandom(3);
    const log = prose(random, 1000);
    await expectSmall(
      looseHistory({
        files: 10,
        commits: 300,
        edit: (files, _, round) =>
          void files.set("log.txt", (files.get("log.txt") ?? log) + `entry ${round}\n`),
      }),
    );
  });

  test("a settings file that is written anew each time", async () => {
    const settings = Object.fromEntries(
      Array.from({ length: 300 }, (_, key) => [`key${key}`, `value ${key * 7919}`]),
    );
    const edit = (files: Files, random: ReturnType<typeof seededRandom>): void => {
      settings[`key${random.below(300)}`] = `value ${random.below(2 ** 30)}`;
      files.set("settings.json", JSON.stringify(settings, undefined, 2));
    };
    await expectSmall(looseHistory({ files: 10, commits: 300, edit }));
  });

  test("pictures, which share nothing", async () => {
    const edit = (files: Files, random: ReturnType<typeof seededRandom>, round: number): void => {
      files.set(
        `photo-${round % 20}.jpg`,
        Array.from({ length: 4000 }, () => random.below(2 ** 31).toString(36)).join(""),
      );
    };
    await expectSmall(looseHistory({ files: 10, commits: 100, edit }));
  });
});

test("random histories keep every object, and git finds nothing to complain about", async () => {
  const seed = Number(process.env["LULL_TEST_SEED"] ?? 20_261_121);
  console.log(`repack: LULL_TEST_SEED=${seed}`);
  for (let round = 0; round < ROUNDS; round++) {
    const random = seededRandom(seed + round);
    const directory = looseHistory({
      seed: seed + round,
      files: 1 + random.below(60),
      commits: 250 + random.below(60),
      edit: (files) => {
        for (let change = random.below(4); change >= 0; change--) mutate(files, random);
      },
    });
    if (random.chance(0.5)) git(directory, "tag", "-a", "-m", "marked", "v1", `HEAD~${random.below(40)}`);
    if (random.chance(0.5)) git(directory, "branch", "side", `HEAD~${random.below(80)}`);
    // A part of it packed by git, with deltas that are to be kept, and some of it loose as well.
    if (random.chance(0.7)) packInPart(directory, random);
    try {
      await expectKept(directory);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}`, { cause: error });
    }
  }
}, 120_000);

test("a second maintenance has nothing to do and changes nothing", async () => {
  const directory = looseHistory({ commits: 120 });
  await maintained(directory);
  const before = packs(directory);
  const result = await maintained(directory);
  expect(result).toMatchObject({ objectsPacked: 0, objectsDropped: 0, reflogEntriesExpired: 0 });
  expect(result.left).toEqual(["0 loose objects and 1 packs are few: nothing would be gained"]);
  expect(packs(directory)).toEqual(before);
});

test("few loose objects stay loose", async () => {
  const directory = looseHistory({ files: 3, commits: 10 });
  const result = await maintained(directory);
  expect(result.objectsPacked).toBe(0);
  expect(result.after).toEqual(result.before);
  expect(packs(directory)).toEqual([]);
});

test("a dry run says what would be packed and changes no file", async () => {
  const directory = looseHistory({ commits: 120 });
  const before = listing(directory);
  const result = await maintained(directory, { dryRun: true });
  expect(result.objectsPacked).toBe(everyObject(directory).length);
  expect(result.after).toBeUndefined();
  expect(listing(directory)).toEqual(before);
});

test("deltas of a pack are kept, and new versions find their base in it", async () => {
  const directory = looseHistory({ commits: 150 });
  git(directory, "gc", "-q");
  const { size } = statSync(join(directory, ".git/objects/pack", packs(directory)[0] ?? ""));
  for (let round = 0; round < 80; round++) {
    await Bun.write(
      join(directory, "d1/note-1.md"),
      `${await Bun.file(join(directory, "d1/note-1.md")).text()}round ${round}\n`,
    );
    git(directory, "commit", "-q", "-a", "-m", `more ${round}`);
  }
  const result = await maintained(directory);
  expect(result.before.packs).toBe(1);
  expect(result.after?.packs).toBe(1);
  expect(statSync(join(directory, ".git/objects/pack", packs(directory)[0] ?? "")).size).toBeLessThan(
    size * 1.6,
  );
  fsck(directory);
});

test("many small packs become one", async () => {
  const directory = looseHistory({ files: 3, commits: 3 });
  for (let round = 0; round < 12; round++) {
    git(directory, "commit", "-q", "--allow-empty", "-m", `pack ${round}`);
    git(directory, "repack", "-q", "-d");
  }
  expect(packs(directory).length).toBeGreaterThan(10);
  const before = everyObject(directory);
  const result = await maintained(directory);
  expect(result.after).toMatchObject({ packs: 1, loose: 0 });
  expect(everyObject(directory)).toEqual(before);
  fsck(directory);
});

test("an interrupted maintenance leaves everything as it was", async () => {
  const directory = looseHistory({ commits: 120 });
  const before = everyObject(directory);
  const controller = new AbortController();
  const running = maintained(directory, { signal: controller.signal });
  controller.abort();
  expect(await running.catch((error: unknown) => (error as { code: string }).code)).toBe("INTERRUPTED");
  expect(everyObject(directory)).toEqual(before);
  expect(packs(directory)).toEqual([]);
  expect(readdirSync(join(directory, ".git"))).not.toContain("gc.pid");
  fsck(directory);
});

async function expectSmall(directory: string): Promise<void> {
  const copy = join(temporaryDirectory(), "copy");
  cpSync(directory, copy, { recursive: true });
  git(copy, "gc", "-q");
  await expectKept(directory);
  const ratio = size(join(directory, ".git")) / size(join(copy, ".git"));
  console.log(`size after maintenance: ${ratio.toFixed(2)} x git gc`);
  expect(ratio).toBeLessThanOrEqual(LARGEST_RATIO);
}

async function expectKept(directory: string): Promise<void> {
  const before = everyObject(directory);
  const reachable = git(directory, "rev-list", "--all", "--objects");
  const result = await maintained(directory);
  expect(result.after?.loose).toBe(0);
  expect(everyObject(directory)).toEqual(before);
  expect(git(directory, "rev-list", "--all", "--objects")).toBe(reachable);
  fsck(directory);
  for (const pack of packs(directory)) expectShallow(directory, pack);
  expect(git(directory, "status", "--porcelain")).toBe("");
}

/** Git reads deeper chains too, but slowly; its own limit is 50. */
function expectShallow(directory: string, pack: string): void {
  const report = git(directory, "verify-pack", "-v", join(directory, ".git/objects/pack", pack));
  const depths = [...report.matchAll(/^chain length = (\d+)/gm)].map(([, depth]) => Number(depth));
  expect(Math.max(0, ...depths)).toBeLessThanOrEqual(50);
}

function packInPart(directory: string, random: ReturnType<typeof seededRandom>): void {
  const objects = join(directory, ".git/objects");
  const copy = join(temporaryDirectory(), "objects");
  cpSync(objects, copy, { recursive: true });
  git(directory, "repack", "-q", "-a", "-d", `--depth=${random.pick([1, 5, 50, 200])}`);
  // Every other folder at least: enough that a maintenance has something to do.
  for (const [at, folder] of readdirSync(copy)
    .filter((name) => name.length === 2)
    .entries())
    if (at % 2 === 0 || random.chance(0.5))
      cpSync(join(copy, folder), join(objects, folder), { recursive: true });
}

function mutate(files: Files, random: ReturnType<typeof seededRandom>): void {
  const path = random.pick([...files.keys()]);
  const text = files.get(path) ?? "";
  const at = random.below(text.length + 1);
  switch (random.below(5)) {
    case 0:
      files.set(path, text.slice(0, at) + prose(random, 3) + text.slice(at));
      break;
    case 1:
      files.set(path, text.slice(0, at) + text.slice(at + random.below(300)));
      break;
    case 2:
      files.set(`${path}-${random.below(5)}`, text);
      break;
    case 3:
      files.set(path, text.slice(at) + text.slice(0, at));
      break;
    default:
      if (files.size > 1) files.delete(path);
  }
}

function size(folder: string): number {
  return listing(folder).reduce((sum, [, bytes]) => sum + bytes, 0);
}

function listing(folder: string): (readonly [string, number])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [path, statSync(path).size] as const);
}
