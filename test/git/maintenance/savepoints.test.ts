import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";

import { fsck, git, gitRaw } from "../../helpers/system-git.ts";
import { looseHistory, maintained } from "./repositories.ts";

const DAY = 24 * 60 * 60;

/** @returns the names of the savepoints, as many as days were given */
function savepointsOf(directory: string, daysAgo: readonly number[]): readonly string[] {
  const now = Math.floor(Date.now() / 1000);
  for (const days of daysAgo) {
    const oid = gitRaw(directory, ["commit-tree", "-m", `${days} days ago`, "-p", "HEAD", "HEAD^{tree}"], {
      env: { GIT_COMMITTER_DATE: `${now - days * DAY} +0000` },
    })
      .toString()
      .trim();
    git(directory, "update-ref", `refs/lull/savepoints/${days}`, oid);
  }
  return list(directory);
}

function list(directory: string): readonly string[] {
  return git(directory, "for-each-ref", "--format=%(refname:lstrip=3)", "refs/lull").split("\n");
}

test("savepoints older than the retention go, and the last ten stay however old they are", async () => {
  const directory = looseHistory({ commits: 3 });
  const days = [1, 10, 20, 29, ...Array.from({ length: 12 }, (_, at) => 31 + at * 30)];
  savepointsOf(directory, days);
  const dry = await maintained(directory, { dryRun: true });
  expect([dry.savepointsExpired, list(directory).length]).toEqual([6, days.length]);
  expect((await maintained(directory)).savepointsExpired).toBe(6);
  expect(
    list(directory)
      .map(Number)
      .sort((a, b) => a - b),
  ).toEqual(days.slice(0, 10));
  fsck(directory);
});

test("young savepoints stay, however many they are, packed or loose", async () => {
  const directory = looseHistory({ commits: 3 });
  savepointsOf(
    directory,
    Array.from({ length: 25 }, (_, at) => at),
  );
  git(directory, "pack-refs", "--all");
  expect((await maintained(directory)).savepointsExpired).toBe(0);
  expect(list(directory).length).toBe(25);
});

test("a savepoint that can not be read stays", async () => {
  const directory = looseHistory({ commits: 3 });
  savepointsOf(
    directory,
    Array.from({ length: 11 }, (_, at) => 100 + at),
  );
  git(directory, "update-ref", "refs/lull/savepoints/odd", git(directory, "rev-parse", "HEAD^{tree}"));
  expect((await maintained(directory)).savepointsExpired).toBe(2);
  expect(list(directory)).toContain("odd");
});

test("many loose ones are packed, beside the refs that git has packed, and go from there, too", async () => {
  const directory = looseHistory({ commits: 3 });
  git(directory, "tag", "-a", "v1", "-m", "one");
  git(directory, "pack-refs", "--all");
  savepointsOf(
    directory,
    Array.from({ length: 90 }, (_, at) => at + 0.5),
  );
  git(directory, "pack-refs", "--all");
  // Half of them are loose again; 60 are older than the retention.
  savepointsOf(
    directory,
    Array.from({ length: 45 }, (_, at) => 2 * at + 0.25),
  );
  expect((await maintained(directory)).savepointsExpired).toBe(60 + 30);
  expect(list(directory)).toHaveLength(30 + 15);
  savepointsOf(
    directory,
    Array.from({ length: 60 }, (_, at) => at / 10),
  );
  expect((await maintained(directory)).savepointsExpired).toBe(0);
  const loose = readdirSync(`${directory}/.git/refs/lull/savepoints`);
  expect(loose).toEqual([]);
  const packed = readFileSync(`${directory}/.git/packed-refs`, "utf8");
  expect(packed).toStartWith("# pack-refs with: peeled fully-peeled sorted");
  const names = packed.split("\n").flatMap((line) => (/^[0-9a-f]{40} (.*)/.exec(line) ?? []).slice(1));
  expect(names).toEqual([...names].sort());
  expect(git(directory, "rev-parse", "v1^{}")).toBe(git(directory, "rev-parse", "HEAD"));
  fsck(directory);
  git(directory, "pack-refs", "--all");
  expect(git(directory, "for-each-ref", "refs/lull").split("\n").length).toBe(names.length - 2);
});
