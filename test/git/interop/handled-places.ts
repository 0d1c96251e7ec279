/** Refs, objects and folders that lull works with. */
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect } from "bun:test";

import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { type Handled, listed, set } from "./strange-place.ts";

export const HANDLED_REFS: readonly Handled[] = [
  {
    name: "a branch without a commit",
    make: (p) => p.git("symbolic-ref", "HEAD", "refs/heads/unborn"),
    check: (p) => (expect(p.git("rev-list", "--count", "HEAD")).toBe("1"), p.git("checkout", "-q", "main")),
  },
  {
    name: "an orphan branch",
    make: (p) => p.git("checkout", "-q", "--orphan", "fresh"),
    check: (p) => (
      expect(git(p.remote, "rev-list", "--count", "fresh")).toBe("1"),
      p.git("checkout", "-q", "main")
    ),
  },
  { name: "all refs packed", make: (p) => p.git("pack-refs", "--all") },
  {
    name: "packed refs without a header, not sorted, not peeled",
    make: (p) => (
      p.git("tag", "-a", "v1", "-m", "v1"),
      p.git("pack-refs", "--all"),
      p.inGit("packed-refs", `${p.git("show-ref").split("\n").toReversed().join("\n")}\n`)
    ),
  },
  {
    name: "annotated tags in packed refs",
    make: (p) => (
      p.git("tag", "-a", "v1", "-m", "v1"),
      p.git("tag", "-a", "v2", "v1", "-m", "nested"),
      p.git("pack-refs", "--all")
    ),
  },
  {
    name: "tags on trees and blobs",
    make: (p) => (
      p.git("tag", "tree", "HEAD^{tree}"),
      p.git("tag", "blob", "HEAD:a.md"),
      p.git("tag", "-a", "noted", "HEAD:a.md", "-m", "x")
    ),
  },
  {
    name: "notes",
    make: (p) => p.git("notes", "add", "-m", "noted"),
    check: (p) => expect(p.git("notes", "show", "HEAD~1")).toBe("noted"),
  },
  {
    name: "a stash",
    make: (p) => (p.device.write("b.md", "stashed\n"), p.git("stash", "-q")),
    check: (p) => expect(p.git("stash", "list")).toContain("stash@{0}"),
  },
  {
    name: "a symbolic ref to a symbolic ref",
    make: (p) => (
      p.git("symbolic-ref", "refs/heads/alias", "refs/heads/side"),
      p.git("symbolic-ref", "refs/heads/alias2", "refs/heads/alias")
    ),
  },
  {
    name: "symbolic refs that go round",
    make: (p) => (
      p.inGit("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/HEAD\n"),
      p.inGit("refs/heads/round", "ref: refs/heads/round\n")
    ),
    check: (p) => (
      rmSync(join(p.dotGit, "refs/heads/round")),
      rmSync(join(p.dotGit, "refs/remotes/origin/HEAD"))
    ),
  },
  {
    name: "other branches that are broken",
    make: (p) => (
      p.inGit("refs/heads/empty", ""),
      p.inGit("refs/heads/zero", `${"0".repeat(40)}\n`),
      p.inGit("refs/tags/garbage", "garbage\n")
    ),
    check: (p) =>
      ["heads/empty", "heads/zero", "tags/garbage"].forEach((ref) => rmSync(join(p.dotGit, "refs", ref))),
  },
  {
    name: "an empty folder where a branch will be",
    make: (p) => (
      p.git("checkout", "-q", "-b", "deep/er"),
      p.git("branch", "-m", "deep"),
      mkdirSync(join(p.dotGit, "refs/remotes/origin/deep/er"), { recursive: true })
    ),
    check: (p) => (
      expect(git(p.remote, "rev-parse", "deep")).toBe(p.git("rev-parse", "HEAD")),
      p.git("checkout", "-q", "main")
    ),
  },
  {
    name: "a branch name in another script",
    make: (p) => p.git("checkout", "-q", "-b", "größe/日本"),
    check: (p) => (
      expect(git(p.remote, "rev-parse", "größe/日本")).toBe(p.git("rev-parse", "HEAD")),
      p.git("checkout", "-q", "main")
    ),
  },
  {
    name: "HEAD as a symbolic link",
    make: (p) => (rmSync(join(p.dotGit, "HEAD")), symlinkSync("refs/heads/main", join(p.dotGit, "HEAD"))),
  },
  { name: "HEAD without a line break", make: (p) => p.inGit("HEAD", "ref: refs/heads/main") },
  {
    name: "core.useReplaceRefs=false with replaced objects",
    make: (p) => (p.git("replace", "HEAD", "HEAD~1"), set("core.useReplaceRefs", "false")(p)),
  },
  {
    name: "stale files of finished operations (ORIG_HEAD, FETCH_HEAD, AUTO_MERGE)",
    make: (p) =>
      ["ORIG_HEAD", "FETCH_HEAD", "AUTO_MERGE", "COMMIT_EDITMSG"].forEach((name) => p.inGit(name, "")),
  },
];

export const HANDLED_OBJECTS: readonly Handled[] = [
  {
    name: "everything in one pack, with bitmap, commit graph and multi-pack index",
    make: (p) => (
      p.git("repack", "-adqb"),
      p.git("commit-graph", "write", "--reachable"),
      p.git("multi-pack-index", "write")
    ),
  },
  { name: "a cruft pack", make: (p) => p.git("-c", "gc.cruftPacks=true", "gc", "-q", "--prune=never") },
  {
    name: "clone --shared",
    make: (p) => p.replace((root, old) => git("/", "clone", "-q", "--shared", old, root)),
  },
  {
    name: "clone --reference",
    make: (p) =>
      p.replace((root, old) => git("/", "clone", "-q", "--reference", old, `file://${p.remote}`, root)),
  },
  {
    name: "an empty shallow file and an empty alternates file",
    make: (p) => (p.inGit("shallow", ""), p.inGit("objects/info/alternates", "")),
  },
  {
    name: "half-written objects that git left",
    make: (p) => (
      p.inGit("objects/pack/tmp_pack_x1", "PACK"),
      mkdirSync(join(p.dotGit, "objects/aa"), { recursive: true }),
      p.inGit("objects/aa/tmp_obj_x1", "")
    ),
  },
  {
    name: "a linked worktree of a bare repository",
    make: (p) => p.replace((root, old) => git(old, "worktree", "add", "-q", root, "main")),
  },
  {
    name: "a worktree that hangs on it",
    make: (p) => p.git("worktree", "add", "-q", join(temporaryDirectory(), "linked"), "side"),
  },
];

export const HANDLED_FOLDERS: readonly Handled[] = [
  {
    name: "a submodule with changes of its own",
    make: (p) => {
      p.git("submodule", "--quiet", "add", p.remote, "sub");
      p.git("commit", "-q", "-m", "submodule");
      appendFileSync(join(p.root, "sub/a.md"), "not ours to commit\n");
      writeFileSync(join(p.root, "sub/new.md"), "nor this\n");
    },
    check: (p) =>
      expect(git(p.remote, "ls-tree", "main", "sub")).toBe(
        `160000 commit ${git(join(p.root, "sub"), "rev-parse", "HEAD")}\tsub`,
      ),
    status: " M sub",
  },
  {
    name: "a submodule whose folder is empty",
    make: (p) => {
      p.git("submodule", "--quiet", "add", p.remote, "sub");
      p.git("commit", "-q", "-m", "submodule");
      p.git("submodule", "--quiet", "deinit", "--all", "-f");
    },
    check: (p) => expect(git(p.remote, "ls-tree", "main", "sub")).toStartWith("160000"),
  },
  {
    name: "a nested repository",
    make: (p) => git("/", "clone", "-q", p.remote, join(p.root, "nested")),
    check: (p) => expect(listed(p)).not.toContain("nested"),
    status: "?? nested/",
  },
  {
    name: "GIT_DIR, GIT_INDEX_FILE and their like in the environment",
    make: () => {},
    environment: {
      GIT_DIR: "/nowhere",
      GIT_WORK_TREE: "/nowhere",
      GIT_INDEX_FILE: "/nowhere/index",
      GIT_OBJECT_DIRECTORY: "/nowhere/objects",
      GIT_ALTERNATE_OBJECT_DIRECTORIES: "/nowhere/more",
      GIT_COMMON_DIR: "/nowhere",
      GIT_NAMESPACE: "x",
      GIT_CONFIG: "/nowhere/config",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.bare",
      GIT_CONFIG_VALUE_0: "true",
      GIT_CEILING_DIRECTORIES: "/",
      GIT_REPLACE_REF_BASE: "refs/x",
      GIT_SHALLOW_FILE: "/nowhere/shallow",
      GIT_LITERAL_PATHSPECS: "1",
    },
  },
];
