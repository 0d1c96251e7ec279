/**
 * Random indexes, written by system git and read here, and the other way round. `LULL_TEST_CASES=2000` runs the long
 * form, `LULL_TEST_SEED` repeats one.
 */
import { beforeAll, expect, test } from "bun:test";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { MODE } from "../../../src/git/model.ts";
import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import type { IndexTable } from "../../../src/git/worktree/index-table.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

const CASES = Number(process.env["LULL_TEST_CASES"] ?? 25);
const MODES = [MODE.file, MODE.executable, MODE.symlink, MODE.submodule] as const;
/** Bytes of names, as latin1: those that git quotes, cuts or sorts in its own way are frequent. */
const LETTERS = [
  "a",
  "b",
  "B",
  "-",
  ".",
  "0",
  " ",
  "\t",
  "\n",
  '"',
  "\\",
  "\x01",
  "\x7f",
  "\xc3\xa9",
  "\xff",
];

let root: string;

beforeAll(() => {
  root = temporaryDirectory();
  git(root, "init", "-q");
});

test(`${CASES} random indexes are the same to git and to lull, in every version`, () => {
  const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`index round trip: LULL_TEST_SEED=${seed} LULL_TEST_CASES=${CASES}`);
  const random = seededRandom(seed);
  const versions = new Map<number, number>();
  for (let round = 0; round < CASES; round++) {
    const version = writeRandomIndex(random);
    versions.set(version, (versions.get(version) ?? 0) + 1);
    const place = `case ${round} of seed ${seed}`;
    const before = whatGitSees();
    expect([place, whatLullSees(readIndex(gitDirectory()))]).toEqual([place, before]);
    const kept = keep("index", "before");
    rewrite();
    // git reads what was written as it read its own: names, versions, flags and stat data.
    expect([place, whatGitSees()]).toEqual([place, before]);
    expect([place, gitsTree()]).toEqual([place, treeOf(kept)]);
  }
  expect([...versions.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4]);
}, 3_600_000);

function gitDirectory(): string {
  return join(root, ".git");
}

function keep(from: string, to: string): string {
  copyFileSync(join(gitDirectory(), from), join(gitDirectory(), to));
  return join(gitDirectory(), to);
}

/** Returns the version of the file that git wrote. */
function writeRandomIndex(random: Random): number {
  writeFileSync(join(gitDirectory(), "index"), "");
  git(root, "read-tree", "--empty");
  const names = randomNames(random);
  const lines = names.map((name) => `${random.pick(MODES).toString(8)} ${randomOid(random)} 0\t${name}\0`);
  gitRaw(root, ["update-index", "-z", "--index-info"], { input: Buffer.from(lines.join(""), "latin1") });
  if (random.chance(0.3)) tryTree();
  flag(random, names, "--assume-unchanged");
  if (random.chance(0.5)) flag(random, names, "--skip-worktree");
  git(root, "update-index", `--index-version=${random.pick([2, 4])}`);
  if (random.chance(0.3)) git(root, "-c", "index.threads=4", "update-index", "--force-write-index");
  return readFileSync(join(gitDirectory(), "index")).readUInt32BE(4);
}

/** Fills the cached trees, where no name forbids it. */
function tryTree(): void {
  git(root, "write-tree", "--missing-ok");
}

function randomNames(random: Random): readonly string[] {
  const names = new Set<string>();
  for (let count = random.below(25); count > 0; count--) {
    const parts = Array.from({ length: 1 + random.below(4) }, () => randomPart(random));
    // Beyond 4095 bytes the length no longer fits into the flags of an entry.
    if (random.chance(0.04))
      parts.push(...Array.from({ length: 17 }, () => "l".repeat(241 + random.below(9))));
    names.add(parts.join("/"));
  }
  // A file and a folder of one name cannot both be in an index.
  return [...names].filter((name) => ![...names].some((other) => other.startsWith(`${name}/`)));
}

function randomPart(random: Random): string {
  const part = Array.from({ length: 1 + random.below(6) }, () => random.pick(LETTERS)).join("");
  return /^\.{1,2}$/.test(part) ? `${part}x` : part;
}

function randomOid(random: Random): string {
  return Array.from({ length: 40 }, () => random.below(16).toString(16)).join("");
}

function flag(random: Random, names: readonly string[], option: string): void {
  const chosen = names.filter(() => random.chance(0.2));
  const input = Buffer.from(chosen.map((name) => `${name}\0`).join(""), "latin1");
  if (chosen.length > 0) gitRaw(root, ["update-index", option, "-z", "--stdin"], { input });
}

/** `<flags> <mode> <oid>\t<name>` for each entry: flags in the letters of `ls-files -v`. */
function whatGitSees(): readonly string[] {
  const staged = gitRaw(root, ["ls-files", "-s", "-v", "-z"]).toString("latin1").split("\0").slice(0, -1);
  return staged.map((line) => line.replace(/^(\S) (\d+ \w+) 0\t/, "$1 $2\t"));
}

function whatLullSees(index: IndexTable): readonly string[] {
  return Array.from({ length: index.count }, (_, at) => {
    const letter = index.isSkipWorktree(at) ? "S" : "H";
    const { mode, oid } = index.versionAt(at);
    const shown = index.isAssumeValid(at) ? letter.toLowerCase() : letter;
    return `${shown} ${mode.toString(8)} ${oid}\t${index.pathAt(at)}`;
  });
}

function rewrite(): void {
  using lock = lockIndex(gitDirectory());
  lock.write(lock.index);
}

function gitsTree(): string {
  return git(root, "write-tree", "--missing-ok");
}

function treeOf(index: string): string {
  return gitRaw(root, ["write-tree", "--missing-ok"], { env: { GIT_INDEX_FILE: index } })
    .toString("latin1")
    .trim();
}
