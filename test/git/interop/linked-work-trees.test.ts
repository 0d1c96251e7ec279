/** Linked work trees (`git worktree add`): what is shared with the main one, and what each has for itself. */
import { beforeEach, expect, test } from "bun:test";
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import { createGit } from "../../../src/git/create-git.ts";
import { listRefs, readRef } from "../../../src/git/refs/ref-store.ts";
import { deleteRef } from "../../../src/git/refs/update-ref.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { openConnection } from "../../helpers/wire-client.ts";

const engine = createGit({ clock: systemClock, environment: {}, windows: false });
const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: 0 };
const { signal } = new AbortController();

let main: string;
let linked: string;
/** The git directory of the linked work tree. */
let own: string;

beforeEach(() => {
  main = join(temporaryDirectory(), "main");
  linked = join(temporaryDirectory(), "linked");
  own = join(main, ".git/worktrees/linked");
  mkdirSync(main);
  git(main, "init", "-q");
  for (const name of ["a.md", "b.md"]) writeFileSync(join(main, name), "one\n");
  git(main, "add", ".");
  git(main, "commit", "-q", "-m", "one");
  git(main, "worktree", "add", "-q", "-b", "side", linked);
});

function commitAll(folder: string): string | undefined {
  const repository = engine.open(folder);
  try {
    const paths = repository.scan({ signal }).changes.map((change) => change.path);
    return repository.commit({ paths, message: "all", author, signal });
  } finally {
    repository.close();
  }
}

test("commits go to the branch, the index and the logs of the work tree in which they are made", () => {
  for (let file = 0; file < 20; file++) writeFileSync(join(linked, `new-${file}.md`), `${file}\n`);
  writeFileSync(join(main, "a.md"), "main\n");
  const [there, here] = [commitAll(linked), commitAll(main)];
  expect(git(main, "rev-parse", "side", "main")).toBe(`${there}\n${here}`);
  for (const folder of [main, linked]) expect(git(folder, "status", "--porcelain")).toBe("");
  expect(git(linked, "reflog", "HEAD")).toContain("HEAD@{0}: commit: all");
  expect(git(main, "reflog", "side")).toContain("side@{0}: commit: all");
  expect(git(main, "reflog", "HEAD").split("\n")).toHaveLength(2);
  expect(
    ["objects", "refs/heads", "packed-refs", "config", "logs/refs"].filter((name) =>
      existsSync(join(own, name)),
    ),
  ).toEqual([]);
  expect(readdirSync(join(main, ".git/lull/locks"))).toEqual([]);
  fsck(main);
});

test("a checkout writes into its own work tree alone, and its journal goes with it", () => {
  writeFileSync(join(main, "a.md"), "main\n");
  const target = commitAll(main) ?? "";
  const repository = engine.open(linked);
  const from = { branch: "refs/heads/side", commit: git(linked, "rev-parse", "HEAD") };
  expect(repository.checkout({ from, target, reason: "lull: fast-forward", signal }).kind).toBe("done");
  repository.close();
  expect(git(main, "rev-parse", "side")).toBe(target);
  for (const folder of [main, linked]) expect(git(folder, "status", "--porcelain")).toBe("");
  expect(existsSync(join(own, "lull/checkout.json"))).toBe(false);
});

test("rules, config and attributes of the repository hold in every work tree", () => {
  appendFileSync(join(main, ".git/info/exclude"), "*.log\n");
  mkdirSync(join(main, ".git/info"), { recursive: true });
  writeFileSync(join(main, ".git/info/attributes"), "*.txt text eol=lf\n");
  git(main, "config", "core.filemode", "false");
  writeFileSync(join(linked, "x.log"), "ignored\n");
  writeFileSync(join(linked, "x.txt"), "a\r\nb\r\n");
  commitAll(linked);
  expect(git(linked, "ls-files").split("\n")).toEqual(["a.md", "b.md", "x.txt"]);
  expect(git(linked, "show", "HEAD:x.txt")).toBe("a\nb");
  const repository = engine.open(linked);
  repository.setRemote("origin", "/somewhere/else.git");
  repository.close();
  expect(git(main, "config", "remote.origin.url")).toBe("/somewhere/else.git");
});

test("refs are shared, packed or not, but those of a bisect are each work tree's own", () => {
  const head = git(main, "rev-parse", "HEAD");
  for (const name of ["refs/bisect/bad", "refs/worktree/mine", "refs/rewritten/x"])
    git(linked, "update-ref", name, head);
  git(main, "update-ref", "refs/bisect/main-only", head);
  git(main, "update-ref", "refs/heads/other", head);
  for (const pack of [false, true]) {
    if (pack) git(main, "pack-refs", "--all");
    for (const [folder, directory] of [
      [main, join(main, ".git")],
      [linked, own],
    ] as const) {
      const expected = git(folder, "for-each-ref", "--format=%(refname)").split("\n");
      expect([...listRefs(directory, "refs/").keys()]).toEqual(expected);
      for (const name of expected) expect(readRef(directory, name)).toEqual({ kind: "direct", oid: head });
    }
  }
  deleteRef(own, "refs/heads/other", head);
  expect(git(main, "for-each-ref", "refs/heads/other")).toBe("");
});

test("a fetch serves all of them", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(main, "clone", "-q", "--bare", main, remote);
  const tree = git(main, "rev-parse", "HEAD^{tree}");
  const news = git(remote, "commit-tree", "-p", "main", "-m", "news", tree);
  git(remote, "update-ref", "refs/heads/main", news);
  const repository = engine.open(linked);
  const connection = await openConnection(remote);
  await repository.fetch({ connection, remote: "origin", signal });
  await connection.close();
  repository.close();
  expect(git(main, "rev-parse", "origin/main")).toBe(news);
  fsck(main);
});

test("a sync leaves branches of other work trees as they are", () => {
  writeFileSync(join(main, "a.md"), "main\n");
  commitAll(main);
  expect(git(linked, "rev-parse", "HEAD")).toBe(git(main, "rev-parse", "main~1"));
  expect(git(linked, "status", "--porcelain")).toBe("");
});

test("maintenance of the main one keeps what only a linked one names; in a linked one it steps aside", async () => {
  writeFileSync(join(linked, "staged.md"), "only in the index\n");
  git(linked, "add", "staged.md");
  git(
    linked,
    "update-ref",
    "refs/worktree/mine",
    git(linked, "commit-tree", "-m", "mine", git(linked, "write-tree")),
  );
  const options = { dryRun: false, savepointsMs: 1, signal };
  const [inLinked, inMain] = [engine.open(linked), engine.open(main)];
  expect(await inLinked.maintain(options)).toMatchObject({ kind: "skipped" });
  expect(await inMain.maintain(options)).toMatchObject({ kind: "done" });
  inLinked.close();
  inMain.close();
  expect(git(linked, "show", "refs/worktree/mine:staged.md")).toBe("only in the index");
  fsck(main);
});
