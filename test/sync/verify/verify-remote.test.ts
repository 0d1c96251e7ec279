/** How a remote stands to a repository, and what it lost; real repositories of system git. */
import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { createResponder } from "../../../src/git/serve/responder.ts";
import { type RemoteVerification, verifyRemote } from "../../../src/sync/verify/verify-remote.ts";
import { LocalConnection } from "../../../src/transport/local.ts";
import { engine, signal } from "../../git/verify/places.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";

function place() {
  const directory = join(temporaryDirectory(), "work");
  const url = join(temporaryDirectory(), "remote.git");
  git("/", "init", "-q", "--bare", url);
  git("/", "init", "-q", directory);
  git(directory, "remote", "add", "origin", url);
  const commit = (name: string): void => void git(directory, "commit", "-q", "--allow-empty", "-m", name);
  commit("one");
  commit("two");
  git(directory, "push", "-q", "origin", "main");
  git(directory, "fetch", "-q", "origin");
  return { directory, url, commit };
}

async function look(directory: string, url: string): Promise<RemoteVerification> {
  const deps = {
    git: engine(),
    connect: async () => new LocalConnection({ directory: url, createResponder, signal }),
  };
  const repository = deps.git.open(directory);
  const remote = { name: "origin", url };
  try {
    return await verifyRemote({ deps, repository, remote, branch: "refs/heads/main", folder: url, signal });
  } finally {
    repository.close();
  }
}

test("one that has everything", async () => {
  const { directory, url } = place();
  expect(await look(directory, url)).toMatchObject({
    standing: { kind: "same" },
    lost: [],
    folder: { findings: [] },
    error: undefined,
  });
});

test("one that is behind, and one that has news", async () => {
  const { directory, url, commit } = place();
  commit("three");
  expect((await look(directory, url)).standing).toEqual({ kind: "ahead", commits: 1 });
  const other = git(url, "commit-tree", "main^{tree}", "-p", "main", "-m", "theirs");
  git(url, "update-ref", "refs/heads/main", other);
  expect(await look(directory, url)).toMatchObject({ standing: { kind: "news" }, lost: [] });
});

test("one whose branch went back or away lost what was seen there", async () => {
  const { directory, url } = place();
  const had = git(directory, "rev-parse", "main");
  const has = git(directory, "rev-parse", "main~1");
  git(url, "update-ref", "refs/heads/main", has);
  expect((await look(directory, url)).lost).toEqual([{ branch: "main", had, has }]);
  git(url, "update-ref", "-d", "refs/heads/main");
  expect(await look(directory, url)).toMatchObject({
    standing: { kind: "absent" },
    lost: [{ branch: "main", had, has: undefined }],
  });
});

test("one that is gone is an error of its own", async () => {
  const { directory, url } = place();
  rmSync(url, { recursive: true });
  expect(await look(directory, url)).toMatchObject({
    standing: undefined,
    lost: [],
    folder: undefined,
    error: { kind: "unreachable" },
  });
});
