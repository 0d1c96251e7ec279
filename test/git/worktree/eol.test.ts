import { describe, expect, test } from "bun:test";
import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { openAttributes } from "../../../src/git/worktree/attributes.ts";
import { createConversion, workTreeConversion } from "../../../src/git/worktree/conversion.ts";
import { readIndex } from "../../../src/git/worktree/index-file.ts";
import { ruleText } from "../../../src/git/worktree/rule-file.ts";
import { DEFAULT_SETTINGS } from "../../../src/git/worktree/settings.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { changes, committed, put, stageAll } from "./work-tree.ts";
import type { WorkTreeInput } from "../../../src/git/worktree/conversion.ts";
import type { WorkTreeSettings } from "../../../src/git/worktree/settings.ts";

const CONTENTS = {
  lf: "one\ntwo\n",
  crlf: "one\r\ntwo\r\n",
  mixed: "one\r\ntwo\n",
  lonecr: "one\rtwo\r\nthree\n",
  crcrlf: "one\r\r\ntwo\n",
  nul: "one\r\n\0two\n",
  control: "\x01\x02\r\nthree\n",
  fewcontrol: `${"x".repeat(300)}\x01\r\ny\n`,
  ctrlz: "one\r\ntwo\n\x1a",
  escape: "\x1b[1m\f\b\t\r\n",
  empty: "",
  noend: "one\r\ntwo",
  onlycr: "\r",
  onlycrlf: "\r\n",
  del: "a\x7f\r\n",
};
const ATTRIBUTES = [
  "",
  "text",
  "-text",
  "text=auto",
  "text=input",
  "eol=lf",
  "eol=crlf",
  "text eol=crlf",
  "text=auto eol=crlf",
  "text=auto eol=lf",
  "-text eol=crlf",
  "crlf",
  "-crlf",
  "crlf=input",
  "binary",
  "!text",
  "text=other",
];
const CONFIGS: Pick<WorkTreeSettings, "autocrlf" | "eol">[] = [
  { autocrlf: "false", eol: "lf" },
  { autocrlf: "false", eol: "crlf" },
  { autocrlf: "true", eol: "lf" },
  { autocrlf: "input", eol: "lf" },
];

function inputOf(root: string, settings: Partial<WorkTreeSettings> = {}): WorkTreeInput {
  const gitDirectory = join(root, ".git");
  return {
    root,
    gitDirectory,
    index: readIndex(gitDirectory),
    objects: new MemoryObjects(root),
    settings: { ...DEFAULT_SETTINGS, ...settings },
  };
}

describe("line ends", () => {
  test.each(CONFIGS)(
    "on the way in and out as git converts them, with %o",
    (config) => {
      const root = temporaryDirectory();
      git(root, "init", "-q");
      git(root, "config", "core.autocrlf", config.autocrlf);
      git(root, "config", "core.eol", config.eol);
      git(root, "config", "core.safecrlf", "false");
      const lines = ATTRIBUTES.map((attribute, at) => `k${at}/* ${attribute}`);
      put(root, ".gitattributes", `${lines.join("\n")}\n`);
      const paths = ATTRIBUTES.flatMap((_, at) => Object.keys(CONTENTS).map((name) => `k${at}/${name}`));
      const contentOf = (path: string): string => CONTENTS[path.split("/")[1] as keyof typeof CONTENTS];
      for (const path of paths) put(root, path, contentOf(path));
      git(root, "add", "-A");
      const expected = git(root, "ls-files", "-s");

      const conversion = workTreeConversion({
        ...inputOf(root, config),
        index: readIndex(temporaryDirectory()),
      });
      const objects = new MemoryObjects();
      const wrongIn = paths.filter((path) => {
        const oid = objects.write(
          "blob",
          conversion.toRepository(Buffer.from(contentOf(path), "latin1"), path),
        );
        return !expected.includes(`100644 ${oid} 0\t${path}`);
      });
      expect(wrongIn).toEqual([]);

      // Out: store every content as it is, then let git check it out.
      const stored = new Map(
        Object.entries(CONTENTS).map(([name, input]) => {
          const oid = gitRaw(root, ["hash-object", "-w", "--stdin", "--no-filters"], { input });
          return [name, oid.toString().trim()];
        }),
      );
      const entries = paths.map((path) => `100644 ${stored.get(path.split("/")[1] ?? "")}\t${path}\n`);
      gitRaw(root, ["update-index", "--index-info"], { input: entries.join("") });
      for (let at = 0; at < ATTRIBUTES.length; at++) rmSync(join(root, `k${at}`), { recursive: true });
      git(root, "checkout-index", "-fa");
      const wrongOut = paths.filter((path) => {
        const mine = conversion.toWorkTree(Buffer.from(contentOf(path), "latin1"), path);
        return !readFileSync(join(root, path)).equals(Buffer.from(mine));
      });
      expect(wrongOut).toEqual([]);
      // In again: what the index holds decides under auto.
      const seen = workTreeConversion(inputOf(root, config));
      for (const path of paths) put(root, path, `${contentOf(path)}more\r\n`);
      const again = paths.map((path) =>
        objects.write("blob", seen.toRepository(Buffer.from(`${contentOf(path)}more\r\n`), path)),
      );
      git(root, "add", "-A");
      const lists = git(root, "ls-files", "-s");
      expect(paths.filter((path, at) => !lists.includes(`${again[at]} 0\t${path}`))).toEqual([]);
    },
    60_000,
  );

  test("a scan sees through converted line ends, and staging stores them as git does", () => {
    const root = committed({ ".gitattributes": "* text=auto\n", a: "1\n2\n", b: "1\n" });
    put(root, "a", "1\r\n2\r\n");
    put(root, "b", "1\r\n2\r\n");
    expect(changes(root)).toEqual(["modified b"]);
    stageAll(root);
    expect(gitRaw(root, ["show", ":b"]).toString()).toBe("1\n2\n");
    expect(git(root, "status", "--porcelain")).toBe("M  b");
  });
});

describe("attributes", () => {
  const WORDS = [
    "text",
    "-text",
    "text=auto",
    "eol=crlf",
    "!text",
    "!eol",
    "binary",
    "mine",
    "-mine",
    "filter=x",
    "merge=union",
    "-merge",
    "bad/name",
    "diff=a=b",
    "other",
  ];
  const PATTERNS = [
    "*",
    "*.a",
    "a",
    "/a",
    "d/*",
    "d/**",
    "**/b",
    "b.?",
    "d/",
    "[ab]*",
    '"a"',
    '"a\\tb"',
    '"\\303\\251"',
    "\xc3\xa9",
    "!a",
    "#a",
    "[attr]mine",
    "A",
  ];
  const PATHS = ["a", "b", "x.a", "b.a", "d/a", "d/b", "d/e/a", "d/e/b.a", "a\tb", "\xc3\xa9", "A"];

  test("agree with git check-attr on random files", () => {
    const seed = Number(process.env["SEED"] ?? 3);
    const root = temporaryDirectory();
    git(root, "init", "-q");
    for (let round = 0; round < Number(process.env["ROUNDS"] ?? 120); round++) {
      const random = seededRandom(seed + round);
      const text = (): string =>
        Array.from({ length: random.below(6) }, () => {
          const words = Array.from({ length: random.below(4) }, () => random.pick(WORDS));
          return `${random.pick(["", " "])}${random.pick(PATTERNS)} ${words.join(random.pick([" ", "\t"]))}${random.pick(["", "\r", " "])}`;
        }).join("\n");
      const files = [
        ".gitattributes",
        "d/.gitattributes",
        "d/e/.gitattributes",
        ".git/info/attributes",
        ".git/personal",
      ];
      for (const file of files) put(root, file, `${random.chance(0.2) ? "\xef\xbb\xbf" : ""}${text()}\n`);
      const ignoreCase = random.chance(0.3);
      const settings = { attributesFile: join(root, ".git/personal"), ignoreCase };
      const { attributes } = workTreeConversion(inputOf(root, settings));
      const input = Buffer.from(PATHS.map((path) => `${path}\0`).join(""), "latin1");
      const options = ["-c", "core.attributesFile=.git/personal", "-c", `core.ignoreCase=${ignoreCase}`];
      const output = gitRaw(root, [...options, "check-attr", "-z", "--stdin", "-a"], { input });
      const fields = output.toString("latin1").split("\0");
      const expected: string[] = [];
      for (let at = 0; at + 2 < fields.length; at += 3) expected.push(fields.slice(at, at + 3).join(" "));
      const states = new Map<boolean | string, string>([
        [true, "set"],
        [false, "unset"],
      ]);
      const found = PATHS.flatMap((path) =>
        [...attributes.of(path)].map(
          ([name, state]) => `${path} ${name} ${states.get(state) ?? String(state)}`,
        ),
      );
      expect({ seed: seed + round, found: found.sort() }).toEqual({
        seed: seed + round,
        found: expected.sort(),
      });
      for (const name of ["text", "eol", "filter", "binary", "mine"]) {
        const some = attributes.only([name]);
        for (const path of PATHS) expect(some.of(path).get(name)).toEqual(attributes.of(path).get(name));
      }
    }
  }, 60_000);

  test("come from the index where the file is missing or is a link", () => {
    const root = committed({ ".gitattributes": "*.x text eol=crlf\n", "d/.gitattributes": "*.y -text\n" });
    rmSync(join(root, ".gitattributes"));
    rmSync(join(root, "d/.gitattributes"));
    symlinkSync("elsewhere", join(root, ".gitattributes"));
    const { attributes } = workTreeConversion(inputOf(root));
    expect(attributes.of("a.x").get("eol")).toBe("crlf");
    expect(attributes.of("d/a.y").get("text")).toBe(false);
    expect(attributes.only(["eol"]).of("a.x").get("eol")).toBe("crlf");
    expect(attributes.only(["filter"]).of("a.x").size).toBe(0);
  });

  test("overlong lines are left out, as git leaves them out", () => {
    const long = `${"a".repeat(2100)} text\n`;
    const attributes = openAttributes({
      gitDirectory: "/nonexistent",
      attributesFile: undefined,
      ignoreCase: false,
      read: () => ruleText(Buffer.from(`${long}"open text\n"bad\\q" text\nb\0x text\nc text\n`)),
    });
    expect(attributes.of("a".repeat(2100)).size).toBe(0);
    expect(attributes.of("c").get("text")).toBe(true);
    expect(attributes.of('"open').get("text")).toBe(true);
    const conversion = createConversion({ attributes, settings: DEFAULT_SETTINGS, stored: () => undefined });
    expect(conversion.rule("c")).toEqual({ kind: "text", output: "lf" });
  });
});
