import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { initRepository } from "../../../src/git/refs/init-repository.ts";
import { inspectRepository } from "../../../src/git/refs/inspect-repository.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

/** Files and folders below, as `git init` without its template of hooks and branches would make them. */
function layout(directory: string): string[] {
  return Bun.spawnSync(["find", ".", "-printf", "%y %P\n"], { cwd: directory })
    .stdout.toString()
    .split("\n")
    .filter((line) => !/ (?:hooks|branches)(?:\/|$)/.test(line))
    .sort();
}

describe("a new repository", () => {
  test.each([false, true])("has the layout and the files of git init (bare: %p)", (bare) => {
    const ours = join(temporaryDirectory(), "deep", "repo");
    const theirs = join(temporaryDirectory(), "repo");
    const gitDirectory = initRepository(ours, { bare, branch: "main" });
    git("/", "init", "-q", ...(bare ? ["--bare"] : []), theirs);
    const theirGit = bare ? theirs : join(theirs, ".git");
    expect(layout(gitDirectory)).toEqual(layout(theirGit));
    for (const file of ["HEAD", "config", "description", "info/exclude"]) {
      expect(readFileSync(join(gitDirectory, file), "utf8")).toBe(readFileSync(join(theirGit, file), "utf8"));
    }
    fsck(ours);
  });

  test("is accepted by git from the first commit on", () => {
    const root = temporaryDirectory();
    initRepository(root, { bare: false, branch: "trunk/é" });
    expect(git(root, "status", "--porcelain", "--branch")).toBe("## No commits yet on trunk/é");
    writeFileSync(join(root, "a"), "1");
    git(root, "add", "a");
    git(root, "commit", "-q", "-m", "one");
    expect(inspectRepository(root)).toEqual({
      kind: "ready",
      head: { branch: "refs/heads/trunk/é", commit: git(root, "rev-parse", "HEAD") },
    });
    fsck(root);
  });

  test("is not made twice, nor with a bad branch name", () => {
    const root = temporaryDirectory();
    expect(thrown(() => initRepository(root, { bare: false, branch: "a..b" })).code).toBe("REF_NAME_INVALID");
    initRepository(root, { bare: false, branch: "main" });
    expect(thrown(() => initRepository(root, { bare: false, branch: "main" })).code).toBe(
      "ALREADY_A_REPOSITORY",
    );
  });

  test("is finished by a second call after the first was cut off", () => {
    const root = temporaryDirectory();
    initRepository(root, { bare: false, branch: "main" });
    rmSync(join(root, ".git/HEAD"));
    rmSync(join(root, ".git/info"), { recursive: true });
    writeFileSync(join(root, ".git/.HEAD.1.2.tmp"), "half");
    initRepository(root, { bare: false, branch: "main" });
    expect(inspectRepository(root).kind).toBe("ready");
  });

  test("does not take the place of a damaged one that may hold commits", () => {
    const root = temporaryDirectory();
    git(root, "init", "-q");
    git(root, "commit", "-q", "--allow-empty", "-m", "one");
    rmSync(join(root, ".git/HEAD"));
    const error = thrown(() => initRepository(root, { bare: false, branch: "main" }));
    expect(error.code).toBe("NOT_EMPTY");
    expect(existsSync(join(root, ".git/HEAD"))).toBe(false);
    const full = temporaryDirectory();
    mkdirSync(join(full, "objects"));
    writeFileSync(join(full, "objects/x"), "");
    expect(thrown(() => initRepository(full, { bare: true, branch: "main" })).message).toContain("objects/x");
  });

  test("that cannot be written is a system error", () => {
    const root = temporaryDirectory();
    writeFileSync(join(root, "file"), "");
    expect(thrown(() => initRepository(join(root, "file", "x"), { bare: false, branch: "main" })).code).toBe(
      "ENOTDIR",
    );
  });
});
