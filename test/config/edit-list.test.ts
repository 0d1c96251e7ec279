/** Items come and go; what stands beside them on the lines and between stays. */
import { describe, expect, test } from "bun:test";

import { addItems, changeItems } from "../../src/config/edit-text.ts";
import { thrown } from "./problem-of.ts";

const PATH = ["sources", "s", "apps"];
const source = (apps: string): string =>
  `# head\nsources:\n  s:\n    settings: {}\n${apps}    mode: backup # m\n`;
const without =
  (...names: readonly string[]) =>
  (item: unknown): unknown =>
    names.includes(item as string) ? undefined : item;

describe("items are added behind the last one:", () => {
  test.each([
    [
      "lines",
      "    apps:\n      - git   # g\n      # end\n",
      "    apps:\n      - git   # g\n      - vim\n      # end\n",
    ],
    ["lines at the key", "    apps:\n    - git\n", "    apps:\n    - git\n    - vim\n"],
    [
      "a block",
      "    apps:\n      - name: git\n        encrypt: true\n",
      "    apps:\n      - name: git\n        encrypt: true\n      - vim\n",
    ],
    ["brackets", "    apps: [git] # a\n", "    apps: [git, vim] # a\n"],
    ["brackets over lines", "    apps: [\n      git,\n    ]\n", "    apps: [\n      git, vim\n    ]\n"],
    ["none yet", "    apps: [] # a\n", "    apps: [ vim ] # a\n"],
    ["a key alone", "    apps:\n", "    apps: [ vim ]\n"],
    ["Windows line ends", "    apps:\r\n      - git\r\n", "    apps:\r\n      - git\r\n      - vim\r\n"],
  ])("%s", (_, before, after) => {
    expect(addItems(source(before), PATH, ["vim"])).toBe(source(after));
  });

  test("a list that is not there is made", () => {
    const text = addItems("sources:\n  s:\n    settings: {} # c\n", PATH, [
      "vim",
      { name: "git", encrypt: true },
    ]);
    expect(text).toBe(
      "sources:\n  s:\n    settings: {} # c\n    apps: [ vim, { name: git, encrypt: true } ]\n",
    );
  });

  test("a name that YAML would read as something else is quoted", () => {
    expect(addItems(source("    apps: [git]\n"), PATH, ["true", "1password"])).toContain(
      '[git, "true", 1password]',
    );
  });
});

describe("items go with their lines:", () => {
  test.each([
    [
      "the first line",
      "    apps:\n      - git   # g\n      # v\n      - vim\n",
      "    apps:\n      # v\n      - vim\n",
    ],
    ["the last line", "    apps:\n      - vim # v\n      - git\n", "    apps:\n      - vim # v\n"],
    ["of brackets", "    apps: [ vim, git ] # a\n", "    apps: [ vim ] # a\n"],
    ["the first of brackets", "    apps: [git, vim]\n", "    apps: [vim]\n"],
    ["all of brackets", "    apps: [git] # a\n", "    apps: [] # a\n"],
    ["all lines", "    apps:\n      - git\n", "    apps: []\n"],
  ])("%s", (_, before, after) => {
    expect(changeItems(source(before), PATH, without("git"))).toBe(source(after));
  });

  test("several at once", () => {
    const text = source("    apps:\n      - a\n      - b # b\n      - c\n      - d\n");
    expect(changeItems(text, PATH, without("a", "c", "d"))).toBe(source("    apps:\n      - b # b\n"));
  });
});

test("an item is replaced in its place", () => {
  const change = (item: unknown): unknown => (item === "git" ? { name: "git", encrypt: true } : item);
  const text = source("    apps:\n      - vim # v\n      - git # g\n");
  expect(changeItems(text, PATH, change)).toBe(
    source("    apps:\n      - vim # v\n      - { name: git, encrypt: true } # g\n"),
  );
  expect(changeItems(text, PATH, (item) => item)).toBe(text);
});

test("a list that others share is not changed behind their backs", () => {
  const texts = [
    "x: &a [git, zsh]\nsources:\n  s:\n    apps: *a\n",
    "sources:\n  s:\n    apps: &a [git, zsh]\n  t:\n    apps: *a\n",
  ];
  for (const text of texts)
    for (const edit of [() => addItems(text, PATH, ["vim"]), () => changeItems(text, PATH, without("git"))])
      expect(thrown(edit)).toMatchObject({ code: "CONFIG_NOT_EDITABLE" });
});
