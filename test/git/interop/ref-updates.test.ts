/**
 * Random sequences of ref updates, in one repository by system git, in its twin by lull; both by turns, so that each
 * meets what the other wrote. `LULL_TEST_CASES=3000` runs the long form, `LULL_TEST_SEED` repeats one.
 */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { listRefs, readRef } from "../../../src/git/refs/ref-store.ts";
import { deleteRef, updateRef } from "../../../src/git/refs/update-ref.ts";
import { packNewRefs } from "../../../src/git/wire/pack-new-refs.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

const STEPS = Number(process.env["LULL_TEST_CASES"] ?? 120);
/** Few names, of which some need a folder where others are a file. */
const NAMES = ["a", "a/b", "a/b/c", "a/d", "b", "b/a", "c", "ä", "a.b", "a-b", "z/z/z/z", "z/z"].flatMap(
  (name) => [`refs/heads/${name}`, `refs/remotes/origin/${name}`],
);

test(`${STEPS} random ref updates end the same in git and in lull`, () => {
  const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`ref updates: LULL_TEST_SEED=${seed} LULL_TEST_CASES=${STEPS}`);
  const random = seededRandom(seed);
  const root = temporaryDirectory();
  git(root, "init", "-q");
  const commits = Array.from({ length: 4 }, (_, number) => {
    git(root, "commit", "-q", "--allow-empty", "-m", `${number}`);
    return git(root, "rev-parse", "HEAD");
  });
  git(root, "checkout", "-q", "--detach");
  git(root, "update-ref", "-d", "refs/heads/main");
  const twin = temporaryDirectory();
  git(root, "clone", "-q", "--bare", root, twin);
  let refused = 0;
  for (let step = 0; step < STEPS; step++) {
    const place = `step ${step} of seed ${seed}`;
    const change = randomChange(random, commits);
    const byGit = gitAccepts(twin, change);
    // Half of the changes of the other repository are git's as well, so that lull works on git's files.
    const accepted = random.chance(0.5) ? gitAccepts(root, change) : lullAccepts(join(root, ".git"), change);
    expect([place, change, accepted]).toEqual([place, change, byGit]);
    if (!byGit) refused++;
    if (random.chance(0.08))
      git(random.pick([root, twin]), "pack-refs", ...random.pick([["--all"], ["--all", "--no-prune"]]));
    const listed = gitList(twin);
    expect([place, gitList(root)]).toEqual([place, listed]);
    expect([place, ourList(join(root, ".git"))]).toEqual([place, listed]);
  }
  expect(refused).toBeGreaterThan(STEPS / 20);
  expect(refused).toBeLessThan(STEPS);
  fsck(root);
}, 3_600_000);

test("many refs that are written at once are those that git lists", () => {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  const commit = git(root, "rev-parse", "HEAD");
  git(root, "tag", "-a", "v1", "-m", "v1");
  git(root, "pack-refs", "--all");
  const names = Array.from(
    { length: 3000 },
    (_, number) => `refs/remotes/origin/topic/${number % 50}/${number}`,
  );
  packNewRefs(join(root, ".git"), new Map(names.map((name) => [name, commit])));
  expect(ourList(join(root, ".git"))).toEqual(gitList(root));
  for (const name of names.slice(0, 40)) git(root, "update-ref", name, commit);
  for (const name of names.slice(20, 60)) deleteRef(join(root, ".git"), name, commit);
  expect(ourList(join(root, ".git"))).toEqual(gitList(root));
  expect(listRefs(join(root, ".git"), "refs/remotes/").size).toBe(2960);
});

test("tags of a packed-refs without a header keep what they point to when refs are added", () => {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  git(root, "tag", "-a", "v1", "-m", "v1");
  const [commit, tag] = [git(root, "rev-parse", "HEAD"), git(root, "rev-parse", "v1")];
  git(root, "pack-refs", "--all");
  writeFileSync(join(root, ".git/packed-refs"), `${tag} refs/tags/v1\n${commit} refs/heads/main\n`);
  packNewRefs(join(root, ".git"), new Map([["refs/remotes/origin/main", commit]]));
  expect(git(root, "show-ref", "-d", "--tags").split("\n")).toEqual([
    `${tag} refs/tags/v1`,
    `${commit} refs/tags/v1^{}`,
  ]);
});

type Change = {
  readonly name: string;
  /** Undefined: must not exist. */
  readonly from: string | undefined;
  /** Undefined: delete. */
  readonly to: string | undefined;
};

/** Mostly changes that fit what is there, as both sides agree on it at every step. */
function randomChange(random: Random, commits: readonly string[]): Change {
  const name = random.pick(NAMES);
  const from = random.chance(0.5) ? undefined : random.pick(commits);
  return { name, from, to: from === undefined || random.chance(0.6) ? random.pick(commits) : undefined };
}

function gitAccepts(repository: string, { name, from, to }: Change): boolean {
  const line =
    to === undefined
      ? `delete ${name} ${from}`
      : from === undefined
        ? `create ${name} ${to}`
        : `update ${name} ${to} ${from}`;
  try {
    gitRaw(repository, ["update-ref", "--stdin"], { input: `${line}\n` });
    return true;
  } catch {
    return false;
  }
}

function lullAccepts(gitDirectory: string, { name, from, to }: Change): boolean {
  try {
    if (to !== undefined) updateRef(gitDirectory, { name, expected: from, next: to });
    else if (from !== undefined) deleteRef(gitDirectory, name, from);
    expect(readRef(gitDirectory, name)).toEqual(to === undefined ? undefined : { kind: "direct", oid: to });
    return true;
  } catch (error) {
    if (error instanceof LullError && /^REF_(?:CHANGED|NAME_CONFLICT)$/.test(error.code)) return false;
    throw error;
  }
}

function gitList(repository: string): readonly string[] {
  const printed = git(repository, "for-each-ref", "--format=%(refname) %(objectname)");
  return printed === "" ? [] : printed.split("\n");
}

function ourList(gitDirectory: string): readonly string[] {
  return [...listRefs(gitDirectory, "refs/")].map(([name, oid]) => `${name} ${oid}`);
}
