/** What a checkout may replace because a copy has it: exactly that, and nothing that was written since. */
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import type { FileVersion } from "../../../src/git/model.ts";
import { repoPath } from "../../../src/git/paths.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

const signal = new AbortController().signal;
const COPY = repoPath("copy.md");
const PATH = repoPath("a.md");

function scene() {
  const directory = join(temporaryDirectory(), "work");
  const engine = createGit({
    clock: fakeClock(1_800_000_000_000),
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  engine.init(directory, { bare: false, branch: "main" });
  const write = (text: string): void => writeFileSync(join(directory, "a.md"), text);
  const commit = (text: string): string => {
    write(text);
    git(directory, "add", ".");
    git(directory, "commit", "-qm", text);
    return git(directory, "rev-parse", "HEAD");
  };
  const first = commit("one\n");
  const target = commit("two\n");
  git(directory, "reset", "-q", "--hard", first);
  write("mine\n");
  const repository = engine.open(directory);
  const checkOut = (keptAside: ReadonlyMap<typeof PATH, FileVersion>) =>
    repository.checkout({
      from: { branch: "refs/heads/main", commit: first },
      target,
      keptAside,
      reason: "test",
      signal,
    });
  const keep = (path = PATH) => repository.keepAside({ path, copy: COPY, signal });
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  return { directory, write, keep, checkOut, read, [Symbol.dispose]: () => repository.close() };
}

test("a file that a copy keeps is replaced, and its copy stays", () => {
  using at = scene();
  expect(at.checkOut(new Map())).toMatchObject({ kind: "blocked", paths: [{ path: PATH }] });
  const version = at.keep();
  if (version === undefined) throw new Error("no copy was made");
  expect(at.checkOut(new Map([[PATH, version]]))).toMatchObject({ kind: "done", written: 1 });
  expect([at.read("a.md"), at.read("copy.md")]).toEqual(["two\n", "mine\n"]);
  expect(git(at.directory, "status", "--porcelain")).toBe("?? copy.md");
  fsck(at.directory);
});

test("what was written after the copy is not replaced", () => {
  using at = scene();
  const version = at.keep();
  if (version === undefined) throw new Error("no copy was made");
  at.write("mine, and more\n");
  expect(at.checkOut(new Map([[PATH, version]]))).toMatchObject({
    kind: "blocked",
    paths: [{ path: PATH, reason: "changed meanwhile" }],
  });
  expect(at.read("a.md")).toBe("mine, and more\n");
});

test("no copy of what is no plain file, none behind a link, none in the place of another file", () => {
  using at = scene();
  mkdirSync(join(at.directory, "folder"));
  writeFileSync(join(at.directory, "folder/b.md"), "b\n");
  symlinkSync("a.md", join(at.directory, "link"));
  symlinkSync("folder", join(at.directory, "other"));
  const names = ["folder", "link", "other/b.md", "nothing", "nothing/b.md"];
  for (const name of names) expect(at.keep(repoPath(name))).toBeUndefined();
  writeFileSync(join(at.directory, "copy.md"), "somebody's\n");
  expect(at.keep()).toBeUndefined();
  expect(at.read("copy.md")).toBe("somebody's\n");
  expect(readdirSync(at.directory).filter((name) => name.startsWith(".lull"))).toEqual([]);
});
