/** What no person writes: the config is refused with a `LullError`, soon, and without its secrets. */
import { describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { addSource, getValue, setValue } from "../../src/config/edit-text.ts";
import { loadConfig, resolveText } from "../../src/config/load.ts";
import { checkedText } from "../../src/config/read-text.ts";
import { caseCount, figure, isLong, seed, seeded } from "../faults/options.ts";
import type { Random } from "../helpers/random.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const INPUT = { home: "/home/me", device: "laptop" };
const MEGABYTE = 1_000_000;

const EXAMPLE = `version: 1
device: work-laptop
defaults:
  schedule: every 6h
  when: { network: unmetered, idle: 5m, power: "battery >= 30%", load: 0.8, max_defer: 12h }
  conflicts: { "*.md": union, "**": keep-both }
sources:
  dotfiles:
    repo: ~/dotfiles
    remote: git@example.com:me/dotfiles.git
    schedule: { cron: "*/30 * * * *", timezone: Europe/Rome, jitter: 2m, catch_up: true }
    watch: { quiet: 5s, max_wait: 60s }
  settings:
    settings: {}
    apps: [git, zsh]
    files: [ ~/.config/foo/*.toml, { path: ~/.ssh/config, encrypt: true } ]
notify: { level: problems, desktop: true }
daemon: { concurrency: 3, bandwidth: { upload: 1MB/s }, retention: { history: 90d } }
`;

/** Each grows without end; the limit on size cuts it at a megabyte. */
const GROWING: Readonly<Record<string, string>> = {
  "closing brackets": "]",
  commas: "[,",
  "quoted words": '""',
  "lines of quotes": '""\n',
  "unknown tags": "- !x y\n",
  directives: "%x\n",
  documents: "---\n",
  "block texts": "- |\n",
  dashes: "- ",
  "empty entries": "-\n",
  "question marks": "? ",
  "opened maps": "{a: ",
  "half lines": "a:\n b\n",
  aliases: "- *a\n",
  "line breaks": "\n",
};

const ROUNDS = caseCount(400, 10_000);
const EDITS = ROUNDS / 2;

/** The limit on tokens cuts most of them far below a megabyte; the whole one is for the long run. */
const LENGTH = isLong ? MEGABYTE : MEGABYTE / 4;

describe("nonsense without end", () => {
  for (const [name, piece] of Object.entries(GROWING)) {
    test(`is refused: ${name}`, () => {
      expect(outcome(piece.repeat(LENGTH / piece.length))).toBe("CONFIG_INVALID");
    });
  }

  test("in one list, in keys of one map, or in one text is refused with a short message", () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `key${index}: 1`).join("\n");
    for (const text of [`[${"a,".repeat(480_000)}]`, keys, `device: [${"x".repeat(900_000)}]`]) {
      const error = refusal(text);
      expect(error.code).toBe("CONFIG_INVALID");
      expect(error.message.length + error.causes.join("").length).toBeLessThan(3000);
    }
  });
});

test("mutated configs load or are refused, and nothing else happens", () => {
  const random = seeded();
  const outcomes = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    outcomes.add(outcome(mutated(EXAMPLE, random), `seed ${seed} round ${round}`));
  }
  expect([...outcomes].sort()).toEqual(["CONFIG_INVALID", "loaded"]);
  figure("fuzzed configs", `${ROUNDS} read: loaded or refused`);
}, 600_000);

test("an edit of a mutated config is refused or keeps everything else", () => {
  const random = seeded(1);
  const outcomes = new Set<string>();
  for (let round = 0; round < EDITS; round++) {
    const text = mutated(EXAMPLE, random);
    try {
      const after = addSource(setValue(text, ["daemon", "concurrency"], 7), "added", { repo: "/srv/added" });
      expect(getValue(after, ["daemon", "concurrency"])).toBe(7);
      expect(getValue(after, ["sources", "added"])).toEqual({ repo: "/srv/added" });
      outcomes.add("edited");
    } catch (error) {
      if (!(error instanceof LullError))
        throw new Error(`seed ${seed} round ${round}\n${text}`, { cause: error });
      outcomes.add(error.code);
    }
  }
  expect([...outcomes].sort()).toEqual(["CONFIG_NOT_EDITABLE", "edited"]);
  figure("fuzzed configs", `${EDITS} edited: refused, or everything else kept`);
}, 600_000);

test("a second document and a change of YAML's version are refused, not ignored", () => {
  expect(refusal("version: 1\n---\nversion: 1\n").message).toContain(
    "config.yaml:2:1: the file holds a second document",
  );
  expect(refusal("%YAML 1.1\n---\nversion: 1\n").message).toContain("directives");
});

test("a key that stands twice is shown where it stands again", () => {
  expect(refusal("version: 1\ndevice: a\ndevice: b\n").message).toContain("config.yaml:3:1");
});

test("a password that begins with a star is taken for an alias and does not show in the message", () => {
  const error = refusal("device: *hunter2\n");
  expect(error.message).not.toContain("hunter2");
});

test("folders in one another are refused with both lines, whatever kind the sources are and also below the root", () => {
  const nested = (outer: string, inner: string): string =>
    refusal(`sources:\n  a: { ${outer} }\n  b: { ${inner} }\n`).message;
  expect(nested("repo: ~/x", "repo: ~/x/y")).toContain(
    'config.yaml:3:14: `/home/me/x/y` lies in the folder of the source "a" (line 2)',
  );
  expect(nested("repo: /home/me/x/", "repo: ~/x")).toContain("is the folder of");
  expect(nested("discover: ~/code", "repo: ~/code/z")).toContain("lies in");
  expect(nested("repo: /", "repo: ~/x")).toContain("lies in");
  expect(outcome("sources:\n  a: { repo: ~/x }\n  b: { repo: ~/xy }\n")).toBe("loaded");
});

test("a file of 50 MB is refused by its size", () => {
  const file = join(temporaryDirectory(), "config.yaml");
  writeFileSync(file, "version: 1\n");
  truncateSync(file, 50 * MEGABYTE);
  expect(() => loadConfig(file, INPUT)).toThrow("more than 1048576 are not read");
});

function outcome(text: string, name = ""): string {
  try {
    load(text);
    return "loaded";
  } catch (error) {
    if (error instanceof LullError && !error.message.startsWith("0 mistakes")) return error.code;
    throw new Error(`${name}: no proper refusal of\n${text.slice(0, 2000)}`, { cause: error });
  }
}

function refusal(text: string): LullError {
  try {
    load(text);
  } catch (error) {
    if (error instanceof LullError) return error;
    throw error;
  }
  throw new Error("it loaded");
}

function load(text: string): void {
  resolveText(checkedText(Buffer.from(text), "/h/config.yaml"), "/h/config.yaml", INPUT);
}

const PIECES = [
  "\0",
  "\t",
  "\n",
  "  ",
  "- ",
  "? ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "&a ",
  "*a",
  "!!str ",
  "---\n",
  "%",
  "|",
  ">",
  '"',
  "'",
  "#",
  "__proto__: ",
  "constructor: ",
  "null",
  "1e999",
  "\uFEFF",
  "\u2028",
  "é",
  "日本",
  "<<: ",
];

/** One to five slips: a piece put in, a stretch cut out, doubled or moved, a byte changed. */
function mutated(text: string, random: Random): string {
  let result = text;
  for (let slips = 1 + random.below(5); slips > 0; slips--) {
    const at = random.below(result.length + 1);
    const end = Math.min(result.length, at + random.below(40));
    const [before, middle, after] = [result.slice(0, at), result.slice(at, end), result.slice(end)];
    result = random.pick([
      () => before + random.pick(PIECES) + middle + after,
      () => before + after,
      () => before + middle + middle + after,
      () => after + middle + before,
      () => before + String.fromCharCode(random.below(256)) + result.slice(at + 1),
    ])();
  }
  return result;
}
