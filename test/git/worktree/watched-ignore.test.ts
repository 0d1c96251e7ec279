import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { WatchedIgnore } from "../../../src/git/worktree/watched-ignore.ts";
import { git, gitEnvironment, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

function repository(files: Readonly<Record<string, string>>): string {
  const directory = temporaryDirectory();
  git(directory, "init", "-q");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

function rulesOf(directory: string, environment: Record<string, string> = gitEnvironment()): WatchedIgnore {
  const rules = new WatchedIgnore({ directory, environment });
  rules.reset();
  return rules;
}

describe("ignore rules for a watcher", () => {
  test("answer as git does, in nested folders", () => {
    const directory = repository({
      ".gitignore": "node_modules/\n*.log\n!keep.log\n/build\n",
      "sub/.gitignore": "*.tmp\n!x.log\n",
      "sub/deep/.gitignore": "!y.tmp\n",
      ".git/info/exclude": "secret\n",
    });
    const rules = rulesOf(directory);
    for (const folder of ["", "sub", "sub/deep"]) rules.enter(folder);
    const paths = [
      ..."a.txt a.log keep.log build secret sub/build sub/a.tmp sub/x.log sub/a.log sub/deep/y.tmp".split(
        " ",
      ),
      ..."sub/deep/z.tmp sub/deep/x.log sub/other/a.tmp other/a.tmp".split(" "),
    ];
    const ignored = gitRaw(directory, ["check-ignore", "--no-index", "--stdin"], {
      input: `${paths.join("\n")}\n`,
    }).toString();
    expect(paths.filter((path) => rules.isIgnored(path, false))).toEqual(ignored.trim().split("\n"));
    expect([rules.isIgnored("node_modules", true), rules.isIgnored("node_modules", false)]).toEqual([
      true,
      false,
    ]);
  });

  test("are read anew after a reset, also those of the person and of the repository", () => {
    const directory = repository({ ".gitignore": "a\n", personal: "b\n" });
    const rules = rulesOf(directory);
    rules.enter("");
    expect(["a", "b", "c"].map((path) => rules.isIgnored(path, false))).toEqual([true, false, false]);
    git(directory, "config", "core.excludesFile", join(directory, "personal"));
    git(directory, "config", "core.ignoreCase", "true");
    writeFileSync(join(directory, ".gitignore"), "c\n");
    rules.reset();
    expect(["a", "B", "c"].map((path) => rules.isIgnored(path, false))).toEqual([false, true, false]);
    rules.enter("");
    expect(["a", "B", "C"].map((path) => rules.isIgnored(path, false))).toEqual([false, true, true]);
  });

  test("ignore nothing where there is no repository or its config is broken", () => {
    expect(rulesOf(temporaryDirectory()).isIgnored("a", false)).toBe(false);
    const broken = repository({ ".gitignore": "a\n" });
    writeFileSync(join(broken, ".git/config"), "[core\n");
    const rules = rulesOf(broken);
    rules.enter("");
    expect(rules.isIgnored("a", false)).toBe(true);
  });
});
