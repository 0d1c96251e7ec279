/** Edits change what they are to change; every other byte of the file stays the person's own. */
import { describe, expect, test } from "bun:test";

import {
  addSource,
  addSources,
  getValue,
  parseValue,
  removeSource,
  setValue,
  textOfSources,
} from "../../src/config/edit-text.ts";
import { seededRandom } from "../helpers/random.ts";
import { thrown } from "./problem-of.ts";

const COMMENTED = `# head

version: 1   # one

device:  "my laptop"   # odd  spacing
defaults:
    schedule:   'every 6h' # four spaces here

    when: { idle: 5m,   load: 0.8 }   # a flow map
    # last words on the defaults
# words on the sources
sources:
  # words on notes
  notes:
    repo: ~/notes
    message: >-
      folded
      text
    branches:
      - main   # first

      - "auto/*"
    # end of notes

  code: { repo: ~/code }   # short
  empty:
    repo: ~/empty
    enabled:   # to be decided
  last:
    repo: ~/last

# tail
daemon:
`;

/** Lines that only one of the two texts has, in order; what is kept is found by its longest common part. */
function difference(
  before: string,
  after: string,
): { readonly gone: readonly string[]; readonly added: readonly string[] } {
  const [old, now] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail))
    tail++;
  return { gone: old.slice(head, old.length - tail), added: now.slice(head, now.length - tail) };
}

const keys = (path: string): readonly string[] => path.split(".");

describe("setting a value changes its own line only:", () => {
  const CASES: readonly (readonly [string, unknown, readonly string[], readonly string[]])[] = [
    ["device", "desk", ['device:  "my laptop"   # odd  spacing'], ["device:  desk   # odd  spacing"]],
    [
      "defaults.schedule",
      "manual",
      ["    schedule:   'every 6h' # four spaces here"],
      ["    schedule:   manual # four spaces here"],
    ],
    [
      "defaults.when.load",
      1,
      ["    when: { idle: 5m,   load: 0.8 }   # a flow map"],
      ["    when: { idle: 5m,   load: 1 }   # a flow map"],
    ],
    [
      "defaults.when.power",
      "mains",
      ["    when: { idle: 5m,   load: 0.8 }   # a flow map"],
      ["    when: { idle: 5m,   load: 0.8, power: mains }   # a flow map"],
    ],
    ["defaults.message", "a: b # c", [], ['    message: "a: b # c"']],
    [
      "sources.notes.message",
      "short",
      ["    message: >-", "      folded", "      text"],
      ["    message: short"],
    ],
    [
      "sources.notes.branches",
      ["main"],
      ["    branches:", "      - main   # first", "", '      - "auto/*"'],
      ["    branches: [ main ]"],
    ],
    ["sources.notes.branches.1", "dev", ['      - "auto/*"'], ["      - dev"]],
    [
      "sources.code.remote",
      "/r",
      ["  code: { repo: ~/code }   # short"],
      ["  code: { repo: ~/code, remote: /r }   # short"],
    ],
    [
      "sources.empty.enabled",
      false,
      ["    enabled:   # to be decided"],
      ["    enabled: false   # to be decided"],
    ],
    ["daemon.api.port", 1, [], ["  api:", "    port: 1"]],
    ["transport.ssh", "system", [], ["transport:", "  ssh: system"]],
  ];
  for (const [path, value, gone, added] of CASES) {
    test(path, () => {
      const after = setValue(COMMENTED, keys(path), value);
      expect(difference(COMMENTED, after)).toEqual({ gone, added });
      expect(getValue(after, keys(path))).toEqual(value);
    });
  }
});

test("an added source stands behind the last one, and removing it gives the same bytes", () => {
  const added = addSource(COMMENTED, "new one", { repo: "~/new", schedule: "every 2h" });
  expect(difference(COMMENTED, added)).toEqual({
    gone: [],
    added: ["  new one:", "    repo: ~/new", "    schedule: every 2h"],
  });
  expect(removeSource(added, "new one")).toBe(COMMENTED);
});

test("removing a source takes its lines and no comment of its neighbours", () => {
  expect(difference(COMMENTED, removeSource(COMMENTED, "code"))).toEqual({
    gone: ["  code: { repo: ~/code }   # short"],
    added: [],
  });
  expect(difference(COMMENTED, removeSource(COMMENTED, "last"))).toEqual({
    gone: ["  last:", "    repo: ~/last"],
    added: [],
  });
});

test("any row of edits keeps every line that it did not have to change", () => {
  const seed = Number(process.env["SEED"] ?? 20_260_304);
  const rounds = Number(process.env["ROUNDS"] ?? 20);
  const random = seededRandom(seed);
  const comments = COMMENTED.match(/#.*/g) ?? [];
  for (let round = 0; round < rounds; round++) {
    const ending = random.pick(["\n", "\r\n"]);
    let text = COMMENTED.replaceAll("\n", ending);
    const names: string[] = [];
    for (let step = 0; step < 6; step++) {
      const before = text;
      const name = random.chance(0.4) ? names.pop() : undefined;
      if (name !== undefined) text = removeSource(text, name);
      else if (random.chance(0.5)) {
        names.push(`s${round}-${step}`);
        text = addSource(text, `s${round}-${step}`, {
          repo: `~/s${step}`,
          message: random.pick(["a: b", "# x", "{date}"]),
        });
      } else {
        const path = random.pick([
          "device",
          "sources.last.remote",
          "defaults.when.power",
          "daemon.concurrency",
          "sources.code.message",
        ]);
        const value = random.pick(["plain", "a: b", "- x", "#", "5", " lead"]);
        text = setValue(text, keys(path), value);
        expect(getValue(text, keys(path))).toBe(value);
      }
      const where = `seed ${seed} round ${round} step ${step}`;
      for (const comment of comments) expect([where, text.includes(comment)]).toEqual([where, true]);
      expect([where, difference(before, text).gone.length <= 3]).toEqual([where, true]);
      expect([where, text.replaceAll(ending, "").includes("\n")]).toEqual([where, false]);
    }
  }
}, 600_000);

describe("a first source finds its place:", () => {
  const entry = { repo: "~/x" };
  const CASES: readonly (readonly [string, string, string])[] = [
    ["an empty file", "", "sources:\n  a:\n    repo: ~/x\n"],
    ["a comment only", "# c\n", "# c\nsources:\n  a:\n    repo: ~/x\n"],
    ["no line break at the end", "version: 1", "version: 1\nsources:\n  a:\n    repo: ~/x\n"],
    ["{} with a comment", "sources: {} # c\n# d\n", "sources: # c\n  a:\n    repo: ~/x\n# d\n"],
    ["nothing behind the key", "sources:\ndevice: x\n", "sources:\n  a:\n    repo: ~/x\ndevice: x\n"],
    [
      "a one-line map",
      "sources: { b: { repo: ~/b } } # c\n",
      "sources: { b: { repo: ~/b }, a: { repo: ~/x } } # c\n",
    ],
    [
      "a map with a last comma",
      "sources: { b: { repo: ~/b }, }\n",
      "sources: { b: { repo: ~/b }, a: { repo: ~/x } }\n",
    ],
    ["a file in one line", '{"version": 1}\n', '{"version": 1, sources: { a: { repo: ~/x } }}\n'],
    ["an empty map as file", "{}\n", "{ sources: { a: { repo: ~/x } } }\n"],
    ["an empty key of a file in one line", "{ sources: }\n", "{ sources: { a: { repo: ~/x } } }\n"],
    ["{} in a file in one line", "{ sources: {} }\n", "{ sources: { a: { repo: ~/x } } }\n"],
    ["lines that end with CR LF", "version: 1\r\n", "version: 1\r\nsources:\r\n  a:\r\n    repo: ~/x\r\n"],
  ];
  for (const [name, before, after] of CASES) {
    test(name, () => expect(addSource(before, "a", entry).replace(", }", " }")).toBe(after));
  }
});

test("a list that would make a long line gets a line for each item, and a short one stays on one", () => {
  const files = [".bashrc", ".config/git/config", ".config/nvim/init.lua", ".ssh/config", ".zshrc"];
  const entry = {
    settings: {},
    apps: ["git", "zsh"],
    files: [...files.map((file) => `~/${file}`), { path: "~/.netrc", encrypt: true }],
  };
  expect(textOfSources([{ name: "a", entry }])).toBe(
    `sources:
  a:
    settings: {}
    apps: [ git, zsh ]
    files:
      - ~/.bashrc
      - ~/.config/git/config
      - ~/.config/nvim/init.lua
      - ~/.ssh/config
      - ~/.zshrc
      - { path: ~/.netrc, encrypt: true }
`,
  );
});

test("several sources are added at once, behind those that are there", () => {
  const added = addSources("sources:\n  old: { repo: /o }\n", [
    { name: "a", entry: { repo: "~/a" } },
    { name: "b", entry: { repo: "~/b" } },
  ]);
  expect(added).toBe("sources:\n  old: { repo: /o }\n  a:\n    repo: ~/a\n  b:\n    repo: ~/b\n");
});

describe("the last source leaves an empty map:", () => {
  const CASES: readonly (readonly [string, string, string])[] = [
    ["lines", "sources:\n  # c\n  a:\n    repo: ~/x\n# d\n", "sources: {}\n  # c\n# d\n"],
    ["a one-line map", "sources: { a: { repo: ~/x } } # c\n", "sources: {} # c\n"],
  ];
  for (const [name, before, after] of CASES) test(name, () => expect(removeSource(before, "a")).toBe(after));
});

test("a source goes out of a one-line map, first, between and last", () => {
  const text = "sources: { a: {repo: /a}, b: {repo: /b}, c: {repo: /c} } # d\n";
  expect(removeSource(text, "a")).toBe("sources: { b: {repo: /b}, c: {repo: /c} } # d\n");
  expect(removeSource(text, "b")).toBe("sources: { a: {repo: /a}, c: {repo: /c} } # d\n");
  expect(removeSource(text, "c")).toBe("sources: { a: {repo: /a}, b: {repo: /b} } # d\n");
  expect(removeSource("{sources: {a: {repo: /a},b: {repo: /b}}}\n", "b")).toBe(
    "{sources: {a: {repo: /a}}}\n",
  );
});

test("a key is never written twice: one without value is filled, an alias is replaced", () => {
  expect(setValue("device:\n", ["device"], "x")).toBe("device: x\n");
  expect(setValue("device: # c\n", ["device"], "x")).toBe("device: x # c\n");
  expect(setValue("daemon: { api, concurrency: 2 }\n", ["daemon", "api"], { port: 1 })).toBe(
    "daemon: { api: { port: 1 }, concurrency: 2 }\n",
  );
  expect(setValue("device: &d x\nmessage: *d\n", ["message"], "y")).toBe("device: &d x\nmessage: y\n");
});

describe("refused, because something else would change:", () => {
  const REFUSED: Readonly<Record<string, readonly [string, string]>> = {
    "a value that others refer to": ["device: &d x\nmessage: *d\n", "device"],
    "a place behind an alias": ["daemon: &d { api: {} }\ntransport: *d\n", "transport.ssh"],
    "a key that is written with a question mark": ["? device\n", "device"],
    "a list entry that is not there": ["notify:\n  webhooks: []\n", "notify.webhooks.0.url"],
    "a place below a text": ["device: x\n", "device.name"],
    "a file that is a list": ["- a\n", "device"],
    "a file that is a text": ["hello\n", "device"],
    "a file with mistakes": ["device: x\n  y: [\n", "device"],
    "an alias without anchor": ["device: *x\n", "message"],
    "a second document": ["device: x\n---\ndevice: y\n", "device"],
  };
  for (const [name, [text, path]] of Object.entries(REFUSED)) {
    test(name, () => {
      const error = thrown(() => setValue(text, keys(path), "new"));
      expect([error.code, error.message.includes(path)]).toEqual(["CONFIG_NOT_EDITABLE", true]);
    });
  }

  test("a source that is there already, and one that is not there", () => {
    expect(() => addSource("sources: { a: { repo: /a } }\n", "a", {})).toThrow("it is there already");
    expect(() => removeSource("sources: { a: { repo: /a } }\n", "b")).toThrow("it is not there");
    expect(() => removeSource("version: 1\n", "b")).toThrow("it is not there");
  });
});

test("a value from the command line is YAML where it is some, else text", () => {
  expect(
    ["5", "true", "[a, b]", "x", "*/30 * * * *", "a: b: c", "!x y", "2026-01-01"].map(parseValue),
  ).toEqual([5, true, ["a", "b"], "x", "*/30 * * * *", "a: b: c", "!x y", "2026-01-01"]);
});

test("a value is read through aliases and out of lists, and is undefined where there is none", () => {
  const text = "a: &a { b: [1, { c: 2 }] }\nd: *a\n";
  expect(getValue(text, ["d", "b", "1", "c"])).toBe(2);
  expect(getValue(text, ["d"])).toEqual({ b: [1, { c: 2 }] });
  expect(getValue(text, ["d", "b", "1", "c", "e"])).toBeUndefined();
  expect(getValue("", ["d"])).toBeUndefined();
});
