/** A whole clone with the second thread as the product wires it, against system git. */
import { expect, test } from "bun:test";
import { join } from "node:path";

import { createGit } from "../../src/git/create-git.ts";
import type { StartPullThread } from "../../src/git/pull-help.ts";
import { createResponder } from "../../src/git/serve/responder.ts";
import { openFileSystemSync } from "../../src/platform/file-system-sync.ts";
import { openFolderStats } from "../../src/platform/folder-stats.ts";
import { startPullThread } from "../../src/platform/threads.ts";
import { createTransport } from "../../src/transport/open-transport.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../helpers/system-git.ts";

/** More than it takes to start the thread. */
const FILES = 4500;

const clock = fakeClock(1_800_000_000_000);
const signal = new AbortController().signal;

function remote(): string {
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "--bare");
  const lines = ["commit refs/heads/main\ncommitter a <a@x> 1 +0000\ndata 1\nx\n"];
  for (let number = 0; number < FILES; number++) {
    const content = `file ${number}\n`.repeat(1 + (number % 300));
    lines.push(`M 100644 inline f${number % 90}/${number}\ndata ${content.length}\n${content}\n`);
  }
  gitRaw(directory, ["fast-import", "--quiet"], { input: lines.join("") });
  return directory;
}

async function clone(url: string, start: StartPullThread): Promise<string> {
  const directory = join(temporaryDirectory(), "clone");
  const engine = createGit({
    clock,
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
    openFileSystem: openFileSystemSync,
    openFolderStats,
    startPullThread: start,
  });
  engine.init(directory, { bare: false, branch: "main" });
  const repository = engine.open(directory);
  const transport = createTransport({
    credentials: async () => undefined,
    createResponder: async (path) => createResponder(path, { clock }),
    clock,
  });
  const connection = await transport.open(url, { signal });
  try {
    const { refs } = await repository.fetch({ connection, remote: "origin", signal });
    const target = refs.get("refs/heads/main") ?? "";
    const from = { branch: "refs/heads/main", commit: undefined };
    expect(repository.checkout({ from, target, reason: "test", signal }).kind).toBe("done");
  } finally {
    await connection.close();
    repository.close();
  }
  return directory;
}

function expectCloned(directory: string): void {
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(git(directory, "ls-files").split("\n")).toHaveLength(FILES);
  fsck(directory);
}

test("a clone of many files has one thread's help, which ends with the checkout", async () => {
  const posted: string[] = [];
  let stopped = 0;
  const directory = await clone(remote(), () => {
    const thread = startPullThread<unknown>();
    return (
      thread && {
        post(order) {
          posted.push(order.kind);
          thread.post(order);
        },
        stop() {
          stopped++;
          thread.stop();
        },
      }
    );
  });
  expectCloned(directory);
  // A machine with one processor has no second thread.
  if (posted.length > 0) expect([posted, stopped]).toEqual([["entries", "files"], 1]);
});

test("a clone whose thread is killed while the pack comes is whole all the same", async () => {
  const directory = await clone(remote(), () => {
    const thread = startPullThread<unknown>();
    setTimeout(() => thread?.stop(), 30);
    return thread;
  });
  expectCloned(directory);
}, 60_000);
