/** What an engine promises about places: repositories, their refs, objects and config, and single files. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { git, temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";
import { author, MISSING, type GitScene } from "./git-scene.ts";

export function placesContract(at: GitScene): void {
  const { write, commitAll, committed, head } = at;

  describe("init", () => {
    test("makes what git takes for an empty repository, bare or not", () => {
      expect(git(at.folder, "status", "--porcelain=v2", "--branch")).toContain("branch.head main");
      const bare = join(temporaryDirectory(), "bare.git");
      at.git.init(bare, { bare: true, branch: "trunk" });
      expect(git(bare, "rev-parse", "--is-bare-repository")).toBe("true");
      expect(git(bare, "symbolic-ref", "HEAD")).toBe("refs/heads/trunk");
    });

    test("refuses a folder that is a repository already, and an impossible branch", () => {
      const again = () => at.git.init(at.folder, { bare: false, branch: "main" });
      expect(thrown(again).code).toBe("ALREADY_A_REPOSITORY");
      const wrong = () => at.git.init(join(at.folder, "x"), { bare: false, branch: "a..b" });
      expect(thrown(wrong).code).toBe("REF_NAME_INVALID");
    });
  });

  describe("inspect", () => {
    test("tells the five kinds of places apart and changes nothing", () => {
      committed("a", "1\n");
      const before = treeSnapshot(at.folder, { without: [] });
      expect(at.git.inspect(at.folder)).toEqual({
        kind: "ready",
        head: { branch: "refs/heads/main", commit: git(at.folder, "rev-parse", "HEAD") },
      });
      expect(at.git.inspect(join(at.folder, "none"))).toEqual({ kind: "missing" });
      expect(at.git.inspect(temporaryDirectory())).toEqual({
        kind: "not-a-repository",
        reason: undefined,
        isEmpty: true,
      });
      expect(treeSnapshot(at.folder, { without: [] })).toEqual(before);
      git(at.folder, "checkout", "-q", "--detach");
      expect(at.git.inspect(at.folder).kind).toBe("busy");
      git(at.folder, "config", "core.bare", "true");
      expect(at.git.inspect(at.folder).kind).toBe("unsupported");
    });
  });

  describe("open", () => {
    test("refuses what is no repository", () => {
      expect(thrown(() => at.git.open(temporaryDirectory()))).toMatchObject({
        kind: "unsafe",
        code: "NOT_A_REPOSITORY",
      });
    });

    test("gives a repository that knows where it is", () => {
      expect([at.repository.directory, at.repository.gitDirectory]).toEqual([
        at.folder,
        join(at.folder, ".git"),
      ]);
    });
  });

  describe("refs and objects", () => {
    test("are read by full name; what is not there is undefined or an error by its code", () => {
      const commit = committed("a", "1\n");
      expect(at.repository.readRef("refs/heads/main")).toBe(commit);
      expect(at.repository.readRef("refs/heads/none")).toBeUndefined();
      expect([at.repository.has(commit), at.repository.has(MISSING)]).toEqual([true, false]);
      expect(at.repository.readCommit(commit)).toMatchObject({ parents: [], author, message: "write a\n" });
      expect(thrown(() => at.repository.readCommit(MISSING)).code).toBe("OBJECT_MISSING");
      expect(thrown(() => at.repository.readBlob(MISSING)).code).toBe("OBJECT_MISSING");
      expect(thrown(() => at.repository.readRef("not a ref")).code).toBe("REF_NAME_INVALID");
    });

    test("a symbolic ref is no commit of its own", () => {
      git(at.folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main");
      expect(at.repository.readRef("refs/remotes/origin/HEAD")).toBeUndefined();
    });
  });

  describe("config", () => {
    test("gives the identity as git finds it, or none", () => {
      expect(at.repository.identity()).toBeUndefined();
      git(at.folder, "config", "user.name", "Grace");
      git(at.folder, "config", "user.email", "grace@example.com");
      expect(at.git.open(at.folder).identity()).toEqual({ name: "Grace", email: "grace@example.com" });
    });

    test("lists and sets remotes so that git can use them", () => {
      at.repository.setRemote("origin", "https://example.com/a.git");
      expect(at.repository.remotes()).toEqual([{ name: "origin", url: "https://example.com/a.git" }]);
      expect(git(at.folder, "remote", "get-url", "origin")).toBe("https://example.com/a.git");
    });
  });

  describe("single files", () => {
    test("are read as git would store them, and as the index has them", () => {
      write(".gitattributes", "*.txt text eol=crlf\n");
      write("a.txt", "one\r\n");
      commitAll();
      expect(Buffer.from(at.repository.readWorkFile("a.txt") ?? []).toString()).toBe("one\n");
      expect(at.repository.indexVersion("a.txt")).toEqual({
        mode: 0o100644,
        oid: git(at.folder, "rev-parse", "HEAD:a.txt"),
      });
      expect([at.repository.readWorkFile("none"), at.repository.indexVersion("none")]).toEqual([
        undefined,
        undefined,
      ]);
    });

    test("are compared line by line unless one is binary", () => {
      const bytes = (text: string): Uint8Array => Buffer.from(text);
      expect(at.git.diffText(bytes("a\nb\n"), bytes("a\nc\n"))).toEqual([
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
      ]);
      expect(at.git.diffText(bytes("a\0"), bytes("b"))).toBeUndefined();
      expect(at.git.diffText(undefined, bytes("a\n"))).toEqual(["@@ -0,0 +1 @@", "+a"]);
    });
  });

  describe("close", () => {
    test("gives file handles back and may be called twice", () => {
      committed("a", "1\n");
      git(at.folder, "gc", "-q");
      expect(at.repository.countCommits(head().commit ?? "")).toBe(1);
      at.repository.close();
      at.repository.close();
    });
  });
}
