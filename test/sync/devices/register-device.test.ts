import { expect, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import { createResponder } from "../../../src/git/serve/responder.ts";
import { deviceMessage, readDevice } from "../../../src/sync/devices/device-record.ts";
import type { Registration } from "../../../src/sync/run-context.ts";
import { createTransport } from "../../../src/transport/open-transport.ts";
import { fakeClock, type FakeClock } from "../../helpers/fake-clock.ts";
import { createBareRepository, startGitServer } from "../../helpers/git-http-server.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

const HOUR = 3_600_000;

function registration(id: string, rested: string[] = []): Registration {
  return {
    id,
    system: "linux",
    version: "1.2.3",
    rests: (remote, source) => rested.includes(`${source} ${remote}`),
    rest: (remote, source) => void rested.push(`${source} ${remote}`),
  };
}

type Pair = { readonly remote: string; readonly clock: FakeClock; readonly laptop: BenchDevice };

async function registered(
  rested: string[] = [],
  prepare: (remote: string) => void = () => {},
): Promise<Pair> {
  const remote = benchRemote();
  prepare(remote);
  const clock = fakeClock(1_800_000_000_000);
  const laptop = benchDevice("laptop", remote, { clock, registration: registration("a".repeat(16), rested) });
  laptop.write("a.md", "one\n");
  expect((await laptop.sync()).error).toBeUndefined();
  return { remote, clock, laptop };
}

function words(remote: string, id = "a".repeat(16)): readonly string[] {
  return git(remote, "log", "--format=%B%x00", `refs/lull/devices/${id}`)
    .split("\0")
    .map((message) => message.trim())
    .filter((message) => message !== "");
}

test("a device makes itself known in the remote, outside of every branch", async () => {
  const { remote, laptop } = await registered();
  expect(words(remote)).toEqual(['lull device\n\n{"name":"laptop","system":"linux","version":"1.2.3"}']);
  expect(git(remote, "log", "--format=%s", "main")).toBe("Add a.md");
  fsck(remote);
  fsck(laptop.directory);
  expect(git(laptop.directory, "status", "--porcelain")).toBe("");
  const clone = join(laptop.directory, "..", "clone");
  git(laptop.directory, "clone", "-q", remote, clone);
  expect(git(clone, "for-each-ref", "--format=%(refname)")).not.toContain("lull");
});

test("it says so again after a day, and at once with another name; else a sync pushes nothing", async () => {
  const { remote, clock, laptop } = await registered();
  clock.advance(23 * HOUR);
  const run = await laptop.sync();
  expect(run.outcome).toBe("up-to-date");
  expect(words(remote)).toHaveLength(1);
  clock.advance(2 * HOUR);
  expect((await laptop.sync()).outcome).toBe("up-to-date");
  expect(words(remote)).toHaveLength(2);
  Object.assign(laptop.deps, { device: "renamed" });
  await laptop.sync();
  expect(words(remote)[0]).toContain('"name":"renamed"');
});

test("of all that the remote had only its own word is read", async () => {
  const rested: string[] = [];
  const { clock, remote, laptop } = await registered(rested);
  const known = join(laptop.directory, ".git/refs/lull/remotes/origin");
  writeFileSync(join(known, "b".repeat(16)), `${"c".repeat(40)}\n`);
  clock.advance(25 * HOUR);
  await laptop.sync();
  expect(rested).toEqual([]);
  expect(words(remote)).toHaveLength(2);
});

test("a dry run and a source that only pulls say nothing", async () => {
  const { clock, remote, laptop } = await registered();
  clock.advance(48 * HOUR);
  await laptop.sync({ dryRun: true });
  Object.assign(laptop.source, { direction: "pull" });
  await laptop.sync();
  expect(words(remote)).toHaveLength(1);
});

test("a repository that was cloned anew goes on with its own line", async () => {
  const { remote } = await registered();
  const again = benchDevice("laptop", remote, {
    clock: fakeClock(1_800_000_000_000 + 30 * HOUR),
    registration: registration("a".repeat(16)),
  });
  await again.sync();
  expect(words(remote)).toHaveLength(2);
});

test("a remote that refuses such refs is told once, and the sync stands", async () => {
  const rested: string[] = [];
  const refuse = (remote: string): void => {
    // A ref where the folder of the others would have to be.
    const tree = git(remote, "hash-object", "-t", "tree", "-w", "/dev/null");
    const commit = git(remote, "-c", "user.name=x", "-c", "user.email=y", "commit-tree", "-m", "x", tree);
    git(remote, "update-ref", "refs/lull/devices", commit);
  };
  const { remote, laptop } = await registered(rested, refuse);
  expect(rested).toEqual(["notes origin"]);
  expect(git(remote, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\nrefs/lull/devices");
  laptop.write("a.md", "two\n");
  const told: string[] = [];
  const run = await laptop.sync({
    onEvent: (event) => void (event.kind === "step" && told.push(event.detail)),
  });
  expect(run).toMatchObject({ outcome: "synced", remotes: [{ error: undefined, sent: 1 }] });
  expect(told.join("\n")).not.toContain("devices");
});

test("another device learns of it, and the last known list stays when the remote is gone", async () => {
  const { remote, laptop } = await registered();
  const desktop = benchDevice("desktop", remote, { registration: registration("b".repeat(16)) });
  await desktop.sync();
  const clock = fakeClock(1_800_000_000_000);
  const engine = createGit({
    clock,
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  const repository = engine.open(laptop.directory);
  const transport = createTransport({ credentials: async () => undefined, createResponder, clock });
  const { signal } = new AbortController();
  const connection = await transport.open(remote, { signal });
  await repository.fetchRecords({ connection, remote: "origin", signal });
  await connection.close();
  const known = [...repository.records("origin")].map(([id, { message }]) => [id, readDevice(message)?.name]);
  expect(known).toEqual([
    ["a".repeat(16), "laptop"],
    ["b".repeat(16), "desktop"],
  ]);
  repository.close();
  fsck(laptop.directory);
});

test("what no lull has written is no device", () => {
  const record = { name: "x", system: "linux", version: "1", forgotten: true };
  expect(readDevice(deviceMessage(record))).toEqual(record);
  for (const message of [
    "",
    "lull device\n\n",
    "lull device\n\nnull",
    'lull device\n\n{"name":1,"system":"","version":""}',
    'lull device\n\n{"name":"","system":"","version":""}',
    `lull device\n\n${JSON.stringify({ ...record, name: "x".repeat(5000) })}`,
    `other\n\n${JSON.stringify(record)}`,
  ])
    expect(readDevice(message)).toBeUndefined();
});

test("git's own server, which may refuse it by a hook: two requests once a day, none else", async () => {
  const root = temporaryDirectory();
  const bare = createBareRepository(root, "notes.git");
  const server = await startGitServer(root);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => server.stop());
  const clock = fakeClock(1_800_000_000_000);
  const rested: string[] = [];
  const laptop = benchDevice("laptop", `${server.url}/notes.git`, {
    clock,
    registration: registration("a".repeat(16), rested),
  });
  laptop.write("a.md", "one\n");
  await laptop.sync();
  expect(words(bare)).toHaveLength(1);
  fsck(bare);
  const pushes = () => server.requests.filter(({ url }) => url.includes("receive-pack")).length;
  let before = pushes();
  await laptop.sync();
  expect(pushes() - before).toBe(0);
  clock.advance(25 * HOUR);
  before = pushes();
  await laptop.sync();
  expect(pushes() - before).toBe(2);
  expect(words(bare)).toHaveLength(2);

  const hook = `${bare}/hooks/update`;
  writeFileSync(hook, '#!/bin/sh\ncase "$1" in refs/lull/*) exit 1;; esac\n');
  chmodSync(hook, 0o755);
  clock.advance(25 * HOUR);
  laptop.write("a.md", "two\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", remotes: [{ error: undefined }] });
  expect(rested).toEqual(["notes origin"]);
  expect(words(bare)).toHaveLength(2);
});
