import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createGitConfig, parseInteger } from "../../../src/git/repository-config/git-config.ts";
import { parseConfig } from "../../../src/git/repository-config/parse-config.ts";
import { gitEnvironment, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

const directory = temporaryDirectory();

/** What git reads: `key\nvalue` items, or undefined when git refuses the file. */
function gitReads(text: string): string[] | undefined {
  const file = join(directory, "config");
  writeFileSync(file, Buffer.from(text, "latin1"));
  const result = spawnSync("git", ["config", "--list", "-z", "--file", file], { env: gitEnvironment() });
  if (result.status !== 0) return undefined;
  return result.stdout.toString("utf8").split("\0").slice(0, -1);
}

function weRead(text: string): string[] | undefined {
  try {
    return parseConfig(text, "config").entries.map(({ section, subsection, name, value }) => {
      const key = [section, ...(subsection === undefined ? [] : [subsection]), name].join(".");
      return value === undefined ? key : `${key}\n${value}`;
    });
  } catch {
    return undefined;
  }
}

const SAMPLES: readonly string[] = [
  "",
  "[core]\n\tbare = true\n",
  "[CORE]\n\tFileMode = true\n[core]bare=false ; no\n",
  "[core] bare\n",
  "[core]\n bare=\n",
  "\xef\xbb\xbf[a]\nb=c\n",
  "[a]\r\nb = c\r\nd = e\r\n",
  '[remote "Or.IG\\"in\\\\x"]\nurl = x\n',
  '[remote   "a b"]\nurl=x',
  "[Branch.Main.X]\nmerge = y\n",
  '[a]\nb = " x "  y # c\n',
  '[a]\nb = "x;#" ; c\n',
  "[a]\nb = one \\\n  two \\\nthree\n",
  '[a]\nb = "one \\\n  two"\n',
  '[a]\nb = \\t\\n\\b\\\\\\"\n',
  "[a]\nb = c\\\r\nd\n",
  "[a] # comment\n; other\nb = c#d\n",
  "[a]\nb-9 = c\n",
  "[a]\nb = \xc3\xa9\n",
  '[a]\nb = ""  \n',
  "[a]\nb = x   \n",
  '[a "b"] c = d\n[a "b"]\ne=f\n[a]\ng=h',
  "[a]\nb = c [x]\n",
  // What git refuses.
  "[a\nb = c\n",
  "[]\nb=c\n",
  '[a "b]\nc=d\n',
  '[a "b"x]\nc=d\n',
  '[a"b"]\nc=d\n',
  "[a]\n9b = c\n",
  "[a]\nb_c = d\n",
  "[a]\nb c\n",
  "[a]\nb = \\q\n",
  '[a]\nb = "x\n',
  "[a]\nb = x\\",
  "[a_b]\nc = d\n",
  "= x\n",
  "[a]\nb # comment\n",
];

describe("git config syntax", () => {
  test.each(SAMPLES.map((sample) => [sample]))("reads %j as git does", (sample) => {
    expect(weRead(sample)).toEqual(gitReads(sample));
  });

  test("agrees with git on files made of random pieces", () => {
    const pieces = [
      "[a]",
      '[a "b"]',
      "\n",
      "\n",
      "k",
      "=",
      " ",
      "v",
      '"',
      "\\",
      "\\n",
      "\\\n",
      ";",
      "#",
      "x = y\n",
      "\r\n",
      "[",
      "]",
      ".",
      "-",
    ];
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return Math.floor((seed / 2 ** 31) * below);
    };
    let accepted = 0;
    for (let round = 0; round < 400; round++) {
      let text = "[s]\n";
      for (let length = random(12); length >= 0; length--) text += pieces[random(pieces.length)] ?? "";
      const git = gitReads(text);
      expect([text, weRead(text)]).toEqual([text, git]);
      if (git !== undefined) accepted++;
    }
    expect(accepted).toBeGreaterThan(60);
    expect(accepted).toBeLessThan(380);
  });

  test("names file and line of a mistake", () => {
    const error = thrown(() => parseConfig("[a]\nb = c\nd = \\q\n", "/x/config"));
    expect(error.kind).toBe("config");
    expect(error.message).toBe("bad git config line 3 in /x/config");
    expect(error.data).toEqual({ file: "/x/config", line: 3 });
  });

  test("refuses an entry outside any section", () => {
    expect(thrown(() => parseConfig("b = c\n", "x")).code).toBe("GIT_CONFIG_INVALID");
  });
});

describe("git config values", () => {
  const config = (text: string) =>
    createGitConfig(
      parseConfig(text, "f").entries.map((entry) => ({ ...entry, scope: "local" as const, file: "f" })),
      "/home/me",
    );

  test.each([
    ["true", true],
    ["YES", true],
    ["on", true],
    ["1", true],
    ["-2", true],
    ["0x10", true],
    ["1k", true],
    ["false", false],
    ["No", false],
    ["off", false],
    ["0", false],
    ["", false],
    ["00", false],
    ["maybe", undefined],
    ["1z", undefined],
    ["2 ", true],
  ])("take %j as the boolean that git takes it for", (value, expected) => {
    const text = `[a]\nb = ${value}\n`;
    const file = join(directory, "bool");
    writeFileSync(file, text);
    const git = spawnSync("git", ["config", "--file", file, "--type=bool", "a.b"], { env: gitEnvironment() });
    expect(git.status === 0 ? git.stdout.toString().trim() === "true" : undefined).toBe(expected);
    if (expected === undefined)
      expect(thrown(() => config(text).boolean("a.b")).code).toBe("GIT_CONFIG_INVALID");
    else expect(config(text).boolean("a.b")).toBe(expected);
  });

  test.each([
    "0",
    "12",
    "-3",
    "1k",
    "2M",
    "3g",
    "0x1F",
    "017",
    "+5",
    "k",
    "1.5",
    "09",
    "1kk",
    "9007199254740993",
  ])("take %j as the number that git takes it for", (value) => {
    const file = join(directory, "int");
    writeFileSync(file, `[a]\nb = ${value}\n`);
    const git = spawnSync("git", ["config", "--file", file, "--type=int", "a.b"], { env: gitEnvironment() });
    const expected = git.status === 0 ? Number(git.stdout.toString()) : undefined;
    // Beyond 2^53 there is no exact number to give.
    expect(parseInteger(value)).toBe(Number.isSafeInteger(expected) ? expected : undefined);
  });

  test("are found without regard to case, except the subsection's; the last one wins", () => {
    const read = config(
      '[Core]\nFileMode = false\nx\n[core]\nfilemode = true\n[remote "A.b"]\nURL = 1\nurl = 2\n',
    );
    expect(read.get("core.FILEMODE")).toBe("true");
    expect(read.boolean("CORE.filemode")).toBe(true);
    expect(read.get("core.x")).toBe("");
    expect(read.boolean("core.x")).toBe(true);
    expect(read.getAll("remote.A.b.url")).toEqual(["1", "2"]);
    expect(read.get("remote.a.b.url")).toBeUndefined();
    expect(read.subsections("Remote")).toEqual(["A.b"]);
    expect(read.boolean("no.key")).toBeUndefined();
  });

  test("that are paths know the home folder", () => {
    const read = config("[a]\nb = ~/x\nc = /y\nd = ~me/z\ne = 12k\nf = x\n");
    expect([read.path("a.b"), read.path("a.c"), read.path("a.d")]).toEqual(["/home/me/x", "/y", "~me/z"]);
    expect(read.integer("a.e")).toBe(12288);
    expect(thrown(() => read.integer("a.f")).message).toContain('a.f in f is no number: "x"');
  });
});
