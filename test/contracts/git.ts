/**
 * What every engine behind the `Git` interface promises, in the order of the interface: a description of it by
 * example. System git makes the repositories and judges the results. `createGit` gives the engine to be tested, with
 * the clock at 2027-01-15 and no config but the repository's own.
 */
import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Connection, Git, Repository } from "../../src/git/git.ts";
import type { Signature } from "../../src/git/model.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { failureOf, thrown } from "../helpers/thrown.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

export type GitUnderTest = {
  readonly git: Git;
  connect(url: string): Promise<Connection>;
};

const { signal } = new AbortController();
const aborted = AbortSignal.abort();
const MISSING = "1".repeat(40);

const author: Signature = {
  name: "Ada",
  email: "ada@example.com",
  seconds: 1_800_000_000,
  offsetMinutes: 60,
};

export function gitContract(create: () => GitUnderTest): void {
  let tested: GitUnderTest;
  let folder: string;
  let repository: Repository;

  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const read = (path: string): string => readFileSync(join(folder, path), "utf8");
  const scan = () => repository.scan({ signal });
  const commitAll = (message = "all") =>
    repository.commit({ paths: scan().changes.map((change) => change.path), message, author, signal });
  const committed = (path: string, content: string): string => {
    write(path, content);
    return commitAll(`write ${path}`) ?? expect.unreachable();
  };
  const head = () => {
    const state = repository.state();
    return state.kind === "ready" ? state.head : expect.unreachable();
  };
  const checkOut = (target: string) =>
    repository.checkout({ from: head(), target, reason: "contract: move", signal });
  /** A bare repository with what the folder has, and one more commit that the folder lacks. */
  const remoteAhead = (): { readonly url: string; readonly tip: string } => {
    const top = temporaryDirectory();
    const url = join(top, "remote.git");
    git(top, "clone", "-q", "--bare", folder, url);
    git(top, "clone", "-q", url, "clone");
    writeFileSync(join(top, "clone/theirs"), "theirs\n");
    git(join(top, "clone"), "add", ".");
    git(join(top, "clone"), "commit", "-qm", "theirs");
    git(join(top, "clone"), "push", "-q", "origin", "HEAD");
    return { url, tip: git(url, "rev-parse", "main") };
  };
  const connected = async <Result>(
    url: string,
    use: (connection: Connection) => Promise<Result>,
  ): Promise<Result> => {
    const connection = await tested.connect(url);
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  };

  beforeEach(() => {
    tested = create();
    folder = join(temporaryDirectory(), "work");
    tested.git.init(folder, { bare: false, branch: "main" });
    repository = tested.git.open(folder);
  });

  describe("init", () => {
    test("makes what git takes for an empty repository, bare or not", () => {
      expect(git(folder, "status", "--porcelain=v2", "--branch")).toContain("branch.head main");
      const bare = join(temporaryDirectory(), "bare.git");
      tested.git.init(bare, { bare: true, branch: "trunk" });
      expect(git(bare, "rev-parse", "--is-bare-repository")).toBe("true");
      expect(git(bare, "symbolic-ref", "HEAD")).toBe("refs/heads/trunk");
    });

    test("refuses a folder that is a repository already, and an impossible branch", () => {
      const again = () => tested.git.init(folder, { bare: false, branch: "main" });
      expect(thrown(again).code).toBe("ALREADY_A_REPOSITORY");
      const wrong = () => tested.git.init(join(folder, "x"), { bare: false, branch: "a..b" });
      expect(thrown(wrong).code).toBe("REF_NAME_INVALID");
    });
  });

  describe("inspect", () => {
    test("tells the five kinds of places apart and changes nothing", () => {
      committed("a", "1\n");
      const before = treeSnapshot(folder, { without: [] });
      expect(tested.git.inspect(folder)).toEqual({
        kind: "ready",
        head: { branch: "refs/heads/main", commit: git(folder, "rev-parse", "HEAD") },
      });
      expect(tested.git.inspect(join(folder, "none"))).toEqual({ kind: "missing" });
      expect(tested.git.inspect(temporaryDirectory())).toEqual({
        kind: "not-a-repository",
        reason: undefined,
      });
      expect(treeSnapshot(folder, { without: [] })).toEqual(before);
      git(folder, "checkout", "-q", "--detach");
      expect(tested.git.inspect(folder).kind).toBe("busy");
      git(folder, "config", "core.bare", "true");
      expect(tested.git.inspect(folder).kind).toBe("unsupported");
    });
  });

  describe("open", () => {
    test("refuses what is no repository", () => {
      expect(thrown(() => tested.git.open(temporaryDirectory()))).toMatchObject({
        kind: "unsafe",
        code: "NOT_A_REPOSITORY",
      });
    });

    test("gives a repository that knows where it is", () => {
      expect([repository.directory, repository.gitDirectory]).toEqual([folder, join(folder, ".git")]);
    });
  });

  describe("refs and objects", () => {
    test("are read by full name; what is not there is undefined or an error by its code", () => {
      const commit = committed("a", "1\n");
      expect(repository.readRef("refs/heads/main")).toBe(commit);
      expect(repository.readRef("refs/heads/none")).toBeUndefined();
      expect([repository.has(commit), repository.has(MISSING)]).toEqual([true, false]);
      expect(repository.readCommit(commit)).toMatchObject({ parents: [], author, message: "write a\n" });
      expect(thrown(() => repository.readCommit(MISSING)).code).toBe("OBJECT_MISSING");
      expect(thrown(() => repository.readBlob(MISSING)).code).toBe("OBJECT_MISSING");
      expect(thrown(() => repository.readRef("not a ref")).code).toBe("REF_NAME_INVALID");
    });

    test("a symbolic ref is no commit of its own", () => {
      git(folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/heads/main");
      expect(repository.readRef("refs/remotes/origin/HEAD")).toBeUndefined();
    });
  });

  describe("config", () => {
    test("gives the identity as git finds it, or none", () => {
      expect(repository.identity()).toBeUndefined();
      git(folder, "config", "user.name", "Grace");
      git(folder, "config", "user.email", "grace@example.com");
      expect(tested.git.open(folder).identity()).toEqual({ name: "Grace", email: "grace@example.com" });
    });

    test("lists and sets remotes so that git can use them", () => {
      repository.setRemote("origin", "https://example.com/a.git");
      expect(repository.remotes()).toEqual([{ name: "origin", url: "https://example.com/a.git" }]);
      expect(git(folder, "remote", "get-url", "origin")).toBe("https://example.com/a.git");
    });
  });

  describe("scan", () => {
    test("names what a commit would hold, in byte order, and writes nothing", () => {
      for (const name of ["changed", "gone", "kind", "kept"]) write(name, "1\n");
      commitAll();
      write("changed", "22\n");
      write("new/file", "1\n");
      rmSync(join(folder, "gone"));
      rmSync(join(folder, "kind"));
      symlinkSync("kept", join(folder, "kind"));
      const before = treeSnapshot(folder, { without: [] });
      expect(scan().changes).toEqual([
        { path: "changed", kind: "modified" },
        { path: "gone", kind: "deleted" },
        { path: "kind", kind: "type-changed" },
        { path: "new/file", kind: "added" },
      ]);
      expect(treeSnapshot(folder, { without: [] })).toEqual(before);
    });

    test("leaves out what is ignored and reports what it cannot carry", () => {
      write(".gitignore", "*.log\n");
      write("x.log", "1\n");
      git(folder, "init", "-q", "nested");
      expect(scan()).toMatchObject({
        changes: [{ path: ".gitignore", kind: "added" }],
        skipped: [{ path: "nested", reason: "nested-repository" }],
      });
    });

    test("never takes a folder that is gone for an empty one", () => {
      committed("a", "1\n");
      rmSync(folder, { recursive: true });
      expect(["FOLDER_MISSING", "REPOSITORY_BUSY"]).toContain(thrown(scan).code);
    });

    test("ends when it is aborted", () => {
      write("a", "1\n");
      expect(thrown(() => repository.scan({ signal: aborted })).kind).toBe("interrupted");
    });
  });

  describe("commit", () => {
    test("makes the commit that git would have made, with index and branch", () => {
      write("a", "1\n");
      const commit = commitAll("subject\n\nbody");
      expect(git(folder, "log", "-1", "--format=%H %an %at %cn|%B")).toBe(
        `${commit} Ada 1800000000 Ada|subject\n\nbody`,
      );
      expect(git(folder, "status", "--porcelain")).toBe("");
      expect(git(folder, "reflog", "--format=%gs")).toBe("commit (initial): subject");
      fsck(folder);
    });

    test("takes the given paths only, as they are at that moment", () => {
      write("a", "1\n");
      write("b", "1\n");
      write("c", "1\n");
      rmSync(join(folder, "c"));
      repository.commit({ paths: ["a", "c"], message: "a", author, signal });
      expect(git(folder, "ls-tree", "--name-only", "HEAD")).toBe("a");
      expect(scan().changes).toEqual([{ path: "b", kind: "added" }]);
    });

    test("makes none when nothing differs", () => {
      expect(commitAll()).toBeUndefined();
      committed("a", "1\n");
      expect(repository.commit({ paths: ["a"], message: "again", author, signal })).toBeUndefined();
    });

    test("waits for nobody: a locked index or a person at work ends it, and nothing has changed", () => {
      committed("a", "1\n");
      write("a", "2\n");
      for (const lock of ["index.lock", "HEAD.lock", "refs/heads/main.lock", "MERGE_HEAD"]) {
        const file = join(folder, ".git", lock);
        writeFileSync(file, "");
        const before = treeSnapshot(folder, { without: [] });
        expect(
          thrown(() => repository.commit({ paths: ["a"], message: "no", author, signal })),
        ).toMatchObject({ code: "REPOSITORY_BUSY" });
        expect(treeSnapshot(folder, { without: [] })).toEqual(before);
        rmSync(file);
      }
    });
  });

  describe("remotes", () => {
    test("list their branches and which of them is the main one", async () => {
      const commit = committed("a", "1\n");
      const { url, tip } = remoteAhead();
      git(url, "update-ref", "refs/heads/side", commit);
      const listed = await connected(url, (connection) => tested.git.listRemote(connection));
      expect(listed.head).toBe("refs/heads/main");
      expect(listed.refs.get("refs/heads/main")).toBe(tip);
      expect(listed.refs.get("refs/heads/side")).toBe(commit);
    });

    test("are fetched whole before any ref moves; the work tree stays", async () => {
      committed("a", "1\n");
      const { url, tip } = remoteAhead();
      const result = await connected(url, (connection) =>
        repository.fetch({ connection, remote: "origin", signal }),
      );
      expect(result.refs.get("refs/heads/main")).toBe(tip);
      expect(repository.readRef("refs/remotes/origin/main")).toBe(tip);
      expect(repository.compare(head().commit, tip).map((difference) => difference.path)).toEqual(["theirs"]);
      expect(git(folder, "status", "--porcelain")).toBe("");
      fsck(folder);
    });

    test("get what they lack; the answers are pushed, up-to-date and behind", async () => {
      committed("a", "1\n");
      const { url } = remoteAhead();
      const push = (ref: string, commit: string) =>
        connected(url, (connection) =>
          repository.push({ connection, remote: "origin", ref, commit, signal }),
        );
      const mine = committed("b", "2\n");
      expect(await push("refs/heads/mine", mine)).toMatchObject({ kind: "pushed" });
      expect(git(url, "rev-parse", "mine")).toBe(mine);
      expect(repository.readRef("refs/remotes/origin/mine")).toBe(mine);
      expect(await push("refs/heads/mine", mine)).toEqual({ kind: "up-to-date" });
      expect(await push("refs/heads/main", mine)).toEqual({ kind: "behind" });
      fsck(url);
    });

    test("that are not there are an error by its code", async () => {
      const listing = connected(join(folder, "nowhere.git"), (connection) =>
        tested.git.listRemote(connection),
      );
      expect(["OFFLINE", "REPO_NOT_FOUND"]).toContain((await failureOf(listing)).code);
    });
  });

  describe("history", () => {
    test("tells how two commits relate", () => {
      const base = committed("a", "1\n");
      const ours = committed("a", "2\n");
      git(folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("b", "1\n");
      git(folder, "checkout", "-q", "--orphan", "apart");
      const apart = committed("c", "1\n");
      expect(repository.relate(ours, ours)).toEqual({ kind: "same" });
      expect(repository.relate(ours, base)).toEqual({ kind: "ahead", commits: 1 });
      expect(repository.relate(base, ours)).toEqual({ kind: "behind", commits: 1 });
      expect(repository.relate(ours, theirs)).toEqual({
        kind: "diverged",
        ahead: 1,
        behind: 1,
        bases: [base],
      });
      expect(repository.relate(ours, apart)).toEqual({ kind: "unrelated", ahead: 2, behind: 1 });
    });

    test("is counted and listed newest first, and two trees are compared", () => {
      const first = committed("a", "1\n");
      const second = committed("b", "2\n");
      expect(repository.countCommits(second)).toBe(2);
      expect(repository.log(second, 10).map((commit) => commit.oid)).toEqual([second, first]);
      expect(repository.log(second, 1)).toHaveLength(1);
      const [added] = repository.compare(first, second);
      expect(added).toMatchObject({ path: "b", before: undefined });
      expect(Buffer.from(repository.readBlob(added?.after?.oid ?? "")).toString()).toBe("2\n");
      expect(repository.compare(undefined, first).map((difference) => difference.path)).toEqual(["a"]);
      expect(repository.compare(first, first)).toEqual([]);
    });
  });

  describe("merge", () => {
    const merge = (ours: string, theirs: string) =>
      repository.merge({
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
      git(folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("c", "1\n");
      git(folder, "checkout", "-q", "main");
      const before = treeSnapshot(folder);
      const merged = merge(ours, theirs);
      expect(merged.conflicts).toEqual([]);
      expect(git(folder, "log", "-1", "--format=%P|%s", merged.commit)).toBe(`${ours} ${theirs}|merged`);
      expect(git(folder, "ls-tree", "--name-only", merged.commit)).toBe("a\nb\nc");
      expect(treeSnapshot(folder)).toEqual(before);
      expect([head().commit, git(folder, "status", "--porcelain")]).toEqual([ours, ""]);
    });

    test("asks about each conflict; a refusal to decide ends it and leaves everything as it was", () => {
      const base = committed("a", "base\n");
      const ours = committed("a", "ours\n");
      git(folder, "checkout", "-q", "-b", "side", base);
      const theirs = committed("a", "theirs\n");
      const asked: string[] = [];
      const merged = repository.merge({
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
      expect(git(folder, "show", `${merged.commit}:a`)).toBe("theirs");
      expect(git(folder, "show", `${merged.commit}:a.mine`)).toBe("ours");
      expect(git(folder, "log", "-1", "--format=%s", merged.commit)).toBe("1 conflict");
      expect(() => merge(ours, theirs)).toThrow();
      expect([head().commit, read("a")]).toEqual([theirs, "theirs\n"]);
    });
  });

  describe("checkout", () => {
    test("brings files, index and branch to another commit", () => {
      const first = committed("a", "1\n");
      committed("b", "2\n");
      expect(checkOut(first)).toEqual({ kind: "done", written: 0, removed: 1 });
      expect(head()).toEqual({ branch: "refs/heads/main", commit: first });
      expect(git(folder, "status", "--porcelain")).toBe("");
      expect(git(folder, "reflog", "-1", "--format=%gs")).toBe("contract: move");
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
      const late = () => repository.checkout({ from: before, target: first, reason: "late", signal });
      expect(thrown(late).code).toBe("REF_CHANGED");
      git(folder, "checkout", "-q", "-b", "other");
      const elsewhere = { branch: "refs/heads/main", commit: second };
      expect(
        thrown(() => repository.checkout({ from: elsewhere, target: first, reason: "late", signal })).code,
      ).toBe("REF_CHANGED");
      expect([read("a"), git(folder, "rev-parse", "main", "other")]).toEqual(["2\n", `${second}\n${second}`]);
    });
  });

  describe("single files", () => {
    test("are read as git would store them, and as the index has them", () => {
      write(".gitattributes", "*.txt text eol=crlf\n");
      write("a.txt", "one\r\n");
      commitAll();
      expect(Buffer.from(repository.readWorkFile("a.txt") ?? []).toString()).toBe("one\n");
      expect(repository.indexVersion("a.txt")).toEqual({
        mode: 0o100644,
        oid: git(folder, "rev-parse", "HEAD:a.txt"),
      });
      expect([repository.readWorkFile("none"), repository.indexVersion("none")]).toEqual([
        undefined,
        undefined,
      ]);
    });

    test("are compared line by line unless one is binary", () => {
      const bytes = (text: string): Uint8Array => Buffer.from(text);
      expect(tested.git.diffText(bytes("a\nb\n"), bytes("a\nc\n"))).toEqual([
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "+c",
      ]);
      expect(tested.git.diffText(bytes("a\0"), bytes("b"))).toBeUndefined();
      expect(tested.git.diffText(undefined, bytes("a\n"))).toEqual(["@@ -0,0 +1 @@", "+a"]);
    });
  });

  describe("close", () => {
    test("gives file handles back and may be called twice", () => {
      committed("a", "1\n");
      git(folder, "gc", "-q");
      expect(repository.countCommits(head().commit ?? "")).toBe(1);
      repository.close();
      repository.close();
    });
  });
}
