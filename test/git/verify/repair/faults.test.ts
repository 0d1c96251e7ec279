/**
 * A repair that is killed, or whose disk is full, leaves nothing worse: the next one mends all of it. LULL_VERIFY_POINTS
 * sets how many points are tried, LULL_SEED repeats a run.
 */
import { expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createResponder } from "../../../../src/git/serve/responder.ts";
import { LocalConnection } from "../../../../src/transport/local.ts";
import { seededRandom } from "../../../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../../../helpers/system-git.ts";
import { type Fault, onFaultyDisk } from "../../maintenance/faulty-disk.ts";
import { looseHistory } from "../../maintenance/repositories.ts";
import { damageIn, engine, objectFiles, objectPath, overwrite, signal } from "../places.ts";

const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: 0 };
const POINTS = Number(process.env["LULL_VERIFY_POINTS"] ?? "12");

async function repair(directory: string, remote: string): Promise<void> {
  const repository = engine().open(directory);
  try {
    await repository.repair({
      signal,
      dryRun: false,
      note: { source: "notes", before: "a repair" },
      author,
      remotes: [
        {
          name: "origin",
          connect: async () => new LocalConnection({ directory: remote, createResponder, signal }),
        },
      ],
    });
  } finally {
    repository.close();
  }
}

/** A pack with a flipped bit, a lost object, an emptied branch and a damaged index. */
function damagedRepository(): {
  readonly directory: string;
  readonly remote: string;
  readonly before: string;
} {
  const directory = looseHistory({ commits: 6, files: 14 });
  git(directory, "gc", "-q");
  git(directory, "commit", "-q", "--allow-empty", "-m", "loose");
  const remote = join(temporaryDirectory(), "remote.git");
  git("/", "clone", "-q", "--bare", "--no-hardlinks", directory, remote);
  const before = everything(directory);
  const pack = objectFiles(directory).find((path) => path.endsWith(".pack")) ?? "";
  const bytes = readFileSync(pack);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  overwrite(pack, bytes);
  rmSync(objectPath(directory, git(directory, "rev-parse", "HEAD")));
  overwrite(join(directory, ".git/refs/heads/main"), "");
  overwrite(join(directory, ".git/index"), "DIRC");
  return { directory, remote, before };
}

const everything = (directory: string): string =>
  git(directory, "rev-list", "--objects", "--exclude=refs/lull/*", "--all");

test.each(["killed", "ENOSPC"] as const)("at any point: %s", async (fault: Fault) => {
  const seed = Number(process.env["LULL_SEED"] ?? Date.now() % 1e6);
  const random = seededRandom(seed);
  const { directory, remote, before } = damagedRepository();
  const tried = join(temporaryDirectory(), "tried");
  cpSync(directory, tried, { recursive: true, preserveTimestamps: true });
  const { calls } = await onFaultyDisk(fault, Number.POSITIVE_INFINITY, () => repair(tried, remote));
  expect(calls).toBeGreaterThan(30);
  for (let round = 0; round < POINTS; round++) {
    const from = random.below(calls);
    const copy = join(temporaryDirectory(), "copy");
    cpSync(directory, copy, { recursive: true, preserveTimestamps: true });
    await onFaultyDisk(fault, from, () => repair(copy, remote));
    try {
      // What a killed lull of this very process left locked looks alive.
      for (const name of ["gc.pid", "gc.pid.lock", "index.lock", "HEAD.lock", "refs/heads/main.lock"])
        rmSync(join(copy, ".git", name), { force: true });
      await repair(copy, remote);
      expect(await damageIn(copy)).toEqual([]);
      fsck(copy);
      expect(everything(copy)).toBe(before);
    } catch (error) {
      throw new Error(`seed ${seed}, point ${from} of ${calls}`, { cause: error });
    }
  }
});
