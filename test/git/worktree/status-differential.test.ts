/** Random work trees with random ignore rules at every level: what git's status says about each path, lull's scan says too. */
import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Random, seededRandom } from "../../helpers/random.ts";
import { git, gitRaw } from "../../helpers/system-git.ts";
import { committed, fsPath, put, scan } from "./work-tree.ts";

/** Work trees; each has some 600 paths and is asked about in two calls of git. */
const CASES = Number(process.env["LULL_TEST_CASES"] ?? 6);
/** Folders with rules of their own in each work tree. */
const CORNERS = 40;

const NAMES = [
  "a",
  "b",
  "ab",
  "a b",
  "a.log",
  "b.log",
  "x.tmp",
  "build",
  "-",
  "[a",
  "#",
  "!",
  "a\\",
  "*",
  "\xe9",
  "a-b",
];
const PATTERNS = [
  "a b ab *.log *.tmp build/ /a /build a/b a/ * /* */ ** **/a a/** **/a/b a/**/b ? [ab] [!a] [a-b]* []a] [[:alpha:]]",
  "[[:upper:]]* a*b *b \\# \\! \\* a\\\\ [\\[]a \xe9 ?\\ [a *a* *.l?g A *.LOG BUILD/ #a / */*/a **/build/** a\\",
]
  .flatMap((line) => line.split(" "))
  .concat("", "a ", "a\\ b", "a b");

function randomRules(random: Random): string {
  const line = (): string => (random.chance(0.3) ? "!" : "") + random.pick(PATTERNS);
  const lines = Array.from({ length: 1 + random.below(5) }, line);
  return lines.join(random.chance(0.1) ? "\r\n" : "\n") + random.pick(["", "\n"]);
}

function randomPath(random: Random): string {
  return Array.from({ length: 1 + random.below(3) }, () => random.pick(NAMES)).join("/");
}

/** Puts something at random places; where something else is in the way, nothing. */
function fill(root: string, random: Random, count: number): void {
  for (let made = 0; made < count; made++) {
    const path = `corner-${random.below(CORNERS)}/${randomPath(random)}`;
    try {
      const kind = random.below(12);
      if (kind === 0) rmSync(fsPath(root, path), { recursive: true });
      else if (kind === 1) rmSync(fsPath(root, dirname(path)), { recursive: true });
      else if (kind === 2) {
        mkdirSync(fsPath(root, dirname(path)), { recursive: true });
        // Never to a link: of what lies behind a loop git only says that it can not be looked at.
        symlinkSync(random.pick(["nowhere", ".."]), fsPath(root, path));
      } else if (kind === 3) chmodSync(fsPath(root, path), 0o755);
      else if (kind === 4) put(root, `${dirname(path)}/.gitignore`, randomRules(random));
      else put(root, path, `${random.below(3)}`);
    } catch {
      // A file is in a folder's place, or nothing is there.
    }
  }
}

/** Path → `?` untracked, or the letter of the change; ignored ones are not among them. */
function askGit(root: string, config: readonly string[]): Map<string, string> {
  const args = [...config, "status", "--porcelain", "-z", "-uall", "--no-renames"];
  const lines = gitRaw(root, args).toString("latin1").split("\0").slice(0, -1);
  return new Map(lines.filter((line) => line[1] !== " ").map((line) => [line.slice(3), line[1] ?? ""]));
}

const LETTERS = {
  added: "?",
  modified: "M",
  deleted: "D",
  "mode-changed": "M",
  "type-changed": "T",
} as const;

test("random work trees with rules at every level look to lull as they look to git", () => {
  const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  let paths = 0;
  for (let round = 0; round < CASES; round++) {
    const random = seededRandom(seed + round);
    const ignoreCase = random.chance(0.3);
    const root = committed({});
    const excludesFile = join(root, ".git/excludes");
    fill(root, random, 400);
    git(root, "add", "-A", "-f");
    fill(root, random, 400);
    put(root, ".gitignore", random.chance(0.5) ? randomRules(random) : "");
    put(root, ".git/info/exclude", random.chance(0.5) ? randomRules(random) : "");
    writeFileSync(excludesFile, random.chance(0.5) ? randomRules(random) : "", "latin1");
    const config = ["-c", `core.excludesFile=${excludesFile}`, "-c", `core.ignoreCase=${ignoreCase}`];
    const expected = askGit(root, config);
    const found = scan(root, { ignoreCase, excludesFile });
    expect(found.skipped).toEqual([]);
    const told = new Map(found.changes.map(({ path, kind }): [string, string] => [path, LETTERS[kind]]));
    const wrong = [...new Set([...expected.keys(), ...told.keys()])]
      .filter((path) => expected.get(path) !== told.get(path))
      .map((path) => ({ path, git: expected.get(path), lull: told.get(path) }));
    expect({ seed: seed + round, ignoreCase, wrong }).toEqual({ seed: seed + round, ignoreCase, wrong: [] });
    paths += expected.size;
  }
  // A test that compares nothing would always pass.
  expect(paths).toBeGreaterThan(CASES * 50);
});
