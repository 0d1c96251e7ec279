import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../src/base/clock.ts";
import { createGit } from "../../src/git/create-git.ts";
import { MODE } from "../../src/git/model.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

const engine = createGit({ clock: systemClock, environment: {}, windows: false });

/** A repository whose files lie elsewhere, as dotfile managers keep them. */
function bareWithFiles() {
  const home = temporaryDirectory();
  const bare = join(home, "repo.git");
  git(home, "init", "-q", "--bare", bare);
  git(bare, "config", "core.bare", "false");
  git(bare, "config", "core.worktree", home);
  const run = (...args: readonly string[]) => git(home, `--git-dir=${bare}`, `--work-tree=${home}`, ...args);
  mkdirSync(join(home, ".config/app"), { recursive: true });
  writeFileSync(join(home, ".bashrc"), "# bash\n");
  writeFileSync(join(home, ".config/app/run"), "#!/bin/sh\n", { mode: 0o755 });
  return { home, bare, run };
}

test("the files of a repository without files beside it are told, its remotes and where they lie", async () => {
  const { home, bare, run } = bareWithFiles();
  expect(await engine.readBare(bare)).toEqual({ files: [], remotes: [], workTree: home });
  run("add", ".bashrc", ".config");
  run("commit", "-qm", "first");
  run("remote", "add", "origin", "https://example.com/dots.git");
  const before = treeSnapshot(bare);
  expect(await engine.readBare(bare)).toEqual({
    files: [
      { path: ".bashrc", mode: MODE.file },
      { path: ".config/app/run", mode: MODE.executable },
    ],
    remotes: [{ name: "origin", url: "https://example.com/dots.git" }],
    workTree: home,
  });
  expect(treeSnapshot(bare)).toEqual(before);
  run("checkout", "-q", "--detach");
  expect((await engine.readBare(bare)).files).toHaveLength(2);
});

test("a work tree, a missing folder and another format are refused", async () => {
  const { home, bare } = bareWithFiles();
  const tree = join(home, "tree");
  git(home, "init", "-q", tree);
  await expect(engine.readBare(tree)).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
  await expect(engine.readBare(join(home, "gone"))).rejects.toMatchObject({ code: "NOT_A_REPOSITORY" });
  git(bare, "config", "core.repositoryFormatVersion", "1");
  git(bare, "config", "extensions.objectFormat", "sha256");
  await expect(engine.readBare(bare)).rejects.toMatchObject({ code: "UNSUPPORTED_REPOSITORY" });
});
