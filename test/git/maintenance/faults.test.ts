/** A maintenance that ends at any of its steps: nothing is lost, and the next one goes on. */
import { expect, test } from "bun:test";
import { cpSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { type Fault, onFaultyDisk } from "./faulty-disk.ts";
import { everyObject, looseHistory, maintained } from "./repositories.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
/** Above any process id that Linux gives. */
const NO_PROCESS = 2 ** 22 + 1;

/** Loose objects, packs with and without deltas, an old object that goes, a young one that stays, old reflog lines. */
function template(): { readonly directory: string; readonly old: string } {
  const directory = looseHistory({ files: 4, commits: 20, start: 1_600_000_000 });
  git(directory, "repack", "-q", "-d");
  for (let round = 0; round < 3; round++)
    git(directory, "commit", "-q", "--allow-empty", "-m", `empty ${round}`);
  git(directory, "repack", "-q", "-d");
  const many = Array.from(
    { length: 270 },
    (_, at) => `M 100644 inline many-${at}\ndata <<E\nmany ${at}\nE\n`,
  ).join("");
  gitRaw(directory, ["-c", "fastimport.unpackLimit=9999", "fast-import", "--quiet"], {
    input: `commit refs/heads/main\ncommitter A <a@b> 1600009999 +0000\ndata 1\nx\nfrom refs/heads/main^0\n${many}\n`,
  });
  git(directory, "reset", "-q", "--hard");
  const store = (content: string): string =>
    gitRaw(directory, ["hash-object", "-w", "--stdin"], { input: content }).toString().trim();
  store("young");
  const old = store("old");
  utimesSync(join(directory, ".git/objects", old.slice(0, 2), old.slice(2)), 1_600_000_000, 1_600_000_000);
  return { directory, old };
}

const { directory: source, old } = template();
const needed = everyObject(source).filter((oid) => oid !== old);

function copy(): string {
  const directory = join(temporaryDirectory(), "copy");
  cpSync(source, directory, { recursive: true, preserveTimestamps: true });
  return directory;
}

/** What the death of the process does to its marks: its number is nobody's any more. */
function bury(directory: string): void {
  for (const name of readdirSync(join(directory, ".git"), { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".lock")) rmSync(join(directory, ".git", name));
    if (name === "gc.pid") writeFileSync(join(directory, ".git", name), `${NO_PROCESS} ${hostname()}`);
  }
}

function expectNothingLost(directory: string): void {
  expect(everyObject(directory).filter((oid) => oid !== old)).toEqual(needed);
  fsck(directory);
}

async function survives(fault: Fault, from: number): Promise<void> {
  const directory = copy();
  const { error } = await onFaultyDisk(fault, from, () => maintained(directory));
  bury(directory);
  expectNothingLost(directory);
  if (error !== undefined) expect((error as { code?: string }).code).not.toBe("INTERNAL");
  await maintained(directory);
  expectNothingLost(directory);
  expect(git(directory, "status", "--porcelain")).toBe("");
}

const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
console.log(`faults in maintenance: LULL_TEST_SEED=${seed}`);
const random = seededRandom(seed);
const { calls } = await onFaultyDisk("killed", NEVER, () => maintained(copy()));

test("the template gives a maintenance something to do at every step", async () => {
  expect(calls).toBeGreaterThan(300);
  const directory = copy();
  const result = await maintained(directory);
  expect(result).toMatchObject({ objectsDropped: 1, after: { packs: 1, loose: 1 } });
  expect(result.reflogEntriesExpired).toBeGreaterThan(0);
  expect(everyObject(directory)).toEqual(needed);
});

/** `LULL_TEST_SCALE=4` ends it at four times as many. */
const SCALE = Number(process.env["LULL_TEST_SCALE"] ?? 1);
const POINTS: Readonly<Record<Fault, number>> = { killed: 15 * SCALE, ENOSPC: 6 * SCALE, EROFS: 4 * SCALE };
for (const [fault, points] of Object.entries(POINTS) as [Fault, number][]) {
  test(`${fault} at ${points} of its steps loses nothing`, async () => {
    // The first steps differ most from each other; the removal of loose files is long and all the same.
    const steps = Array.from({ length: points }, (_, at) =>
      at % 3 === 0 ? at / 3 : random.below(at % 3 === 1 ? 40 : calls),
    );
    for (const step of steps) {
      try {
        await survives(fault, step);
      } catch (error) {
        throw new Error(`${fault} at step ${step} of ${calls}, seed ${seed}`, { cause: error });
      }
    }
  }, 180_000);
}
