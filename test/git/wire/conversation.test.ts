/** The same conversations with system git behind HTTP in both protocol versions, and with our own responder in a folder. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";

import type { GitServer } from "../../helpers/git-http-server.ts";
import { createBareRepository, startGitServer } from "../../helpers/git-http-server.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { wireClient } from "../../helpers/wire-client.ts";

let server: GitServer;
let root: string;
let count = 0;

beforeAll(async () => {
  root = temporaryDirectory();
  server = await startGitServer(root);
});
afterAll(() => server.stop());

type World = {
  /** The bare repository's folder. */
  readonly bare: string;
  readonly url: string;
  /** A new empty work tree. */
  readonly workTree: () => string;
};

function commit(tree: string, files: Readonly<Record<string, string>>, message = "change"): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${tree}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    writeFileSync(`${tree}/${path}`, content);
  }
  git(tree, "add", "-A");
  git(tree, "commit", "-q", "--allow-empty", "-m", message);
  return git(tree, "rev-parse", "HEAD");
}

/** Everything that `git` says about a remote's branches, as `name oid` lines. */
function refs(directory: string, prefix: string): string[] {
  const output = git(directory, "for-each-ref", "--format=%(refname) %(objectname)", prefix);
  return output === "" ? [] : output.split("\n");
}

describe.each(["http version 2", "http version 0", "folder"] as const)("over %s", (way) => {
  function world(): World {
    const name = `remote-${count++}.git`;
    const bare = createBareRepository(root, name);
    server.clear();
    server.protocol = way === "http version 0" ? 0 : 2;
    return {
      bare,
      url: way === "folder" ? bare : server.repository(name),
      workTree: () => {
        const directory = `${root}/work-${count++}`;
        git(root, "init", "-q", directory);
        return directory;
      },
    };
  }

  test("an empty remote has no refs, and a first push makes its branch", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    const client = wireClient(tree, url);
    const empty = await client.fetch();
    expect(empty.refs.size).toBe(0);
    // Version 0 of git 2.39 does not tell the branch of an empty repository.
    expect(empty.head).toBe(way === "http version 0" ? undefined : "refs/heads/main");
    const one = commit(tree, { "a.txt": "one\n", "sub/b.txt": "two\n" });
    expect(await client.push("refs/heads/main", one)).toMatchObject({ kind: "pushed", objects: 5 });
    expect(refs(bare, "refs/")).toEqual([`refs/heads/main ${one}`]);
    expect(refs(tree, "refs/remotes/")).toEqual([`refs/remotes/origin/main ${one}`]);
    expect(await client.push("refs/heads/main", one)).toEqual({ kind: "up-to-date" });
    fsck(bare);
    fsck(tree);
  });

  test("a clone brings every branch and the tags on them, and a second fetch brings nothing", async () => {
    const { bare, url, workTree } = world();
    const seed = workTree();
    for (let index = 0; index < 30; index++)
      commit(seed, { [`dir${index % 3}/file${index}`]: `${index}\n`.repeat(50) });
    git(seed, "tag", "light");
    git(seed, "tag", "-a", "-m", "heavy", "heavy", "HEAD~3");
    git(seed, "tag", "-a", "-m", "nested", "nested", "heavy");
    git(seed, "branch", "other", "HEAD~5");
    git(seed, "branch", "with/slash", "HEAD~7");
    git(seed, "push", "-q", bare, "--all");
    git(seed, "push", "-q", bare, "--tags");
    git(bare, "gc", "-q");
    const tree = workTree();
    const client = wireClient(tree, url);
    const messages: string[] = [];
    const first = await client.fetch(messages);
    expect(first.head).toBe("refs/heads/main");
    expect([...first.refs.keys()].sort()).toEqual([
      "refs/heads/main",
      "refs/heads/other",
      "refs/heads/with/slash",
      "refs/tags/heavy",
      "refs/tags/light",
      "refs/tags/nested",
    ]);
    expect(first.objects).toBeGreaterThan(90);
    expect(refs(tree, "refs/remotes/")).toEqual([
      `refs/remotes/origin/main ${git(seed, "rev-parse", "main")}`,
      `refs/remotes/origin/other ${git(seed, "rev-parse", "other")}`,
      `refs/remotes/origin/with/slash ${git(seed, "rev-parse", "with/slash")}`,
    ]);
    expect(git(tree, "tag")).toBe("heavy\nlight\nnested");
    fsck(tree);
    const packs = readdirSync(`${tree}/.git/objects/pack`).length;
    expect(await client.fetch()).toMatchObject({ objects: 0, bytes: 0 });
    expect(readdirSync(`${tree}/.git/objects/pack`).length).toBe(packs);
    // Git alone prints progress; our responder is quiet.
    if (way !== "folder") expect(messages.join("\n")).toContain("objects");
  });

  test("an incremental fetch brings only what is new, also beside own commits", async () => {
    const { bare, url, workTree } = world();
    const seed = workTree();
    for (let index = 0; index < 20; index++) commit(seed, { [`f${index}`]: `${index}\n` });
    git(seed, "push", "-q", bare, "main");
    const tree = workTree();
    const client = wireClient(tree, url);
    await client.fetch();
    git(tree, "reset", "-q", "--hard", "origin/main");
    commit(tree, { mine: "mine\n" });
    const theirs = commit(seed, { f3: "changed\n" });
    git(seed, "push", "-q", bare, "main");
    const second = await client.fetch();
    expect(second.objects).toBe(3);
    expect(git(tree, "rev-parse", "origin/main")).toBe(theirs);
    fsck(tree);
  });

  test("a remote that moved on answers behind, and after a merge takes the push", async () => {
    const { bare, url, workTree } = world();
    const seed = workTree();
    commit(seed, { base: "base\n" });
    git(seed, "push", "-q", bare, "main");
    const tree = workTree();
    const client = wireClient(tree, url);
    await client.fetch();
    git(tree, "reset", "-q", "--hard", "origin/main");
    const mine = commit(tree, { mine: "mine\n" });
    const theirs = commit(seed, { theirs: "theirs\n" });
    git(seed, "push", "-q", bare, "main");
    expect(await client.push("refs/heads/main", mine)).toEqual({ kind: "behind" });
    expect(git(bare, "rev-parse", "main")).toBe(theirs);
    await client.fetch();
    expect(await client.push("refs/heads/main", mine)).toEqual({ kind: "behind" });
    git(tree, "merge", "-q", "-m", "merge", "origin/main");
    const merged = git(tree, "rev-parse", "HEAD");
    // The merge, its tree, our commit with tree and blob.
    expect(await client.push("refs/heads/main", merged)).toMatchObject({ kind: "pushed", objects: 5 });
    expect(git(bare, "rev-parse", "main")).toBe(merged);
    fsck(bare);
  });

  test("a remote that was set back gets what it lost as well, whatever it had last time", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    const client = wireClient(tree, url);
    const first = commit(tree, { a: "1\n" });
    await client.push("refs/heads/main", first);
    await client.push("refs/heads/main", commit(tree, { a: "2\n", "d/b": "b\n" }));
    git(bare, "update-ref", "refs/heads/main", first);
    git(bare, "reflog", "expire", "--expire=now", "--all");
    git(bare, "gc", "-q", "--prune=now");
    const last = commit(tree, { c: "3\n" });
    expect(await client.push("refs/heads/main", last)).toMatchObject({ kind: "pushed", objects: 8 });
    expect(refs(bare, "refs/heads")).toEqual([`refs/heads/main ${last}`]);
    fsck(bare);
  });

  test("a branch that the remote deleted loses its tracking ref and nothing else", async () => {
    const { bare, url, workTree } = world();
    const seed = workTree();
    commit(seed, { base: "base\n" });
    git(seed, "push", "-q", bare, "main", "main:gone", "main:a");
    const tree = workTree();
    const client = wireClient(tree, url);
    await client.fetch();
    git(tree, "branch", "gone", "origin/gone");
    git(tree, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main");
    git(tree, "pack-refs", "--all");
    git(bare, "branch", "-D", "gone", "a");
    git(bare, "branch", "a/b", "main");
    await client.fetch();
    expect(git(tree, "for-each-ref", "--format=%(refname)").split("\n")).toEqual([
      "refs/heads/gone",
      "refs/remotes/origin/HEAD",
      "refs/remotes/origin/a/b",
      "refs/remotes/origin/main",
    ]);
  });

  test("a new branch at a known commit needs no object, and one beside its own name is refused", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    const one = commit(tree, { a: "a\n" });
    const client = wireClient(tree, url);
    await client.push("refs/heads/main", one);
    expect(await client.push("refs/heads/second", one)).toMatchObject({ kind: "pushed", objects: 0 });
    expect(git(bare, "rev-parse", "second")).toBe(one);
    const error = await failureOf(client.push("refs/heads/second/third", one));
    expect(error.code).toBe("REF_NAME_CONFLICT");
    expect(error.message).toContain("refs/heads/second/third");
    expect(
      (await failureOf(client.push("refs/heads/sec", one).then(() => client.push("refs/heads", one)))).code,
    ).toBe("REF_NAME_CONFLICT");
    fsck(bare);
  });

  test("names with blanks, umlauts, quotes and bytes that are no UTF-8 travel unchanged", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    commit(tree, { "a b/ü'\"\\n": "odd\n", "-dash": "x", "tab\there": "y", empty: "" });
    const blob = git(tree, "rev-parse", "HEAD:-dash");
    gitRaw(tree, ["update-index", "-z", "--index-info"], {
      input: Buffer.concat([
        Buffer.from(`100644 ${blob}\t`),
        Buffer.from([0xff, 0xfe, 0x41]),
        Buffer.from([0]),
      ]),
    });
    git(tree, "commit", "-q", "-m", "bytes");
    const tip = git(tree, "rev-parse", "HEAD");
    const branch = "refs/heads/größe/it's";
    expect(await wireClient(tree, url).push(branch, tip)).toMatchObject({ kind: "pushed" });
    const other = workTree();
    await wireClient(other, url).fetch();
    expect(git(other, "ls-tree", "-r", "-z", "refs/remotes/origin/größe/it's")).toBe(
      git(tree, "ls-tree", "-r", "-z", "HEAD"),
    );
    fsck(bare);
    fsck(other);
  });

  test("merges, symlinks, modes, submodule entries and an empty commit arrive whole", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    commit(tree, {}, "empty");
    commit(tree, { run: "#!/bin/sh\n" });
    chmodSync(`${tree}/run`, 0o755);
    git(tree, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    commit(tree, {}, "mode");
    git(tree, "checkout", "-q", "-b", "side", "HEAD~1");
    commit(tree, { side: "side\n" });
    git(tree, "checkout", "-q", "main");
    git(tree, "merge", "-q", "-m", "merge", "side");
    const tip = git(tree, "rev-parse", "HEAD");
    await wireClient(tree, url).push("refs/heads/main", tip);
    fsck(bare);
    const other = workTree();
    await wireClient(other, url).fetch();
    fsck(other);
    expect(git(other, "rev-parse", "origin/main^{tree}")).toBe(git(tree, "rev-parse", "HEAD^{tree}"));
  });

  test("3,000 branches are listed, fetched and left alone", async () => {
    const { bare, url, workTree } = world();
    const tree = workTree();
    const tip = commit(tree, { a: "a\n" });
    git(tree, "push", "-q", bare, "main");
    const lines = Array.from({ length: 3000 }, (_, index) => `create refs/heads/b/${index} ${tip}\n`);
    gitRaw(bare, ["update-ref", "--stdin"], { input: lines.join("") });
    git(bare, "pack-refs", "--all");
    const other = workTree();
    commit(other, { b: "b\n" });
    git(other, "tag", "-a", "-m", "mine", "mine");
    git(other, "pack-refs", "--all");
    const before = refs(other, "refs/");
    const client = wireClient(other, url);
    expect((await client.fetch()).refs.size).toBe(3001);
    expect(refs(other, "refs/remotes/origin/").length).toBe(3001);
    expect(refs(other, "refs/").filter((line) => !line.includes("/remotes/"))).toEqual(before);
    expect(git(other, "rev-parse", "mine^{}")).toBe(git(other, "rev-parse", "HEAD"));
    fsck(other);
    const next = commit(tree, { a: "b\n" });
    git(tree, "push", "-q", bare, "main");
    expect(await client.fetch()).toMatchObject({ objects: 3 });
    expect(git(other, "rev-parse", "origin/main")).toBe(next);
  });
});
