/** What an engine promises about commits of two sides: remotes, relations and merges. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { fsck, git } from "../helpers/system-git.ts";
import { failureOf } from "../helpers/thrown.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";
import { author, signal, type GitScene } from "./git-scene.ts";

export function historyContract(at: GitScene): void {
  const { read, committed, head, remoteAhead, connected } = at;

  describe("remotes", () => {
    test("list their branches and which of them is the main one", async () => {
      const commit = committed("a", "1\n");
      const { url, tip } = remoteAhead();
      git(url, "update-ref", "refs/heads/side", commit);
      const listed = await connected(url, (connection) => at.git.listRemote(connection));
      expect(listed.head).toBe("refs/heads/main");
      expect(listed.refs.get("refs/heads/main")).toBe(tip);
      expect(listed.refs.get("refs/heads/side")).toBe(commit);
    });

    test("are fetched whole before any ref moves; the work tree stays", async () => {
      committed("a", "1\n");
      const { url, tip } = remoteAhead();
      const result = await connected(url, (connection) =>
        at.repository.fetch({ connection, remote: "origin", signal }),
      );
      expect(result.refs.get("refs/heads/main")).toBe(tip);
      expect(at.repository.readRef("refs/remotes/origin/main")).toBe(tip);
      expect(at.repository.compare(head().commit, tip).map((difference) => difference.path)).toEqual([
        "theirs",
      ]);
      expect(git(at.folder, "status", "--porcelain")).toBe("");
      fsck(at.folder);
    });

    test("get what they lack; the answers are pushed, up-to-date and behind", async () => {
      committed("a", "1\n");
      const { url } = remoteAhead();
      const push = (ref: string, commit: string) =>
        connected(url, (connection) =>
          at.repository.push({ connection, remote: "origin", ref, commit, signal }),
        );
      const mine = committed("b", "2\n");
      expect(await push("refs/heads/mine", mine)).toMatchObject({ kind: "pushed" });
      expect(git(url, "rev-parse", "mine")).toBe(mine);
      expect(at.repository.readRef("refs/remotes/origin/mine")).toBe(mine);
      expect(await push("refs/heads/mine", mine)).toEqual({ kind: "up-to-date" });
      expect(await push("refs/heads/main", mine)).toEqual({ kind: "behind" });
      fsck(url);
    });

    test("that are not there are an error by its code", async () => {
      const listing = connected(join(at.folder, "nowhere.git"), (connection) =>
        at.git.listRemote(connection),
      );
      expect(["OFFLINE", "REPO_NOT_FOUND"]).toContain((await failureOf(listing)).code);
    });
  });

  describe("history", () => {
    test("tells how two commits relate", () => {
      const base = committed("a", "1\n");
      const ours = committed("a", "2\n");
      git(at.folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("b", "1\n");
      git(at.folder, "checkout", "-q", "--orphan", "apart");
      const apart = committed("c", "1\n");
      expect(at.repository.relate(ours, ours)).toEqual({ kind: "same" });
      expect(at.repository.relate(ours, base)).toEqual({ kind: "ahead", commits: 1 });
      expect(at.repository.relate(base, ours)).toEqual({ kind: "behind", commits: 1 });
      expect(at.repository.relate(ours, theirs)).toEqual({
        kind: "diverged",
        ahead: 1,
        behind: 1,
        bases: [base],
      });
      expect(at.repository.relate(ours, apart)).toEqual({ kind: "unrelated", ahead: 2, behind: 1 });
    });

    test("is counted and listed newest first, and two trees are compared", () => {
      const first = committed("a", "1\n");
      const second = committed("b", "2\n");
      expect(at.repository.countCommits(second)).toBe(2);
      expect(at.repository.log(second, 10).map((commit) => commit.oid)).toEqual([second, first]);
      expect(at.repository.log(second, 1)).toHaveLength(1);
      const [added] = at.repository.compare(first, second);
      expect(added).toMatchObject({ path: "b", before: undefined });
      expect(Buffer.from(at.repository.readBlob(added?.after?.oid ?? "")).toString()).toBe("2\n");
      expect(at.repository.compare(undefined, first).map((difference) => difference.path)).toEqual(["a"]);
      expect(at.repository.compare(first, first)).toEqual([]);
    });
  });

  describe("merge", () => {
    const merge = (ours: string, theirs: string) =>
      at.repository.merge({
        ours,
        theirs,
        resolve: () => expect.unreachable(),
        message: () => "merged",
        author,
        signal,
      });

    test("joins both sides in memory: no ref, no index and no file changes", () => {
      const base = committed("a", "1\n");
      const ours = committed("b", "1\n");
      git(at.folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("c", "1\n");
      git(at.folder, "checkout", "-q", "main");
      const before = treeSnapshot(at.folder);
      const merged = merge(ours, theirs);
      expect(merged.conflicts).toEqual([]);
      expect(git(at.folder, "log", "-1", "--format=%P|%s", merged.commit)).toBe(`${ours} ${theirs}|merged`);
      expect(git(at.folder, "ls-tree", "--name-only", merged.commit)).toBe("a\nb\nc");
      expect(treeSnapshot(at.folder)).toEqual(before);
      expect([head().commit, git(at.folder, "status", "--porcelain")]).toEqual([ours, ""]);
    });

    test("asks about each conflict; a refusal to decide ends it and leaves everything as it was", () => {
      const base = committed("a", "base\n");
      const ours = committed("a", "ours\n");
      git(at.folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("a", "theirs\n");
      const asked: string[] = [];
      const merged = at.repository.merge({
        ours,
        theirs,
        resolve: ({ path }) => {
          asked.push(path);
          return { keep: "theirs", copyOtherTo: "a.mine" };
        },
        message: (conflicts) => `${conflicts.length} conflict`,
        author,
        signal,
      });
      expect(asked).toEqual(["a"]);
      expect(merged.conflicts).toMatchObject([{ path: "a", copy: "a.mine" }]);
      expect(git(at.folder, "show", `${merged.commit}:a`)).toBe("theirs");
      expect(git(at.folder, "show", `${merged.commit}:a.mine`)).toBe("ours");
      expect(git(at.folder, "log", "-1", "--format=%s", merged.commit)).toBe("1 conflict");
      expect(() => merge(ours, theirs)).toThrow();
      expect([head().commit, read("a")]).toEqual([theirs, "theirs\n"]);
    });
  });
}
