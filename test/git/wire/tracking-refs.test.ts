import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";

import { createResponder } from "../../../src/git/serve/responder.ts";
import { listRefs } from "../../../src/git/wire/list-refs.ts";
import { packNewRefs } from "../../../src/git/wire/pack-new-refs.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { fetchBranches } from "../../../src/git/wire/fetch.ts";
import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { updateTags } from "../../../src/git/wire/tracking-refs.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { openConnection, wireClient } from "../../helpers/wire-client.ts";

let bare: string;
let tree: string;
let one: string;
let two: string;

beforeEach(async () => {
  const root = temporaryDirectory();
  bare = `${root}/remote.git`;
  tree = `${root}/work`;
  git(root, "init", "-q", "--bare", bare);
  git(root, "init", "-q", tree);
  for (const text of ["one", "two"]) {
    writeFileSync(`${tree}/file`, text);
    git(tree, "add", "-A");
    git(tree, "commit", "-q", "-m", text);
  }
  two = git(tree, "rev-parse", "HEAD");
  one = git(tree, "rev-parse", "HEAD~1");
  git(tree, "push", "-q", bare, `${one}:refs/heads/main`, `${one}:refs/heads/gone`);
  await wireClient(tree, bare).fetch();
});

function lock(ref: string): void {
  mkdirSync(`${tree}/.git/${ref}`.replace(/\/[^/]*$/, ""), { recursive: true });
  writeFileSync(`${tree}/.git/${ref}.lock`, "");
}

describe("tracking refs", () => {
  test("that somebody holds locked fail the fetch, but never a push that is done", async () => {
    lock("refs/remotes/origin/main");
    expect(await wireClient(tree, bare).push("refs/heads/main", two)).toMatchObject({ kind: "pushed" });
    expect(git(bare, "rev-parse", "main")).toBe(two);
    expect(git(tree, "rev-parse", "origin/main")).toBe(one);
    expect((await failureOf(wireClient(tree, bare).fetch())).code).toBe("REF_LOCKED");
  });

  test("that are gone on the remote but locked here fail the fetch; symbolic ones stay", async () => {
    git(bare, "branch", "-D", "gone");
    git(tree, "symbolic-ref", "refs/remotes/origin/link", "refs/remotes/origin/main");
    lock("refs/remotes/origin/gone");
    expect((await failureOf(wireClient(tree, bare).fetch())).code).toBe("REF_LOCKED");
    git(tree, "update-ref", "--no-deref", "-d", "refs/heads/none");
    expect(git(tree, "rev-parse", "origin/gone")).toBe(one);
    expect(git(tree, "symbolic-ref", "refs/remotes/origin/link")).toBe("refs/remotes/origin/main");
  });

  test("get a line in their log when one is given", async () => {
    git(tree, "push", "-q", bare, `${two}:refs/heads/main`);
    const store = openObjectStore(`${tree}/.git`);
    await fetchBranches({
      connection: await openConnection(bare),
      remote: "other",
      gitDirectory: `${tree}/.git`,
      store,
      signal: new AbortController().signal,
      reflog: {
        who: { name: "A", email: "a@b", seconds: 1, offsetMinutes: 0 },
        message: "fetch",
        policy: "usual",
      },
    });
    store.close();
    expect(git(tree, "reflog", "refs/remotes/other/main")).toContain("fetch");
  });

  test("that the person's own git moves in the same moment come out right", async () => {
    git(tree, "push", "-q", bare, `${two}:refs/heads/main`);
    const store = openObjectStore(`${tree}/.git`);
    const inner = await openConnection(bare);
    // Between the list and the update: another fetch has done the work already.
    const connection: Connection = {
      remote: inner.remote,
      async advertise(service, protocol) {
        const list = await inner.advertise(service, protocol);
        git(tree, "update-ref", "refs/remotes/origin/main", two);
        git(tree, "update-ref", "-d", "refs/remotes/origin/gone");
        return list;
      },
      exchange: (service, request) => inner.exchange(service, request),
      close: () => inner.close(),
    };
    const signal = new AbortController().signal;
    await fetchBranches({ connection, remote: "origin", gitDirectory: `${tree}/.git`, store, signal });
    store.close();
    expect(git(tree, "rev-parse", "origin/main", "origin/gone")).toBe(`${two}\n${one}`);
  });
});

describe("tags", () => {
  test("come along when what they name is here, and never in the way of the branches", async () => {
    git(bare, "tag", "good", one);
    git(bare, "tag", "mine", one);
    git(tree, "tag", "mine", two);
    git(bare, "tag", "folder/tag", one);
    git(tree, "tag", "folder", two);
    git(bare, "tag", "locked", one);
    lock("refs/tags/locked");
    await wireClient(tree, bare).fetch();
    expect(git(tree, "for-each-ref", "--format=%(refname) %(objectname)", "refs/tags").split("\n")).toEqual([
      `refs/tags/folder ${two}`,
      `refs/tags/good ${one}`,
      `refs/tags/mine ${two}`,
    ]);
  });

  test("that stand above a hole are left alone", async () => {
    // A tag object of the remote is here by chance, what it names is not.
    const other = git(bare, "commit-tree", "-m", "elsewhere", git(bare, "rev-parse", `${one}^{tree}`));
    git(bare, "tag", "-a", "-m", "t", "far", other);
    writeFileSync(`${tree}/tag`, `${git(bare, "cat-file", "tag", "far")}\n`);
    expect(git(tree, "hash-object", "-w", "-t", "tag", "--literally", "tag")).toBe(
      git(bare, "rev-parse", "far"),
    );
    await wireClient(tree, bare).fetch();
    expect(git(tree, "tag")).toBe("");
  });
});

describe("packNewRefs", () => {
  test("keeps what is packed, sorted by bytes, and takes nobody's name", () => {
    git(tree, "tag", "-a", "-m", "t", "v1");
    git(tree, "branch", "z");
    git(tree, "pack-refs", "--all");
    const before = git(tree, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)");
    packNewRefs(
      `${tree}/.git`,
      new Map([
        ["refs/heads/z", two],
        ["refs/remotes/x/\u00fc", one],
        ["refs/remotes/x/a", one],
      ]),
    );
    const after = git(tree, "for-each-ref", "--format=%(refname) %(objectname) %(*objectname)").split("\n");
    expect(after.filter((line) => !line.includes("/x/")).join("\n")).toBe(before);
    expect(after.filter((line) => line.includes("/x/")).length).toBe(2);
    git(tree, "pack-refs", "--all");
    expect(git(tree, "rev-parse", "refs/remotes/x/\u00fc")).toBe(one);
  });

  test("waits for no other program's lock for ever", async () => {
    writeFileSync(`${tree}/.git/packed-refs.lock`, "");
    expect(
      (await failureOf((async () => packNewRefs(`${tree}/.git`, new Map([["refs/x/y", one]])))())).code,
    ).toBe("REF_LOCKED");
  });
});

test("the list of a remote names its branches, tags and head", async () => {
  git(bare, "tag", "-a", "-m", "t", "v1", one);
  const connection = await openConnection(bare);
  const { list } = await listRefs(connection);
  expect([...list.refs.keys()]).toEqual(["refs/heads/gone", "refs/heads/main", "refs/tags/v1"]);
  expect(list.peeled.get("refs/tags/v1")).toBe(one);
  expect(list.head).toBe("refs/heads/main");
  expect(createResponder(bare)).toBeDefined();
});

describe("tags", () => {
  const refsOf = (tags: Readonly<Record<string, string>>) => ({
    refs: new Map(Object.entries(tags).map(([name, oid]) => [`refs/tags/${name}`, oid])),
    peeled: new Map<string, string>(),
    others: [],
    head: undefined,
  });

  test("are checked in one walk, however many there are", async () => {
    for (let number = 0; number < 40; number++) git(tree, "commit", "-q", "--allow-empty", "-m", `${number}`);
    const commits = git(tree, "rev-list", "HEAD").split("\n");
    const store = openObjectStore(`${tree}/.git`);
    let reads = 0;
    const counted = { ...store, ...counting(store, () => reads++) };
    const tags = Object.fromEntries(commits.map((oid, index) => [`v${index}`, oid]));
    const signal = new AbortController().signal;
    await updateTags({
      gitDirectory: `${tree}/.git`,
      list: refsOf(tags),
      store: counted,
      complete: [commits[0] ?? ""],
      signal,
    });
    store.close();
    expect(git(tree, "tag", "-l").split("\n")).toHaveLength(commits.length);
    expect(reads).toBeLessThan(5 * commits.length);
  });

  test("with a hole below them are left out, the others come", async () => {
    const broken = git(tree, "hash-object", "-t", "tag", "-w", "--literally", "--stdin");
    const missing = gitRaw(tree, ["hash-object", "-t", "commit", "-w", "--literally", "--stdin"], {
      input: `tree ${"1".repeat(40)}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nhole\n`,
    });
    const store = openObjectStore(`${tree}/.git`);
    const signal = new AbortController().signal;
    const tags = { good: one, hole: missing.toString().trim(), better: two, empty: broken };
    await updateTags({ gitDirectory: `${tree}/.git`, list: refsOf(tags), store, complete: [two], signal });
    store.close();
    expect(git(tree, "for-each-ref", "--format=%(refname)", "refs/tags").split("\n")).toEqual([
      "refs/tags/better",
      "refs/tags/good",
    ]);
  });
});

function counting(
  store: ObjectStore,
  count: () => void,
): Pick<ObjectStore, "read" | "header" | "has" | "locate"> {
  return {
    read: (oid) => {
      count();
      return store.read(oid);
    },
    header: (oid) => store.header(oid),
    has: (oid) => store.has(oid),
    locate: (oid) => store.locate(oid),
  };
}
