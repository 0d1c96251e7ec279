import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  ignoreScope,
  isIgnored,
  outerIgnoreScope,
  outerRuleTexts,
} from "../../../src/git/worktree/ignore-rules.ts";
import { readRuleFile } from "../../../src/git/worktree/rule-file.ts";
import { wildmatch } from "../../../src/git/worktree/wildmatch.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import type { Random } from "../../helpers/random.ts";

type Rules = {
  /** Folder → text of its `.gitignore`. */
  readonly files: Readonly<Record<string, string>>;
  readonly exclude?: string;
  readonly excludesFile?: string;
};

const DIRECTORIES = ["a", "a/b", "a/b/c", "b", "b/a", "ab", "a b", "a.b", "A", "A/b"];

function repository(): string {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  for (const directory of DIRECTORIES) mkdirSync(join(root, directory), { recursive: true });
  return root;
}

function writeRules(root: string, rules: Rules): void {
  for (const directory of ["", ...DIRECTORIES]) {
    const file = join(root, directory, ".gitignore");
    rmSync(file, { force: true });
    const text = rules.files[directory];
    if (text !== undefined) writeFileSync(file, text, "latin1");
  }
  writeFileSync(join(root, ".git/info/exclude"), rules.exclude ?? "", "latin1");
  writeFileSync(join(root, ".git/excludes"), `matched\n${rules.excludesFile ?? ""}`, "latin1");
}

/** The paths that git calls ignored. One path always matches: git fails when none does. */
function askGit(root: string, paths: readonly string[], ignoreCase: boolean): Set<string> {
  const args = ["-c", "core.excludesFile=.git/excludes", "-c", `core.ignoreCase=${ignoreCase}`];
  const input = Buffer.from(["matched", ...paths].map((path) => `${path}\0`).join(""), "latin1");
  const command = [...args, "check-ignore", "-v", "-n", "--no-index", "--stdin", "-z"];
  const fields = gitRaw(root, command, { input }).toString("latin1").split("\0");
  const ignored = new Set<string>();
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [, , pattern = "", path = ""] = fields.slice(at, at + 4);
    if (pattern !== "" && !pattern.startsWith("!")) ignored.add(path);
  }
  return ignored;
}

/** Walks down to the path as a scan does. */
function askLull(root: string, path: string, ignoreCase: boolean): boolean {
  const files = { gitDirectory: join(root, ".git"), excludesFile: join(root, ".git/excludes") };
  let scope = outerIgnoreScope(outerRuleTexts(files), ignoreCase);
  const names = path.split("/");
  for (let depth = 0; depth < names.length; depth++) {
    const directory = names.slice(0, depth).join("/");
    const text = readRuleFile(join(root, directory, ".gitignore"), "refuse");
    scope = ignoreScope(scope, { directory, ignoreCase }, text);
    const at = names.slice(0, depth + 1).join("/");
    const isDirectory = depth < names.length - 1 || DIRECTORIES.includes(at);
    if (isIgnored(scope, at, isDirectory)) return true;
  }
  return false;
}

function compare(root: string, rules: Rules, paths: readonly string[], ignoreCase = false): void {
  writeRules(root, rules);
  const expected = askGit(root, paths, ignoreCase);
  const wrong = paths.filter((path) => askLull(root, path, ignoreCase) !== expected.has(path));
  expect({ rules, ignoreCase, wrong }).toEqual({ rules, ignoreCase, wrong: [] });
}

const PIECES = [
  ...Array.from("aabbcAB/**??.-/*"),
  "**",
  "**/",
  "/**",
  "/**/",
  "[ab]",
  "[!a]",
  "[^b]",
  "[a-c]",
  "[c-a]",
  "[]a]",
  "[!]a]",
  "[a-]",
  "[-a]",
  "[\\]a]",
  "[a\\-c]",
  "[[:alpha:]]",
  "[[:upper:]b]",
  "[![:space:]]",
  "[[:nope:]]",
  "[[:a]",
  "[:a:]",
  "[a",
  "[",
  "]",
  "\\",
  "\\*",
  "\\\\",
  "\\ ",
  " ",
  "!",
  "#",
  "\r",
  "\xe9",
  "[\xe0-\xff]",
];
const NAMES = [
  "a",
  "b",
  "c",
  "ab",
  "a b",
  "a.b",
  "A",
  "B",
  "Ab",
  "-",
  "]",
  "[a",
  "#",
  "!",
  "a ",
  "\xe9",
  "a\\",
  "*",
  "\r",
  "a-b",
];

function randomLine(random: Random): string {
  const negation = random.chance(0.2) ? "!" : "";
  const pieces = Array.from({ length: 1 + random.below(5) }, () => random.pick(PIECES));
  return negation + pieces.join("") + (random.chance(0.2) ? "/" : "");
}

function randomText(random: Random): string {
  const lines = Array.from({ length: 1 + random.below(4) }, () => randomLine(random));
  return lines.join(random.chance(0.1) ? "\r\n" : "\n") + random.pick(["", "\n", "\r\n"]);
}

function randomPath(random: Random): string {
  if (random.chance(0.2)) return random.pick(DIRECTORIES);
  const name = random.pick(NAMES);
  return random.chance(0.7) ? `${random.pick(DIRECTORIES)}/${name}` : name;
}

describe("ignore rules", () => {
  test("agree with git check-ignore on thousands of random patterns and paths", () => {
    const seed = Number(process.env["SEED"] ?? 20_260_101);
    const root = repository();
    for (let round = 0; round < Number(process.env["ROUNDS"] ?? 150); round++) {
      const random = seededRandom(seed + round);
      const files: Record<string, string> = { "": randomText(random) };
      for (const directory of ["a", "a/b", "A"])
        if (random.chance(0.3)) files[directory] = randomText(random);
      const rules = { files, exclude: randomText(random), excludesFile: randomText(random) };
      const paths = [...new Set(Array.from({ length: 40 }, () => randomPath(random)))];
      try {
        compare(root, rules, paths, random.chance(0.3));
      } catch (error) {
        throw new Error(`seed ${seed + round}: ${String(error)}`, { cause: error });
      }
    }
  });

  test.each([
    ["a negation brings a file back", "*.log\n!keep.log", ["x.log", "keep.log", "a/keep.log"]],
    ["nothing comes back below an excluded folder", "a/\n!a/keep", ["a", "a/keep", "a/b/keep"]],
    ["contents excluded with a star can come back", "a/*\n!a/keep", ["a/keep", "a/b/x", "a/x"]],
    ["a slash at the start anchors", "/a.txt", ["a.txt", "a/a.txt"]],
    ["a slash in the middle anchors", "a/b", ["a/b", "b/a/b", "ab/a/b"]],
    ["a slash at the end means folders", "b/", ["b", "a/b", "ab/b", "b/x"]],
    ["leading double stars match at any depth", "**/c", ["c", "a/c", "a/b/c"]],
    ["double stars in the middle match nothing too", "a/**/x", ["a/x", "a/b/x", "a/b/c/x", "b/x"]],
    ["trailing double stars match all inside", "a/**", ["a", "a/x", "a/b/c/x"]],
    ["trailing spaces do not count", "foo  \nbar\\ ", ["foo", "foo  ", "bar", "bar "]],
    ["an escaped backslash before a space", "foo\\\\ \nx\\  ", ["foo\\", "foo\\ ", "x ", "x"]],
    ["a byte order mark and CRLF", "\xef\xbb\xbffoo\r\nbar\r\n", ["foo", "bar", "\xef\xbb\xbffoo"]],
    ["comments and escaped signs", "#foo\n\\#foo\n\\!bar", ["#foo", "foo", "!bar", "bar"]],
    ["bytes beyond ASCII", "*.\xff\n[\xc0-\xcf]", ["x.\xff", "\xc3", "\xd3"]],
    ["a line cut by a NUL", "foo\0bar\n", ["foo", "foobar"]],
    ["empty patterns", "/\n!\n!/\n\r\n //\n", ["a", "x", " "]],
  ])("%s", (_, text, paths) => {
    compare(repository(), { files: { "": text } }, paths);
  });

  test("deeper files win over outer ones, info/exclude over core.excludesFile", () => {
    const rules = { files: { "": "x\n", a: "!x\n" }, exclude: "!y\nz\n", excludesFile: "y\n!z\nw\n" };
    compare(repository(), rules, ["x", "a/x", "a/b/x", "y", "z", "w", "b/w"]);
  });

  test("case counts unless core.ignoreCase is set", () => {
    const rules = { files: { "": "FOO\n/Bar/*.TXT\n[[:upper:]]x\n" } };
    for (const ignoreCase of [false, true]) {
      compare(repository(), rules, ["foo", "FOO", "bar/x.txt", "Bar/x.TXT", "ax", "Ax"], ignoreCase);
    }
  });

  test("a .gitignore that is a link, a FIFO or a folder counts as absent and does not hang", () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "rules"), "x\n");
    symlinkSync("rules", join(root, "link"));
    Bun.spawnSync(["mkfifo", join(root, "fifo")]);
    mkdirSync(join(root, "folder"));
    for (const name of ["link", "fifo", "folder", "nothing"]) {
      expect(readRuleFile(join(root, name), "refuse")).toBeUndefined();
    }
    expect(readRuleFile(join(root, "link"), "follow")).toBe("x\n");
  });

  test("a hostile pattern with many double stars ends at once", () => {
    const pattern = `${"**/a/".repeat(30)}b`;
    expect(wildmatch(pattern, "a/".repeat(200), { pathname: true, ignoreCase: false })).toBe(false);
    const stars = `${"*a".repeat(30)}b`;
    expect(wildmatch(stars, "a".repeat(1000), { pathname: false, ignoreCase: false })).toBe(false);
  });
});
