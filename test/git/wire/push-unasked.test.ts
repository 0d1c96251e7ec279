/** What a push costs when the server is known, and that neither its memory nor the tracking ref is ever believed. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { chmodSync, rmSync, writeFileSync } from "node:fs";

import { systemClock } from "../../../src/base/clock.ts";
import type { PushResult } from "../../../src/git/git.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { createResponder } from "../../../src/git/serve/responder.ts";
import { pushBranch } from "../../../src/git/wire/push.ts";
import { createTransport } from "../../../src/transport/open-transport.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import { createBareRepository, type GitServer, startGitServer } from "../../helpers/git-http-server.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { failureOf } from "../../helpers/thrown.ts";
import { noise } from "../objects/sample-repository.ts";

const BRANCH = "refs/heads/main";
let root: string;
let server: GitServer;
let transport: Transport;
let bare: string;
let tree: string;
let count = 0;

beforeAll(async () => {
  root = temporaryDirectory();
  server = await startGitServer(root);
});
afterAll(() => server.stop());

/** A remote that this clone has pushed to, and the next commit. */
beforeEach(async () => {
  server.clear();
  server.token = undefined;
  transport = createTransport({
    credentials: async () => ({ token: "secret" }),
    createResponder,
    clock: systemClock,
  });
  bare = createBareRepository(root, `remote-${++count}.git`);
  tree = `${root}/work-${count}`;
  git(root, "init", "-q", tree);
  expect(await push(commit("one"))).toMatchObject({ kind: "pushed" });
  expect(asked()).toEqual(["GET", "POST"]);
  server.clear();
});

function commit(content: string, directory = tree): string {
  writeFileSync(`${directory}/${content}`, `${content}\n`);
  git(directory, "add", "-A");
  git(directory, "commit", "-q", "-m", content);
  return git(directory, "rev-parse", "HEAD");
}

/** Over a connection of its own, as the next sync. */
async function push(tip: string, messages: string[] = []): Promise<PushResult> {
  const { signal } = new AbortController();
  const gitDirectory = `${tree}/.git`;
  const store = openObjectStore(gitDirectory);
  const connection = await transport.open(server.repository(`remote-${count}.git`), { signal });
  try {
    return await pushBranch({
      connection,
      store,
      gitDirectory,
      remote: "origin",
      ref: BRANCH,
      commit: tip,
      signal,
      onMessage: (line) => messages.push(line),
    });
  } finally {
    await connection.close();
    store.close();
  }
}

function asked(): readonly string[] {
  return server.requests.map(({ method }) => method);
}

function remoteTip(): string {
  return git(bare, "rev-parse", BRANCH);
}

/** Somebody else's clone pushes; returns its commit. */
function pushFromElsewhere(...options: readonly string[]): string {
  const other = `${root}/other-${count}`;
  git(root, "clone", "-q", bare, other);
  const theirs = commit("theirs", other);
  git(other, "push", "-q", ...options, "origin", "HEAD:main");
  return theirs;
}

test("a second push in the same process is one request", async () => {
  const two = commit("two");
  expect(await push(two)).toMatchObject({ kind: "pushed", objects: 3 });
  expect(asked()).toEqual(["POST"]);
  expect(server.requests[0]?.headers["git-protocol"]).toBeUndefined();
  expect(remoteTip()).toBe(two);
  expect(git(tree, "rev-parse", "refs/remotes/origin/main")).toBe(two);
  fsck(bare);
  // Nothing to send: the remote may have lost the branch, so it is asked.
  server.clear();
  expect(await push(two)).toEqual({ kind: "up-to-date" });
  expect(asked()).toEqual(["GET"]);
});

test("a large pack is not sent on a chance, and the server stays known", async () => {
  writeFileSync(`${tree}/photo`, noise(2_000_000));
  expect(await push(commit("large"))).toMatchObject({ kind: "pushed" });
  expect(asked()).toEqual(["GET", "POST"]);
  server.clear();
  expect(await push(commit("small"))).toMatchObject({ kind: "pushed" });
  expect(asked()).toEqual(["POST"]);
  fsck(bare);
});

test("a remote that somebody else moved keeps what it has", async () => {
  const theirs = pushFromElsewhere();
  expect(await push(commit("two"))).toEqual({ kind: "behind" });
  expect(remoteTip()).toBe(theirs);
  expect(asked()).toEqual(["POST", "GET"]);
});

test("a branch that was set back is not overwritten by what it had", async () => {
  const one = remoteTip();
  await push(commit("two"));
  git(bare, "update-ref", BRANCH, one);
  const three = commit("three");
  // A fast-forward of what is there now as well.
  expect(await push(three)).toMatchObject({ kind: "pushed" });
  expect(remoteTip()).toBe(three);
  const theirs = git(bare, "commit-tree", "-m", "other", `${one}^{tree}`);
  git(bare, "update-ref", BRANCH, theirs);
  expect(await push(commit("four"))).toEqual({ kind: "behind" });
  expect(remoteTip()).toBe(theirs);
});

test("what the person's own git pushed from here is no obstacle", async () => {
  git(tree, "push", "-q", bare, `${commit("two")}:${BRANCH}`);
  const three = commit("three");
  expect(await push(three)).toMatchObject({ kind: "pushed", objects: 3 });
  expect(remoteTip()).toBe(three);
});

test.each(["deleted branch", "new repository"] as const)("the whole history goes to a %s", async (what) => {
  if (what === "deleted branch") {
    git(bare, "update-ref", "-d", BRANCH);
    gitRaw(bare, ["-c", "gc.pruneExpire=now", "gc", "-q"]);
  } else {
    rmSync(bare, { recursive: true });
    createBareRepository(root, `remote-${count}.git`);
  }
  const two = commit("two");
  expect(await push(two)).toMatchObject({ kind: "pushed", objects: 6 });
  expect(remoteTip()).toBe(two);
  fsck(bare);
});

test("a commit that does not follow what the remote had is never sent unasked", async () => {
  git(tree, "checkout", "-q", "--orphan", "aside");
  expect(await push(commit("aside"))).toEqual({ kind: "behind" });
  expect(asked()).toEqual(["GET"]);
});

test("a hook's no is final, and its words arrive", async () => {
  writeFileSync(`${bare}/hooks/pre-receive`, "#!/bin/sh\necho not today\nexit 1\n");
  chmodSync(`${bare}/hooks/pre-receive`, 0o755);
  const error = await failureOf(push(commit("two")));
  expect(error.code).toBe("FORBIDDEN");
  expect(error.message).toContain("not today");
  expect(asked()).toEqual(["POST"]);
});

test("a server that wants a token by now is asked again, with it", async () => {
  server.token = "secret";
  const two = commit("two");
  expect(await push(two)).toMatchObject({ kind: "pushed" });
  expect(remoteTip()).toBe(two);
});

test.each([
  { kind: "answer", status: 411 },
  { kind: "answer", status: 200, headers: { "content-type": "text/html" }, body: "<html>" },
  { kind: "replace", after: 0, body: "0008oops" },
] as const)("a server that has become another one is asked in form ($kind $status)", async (fault) => {
  server.fault = ({ index }) => (index === 0 ? fault : undefined);
  const two = commit("two");
  const result = await push(two);
  // Behind the last one stands git, which has carried the push out.
  expect(result.kind).toBe(fault.kind === "replace" ? "up-to-date" : "pushed");
  expect(remoteTip()).toBe(two);
  server.clear();
  await push(commit("three"));
  expect(asked()[0]).toBe(fault.kind === "replace" ? "GET" : "POST");
});

test("a refusal that lasts is reported as that of any push", async () => {
  server.fault = () => ({ kind: "answer", status: 403 });
  expect((await failureOf(push(commit("two")))).code).toBe("FORBIDDEN");
  expect(asked()).toEqual(["POST", "GET"]);
});

test("a lost answer is looked after at once", async () => {
  server.fault = ({ index }) => (index === 0 ? { kind: "lose-answer" } : undefined);
  const two = commit("two");
  expect(await push(two)).toEqual({ kind: "up-to-date" });
  expect(remoteTip()).toBe(two);
  expect(git(tree, "rev-parse", "refs/remotes/origin/main")).toBe(two);
});

test("a folder is always asked", async () => {
  const { signal } = new AbortController();
  const connection = await transport.open(bare, { signal });
  expect(connection.memory).toBeUndefined();
  await connection.close();
});
