/** What an engine promises about the work tree: scan, commit and checkout. */
import { describe, expect, test } from "bun:test";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fsck, git } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";
import { aborted, author, signal, type GitScene } from "./git-scene.ts";

export function workTreeContract(at: GitScene): void {
  const { write, read, scan, commitAll, committed, head, checkOut } = at;

  describe("scan", () => {
    test("names what a commit would hold, in byte order, and writes nothing", () => {
      for (const name of ["changed", "gone", "kind", "kept"]) write(name, "1\n");
      commitAll();
      write("changed", "22\n");
      write("new/file", "1\n");
      rmSync(join(at.folder, "gone"));
      rmSync(join(at.folder, "kind"));
      symlinkSync("kept", join(at.folder, "kind"));
      const before = treeSnapshot(at.folder, { without: [] });
      expect(scan().changes).toEqual([
        { path: "changed", kind: "modified" },
        { path: "gone", kind: "deleted" },
        { path: "kind", kind: "type-changed" },
        { path: "new/file", kind: "added" },
      ]);
      expect(treeSnapshot(at.folder, { without: [] })).toEqual(before);
    });

    test("leaves out what is ignored and reports what it cannot carry", () => {
      write(".gitignore", "*.log\n");
      write("x.log", "1\n");
      git(at.folder, "init", "-q", "nested");
      expect(scan()).toMatchObject({
        changes: [{ path: ".gitignore", kind: "added" }],
        skipped: [{ path: "nested", reason: "nested-repository" }],
      });
    });

    test("never takes a folder that is gone for an empty one", () => {
      committed("a", "1\n");
      rmSync(at.folder, { recursive: true });
      expect(["FOLDER_MISSING", "REPOSITORY_BUSY"]).toContain(thrown(scan).code);
    });

    test("ends when it is aborted", () => {
      write("a", "1\n");
      expect(thrown(() => at.repository.scan({ signal: aborted })).kind).toBe("interrupted");
    });
  });

  describe("commit", () => {
    test("makes the commit that git would have made, with index and branch", () => {
      write("a", "1\n");
      const commit = commitAll("subject\n\nbody");
      expect(git(at.folder, "log", "-1", "--format=%H %an %at %cn|%B")).toBe(
        `${commit} Ada 1800000000 Ada|subject\n\nbody`,
      );
      expect(git(at.folder, "status", "--porcelain")).toBe("");
      expect(git(at.folder, "reflog", "--format=%gs")).toBe("commit (initial): subject");
      fsck(at.folder);
    });

    test("takes the given paths only, as they are at that moment", () => {
      write("a", "1\n");
      write("b", "1\n");
      write("c", "1\n");
      rmSync(join(at.folder, "c"));
      at.repository.commit({ paths: ["a", "c"], message: "a", author, signal });
      expect(git(at.folder, "ls-tree", "--name-only", "HEAD")).toBe("a");
      expect(scan().changes).toEqual([{ path: "b", kind: "added" }]);
    });

    test("makes none when nothing differs", () => {
      expect(commitAll()).toBeUndefined();
      committed("a", "1\n");
      expect(at.repository.commit({ paths: ["a"], message: "again", author, signal })).toBeUndefined();
    });

    test("is refused as a whole when a path needs a filter, whatever the scan said", () => {
      committed("a", "1\n");
      write("a", "2\n");
      write("secret.key", "in clear\n");
      const paths = scan().changes.map((change) => change.path);
      expect(paths).toEqual(["a", "secret.key"]);
      write(".gitattributes", "*.key filter=git-crypt\n");
      const before = treeSnapshot(at.folder, { without: [".git"] });
      const refused = thrown(() => at.repository.commit({ paths, message: "no", author, signal }));
      expect(refused).toMatchObject({ code: "UNSUPPORTED_REPOSITORY", data: { path: "secret.key" } });
      expect(treeSnapshot(at.folder, { without: [".git"] })).toEqual(before);
      expect(git(at.folder, "status", "--porcelain")).toBe(" M a\n?? .gitattributes\n?? secret.key");
      at.repository.commit({ paths: ["a"], message: "without it", author, signal });
      expect(git(at.folder, "ls-tree", "-r", "--name-only", "HEAD")).toBe("a");
    });

    test("waits for nobody: a locked index or a person at work ends it, and nothing has changed", () => {
      committed("a", "1\n");
      write("a", "2\n");
      for (const lock of ["index.lock", "HEAD.lock", "refs/heads/main.lock", "MERGE_HEAD"]) {
        const file = join(at.folder, ".git", lock);
        writeFileSync(file, "");
        const before = treeSnapshot(at.folder, { without: [] });
        expect(
          thrown(() => at.repository.commit({ paths: ["a"], message: "no", author, signal })),
        ).toMatchObject({ code: "REPOSITORY_BUSY" });
        expect(treeSnapshot(at.folder, { without: [] })).toEqual(before);
        rmSync(file);
      }
    });
  });

  describe("checkout", () => {
    test("brings files, index and branch to another commit", () => {
      const first = committed("a", "1\n");
      committed("b", "2\n");
      expect(checkOut(first)).toEqual({ kind: "done", written: 0, removed: 1 });
      expect(head()).toEqual({ branch: "refs/heads/main", commit: first });
      expect(git(at.folder, "status", "--porcelain")).toBe("");
      expect(git(at.folder, "reflog", "-1", "--format=%gs")).toBe("contract: move");
    });

    test("never overwrites what is not in a commit: nothing of the branch moves", () => {
      const first = committed("a", "1\n");
      const second = committed("a", "2\n");
      write("a", "mine\n");
      expect(checkOut(first)).toMatchObject({ kind: "blocked", paths: [{ path: "a" }] });
      expect([read("a"), head().commit]).toEqual(["mine\n", second]);
    });

    test("is refused when HEAD is not where it was", () => {
      const first = committed("a", "1\n");
      const before = head();
      const second = committed("a", "2\n");
      const late = () => at.repository.checkout({ from: before, target: first, reason: "late", signal });
      expect(thrown(late).code).toBe("REF_CHANGED");
      git(at.folder, "checkout", "-q", "-b", "other");
      const elsewhere = { branch: "refs/heads/main", commit: second };
      expect(
        thrown(() => at.repository.checkout({ from: elsewhere, target: first, reason: "late", signal })).code,
      ).toBe("REF_CHANGED");
      expect([read("a"), git(at.folder, "rev-parse", "main", "other")]).toEqual([
        "2\n",
        `${second}\n${second}`,
      ]);
    });
  });
}
