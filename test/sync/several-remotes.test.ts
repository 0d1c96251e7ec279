/** One source with several remotes of different kinds, of which some fail. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { renameSync, writeFileSync } from "node:fs";

import { createBareRepository, type GitServer, startGitServer } from "../helpers/git-http-server.ts";
import type { SyncEvent } from "../../src/sync/outcome.ts";
import { benchDevice, type BenchDevice, benchRemote } from "../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const root = temporaryDirectory();
let server: GitServer;
let number = 0;

beforeAll(async () => {
  server = await startGitServer(root);
});
beforeEach(() => server.clear());
afterAll(() => server.stop());

type Place = { readonly bare: string; readonly url: string };

function overHttp(): Place {
  const name = `${++number}.git`;
  return { bare: createBareRepository(root, name), url: server.repository(name) };
}

function folder(): Place {
  const bare = benchRemote();
  return { bare, url: bare };
}

function device(name: string, remotes: Readonly<Record<string, Place>>): BenchDevice {
  const list = Object.entries(remotes).map(([remote, { url }]) => ({ name: remote, url }));
  return benchDevice(name, list[0]?.url ?? "", { remotes: list });
}

function expectAt(laptop: BenchDevice, ...places: readonly Place[]): void {
  const tip = git(laptop.directory, "rev-parse", "HEAD");
  fsck(laptop.directory);
  for (const { bare } of places) {
    fsck(bare);
    expect(git(bare, "rev-parse", "main")).toBe(tip);
  }
}

test("each remote that is ahead is taken in, and all get everything", async () => {
  const places = { web: overHttp(), usb: folder(), nas: folder() };
  const { web, usb, nas } = places;
  const laptop = device("laptop", places);
  laptop.write("start.md", "start\n");
  await laptop.sync();
  expectAt(laptop, web, usb, nas);
  for (const [name, place] of Object.entries(places)) {
    const other = device(name, { origin: place });
    await other.sync();
    other.write(`${name}.md`, `from ${name}\n`);
    await other.sync();
  }
  laptop.write("own.md", "own\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({ outcome: "synced", error: undefined });
  expect(run.remotes.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  for (const name of ["web", "usb", "nas"]) expect(laptop.read(`${name}.md`)).toBe(`from ${name}\n`);
  expectAt(laptop, web, usb, nas);
});

test("a first remote that is away does not keep back what the second has, and gets it later", async () => {
  const usb = folder();
  const web = overHttp();
  const laptop = device("laptop", { usb, web });
  laptop.write("a.md", "one\n");
  await laptop.sync();
  const other = device("other", { origin: web });
  await other.sync();
  other.write("b.md", "two\n");
  await other.sync();

  renameSync(usb.bare, `${usb.bare}.away`);
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "partial",
    remotes: [
      { name: "usb", error: { code: "OFFLINE" } },
      { name: "web", received: 1, error: undefined },
    ],
  });
  expect(laptop.read("b.md")).toBe("two\n");

  renameSync(`${usb.bare}.away`, usb.bare);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", remotes: [{ sent: 1 }, { sent: 0 }] });
  expectAt(laptop, usb, web);
});

test("a mirror that takes no pushes is read, and named with its reason each time it lacks something", async () => {
  const mirror = overHttp();
  const origin = folder();
  git(mirror.bare, "config", "http.receivepack", "false");
  const laptop = device("laptop", { mirror, origin });
  for (const content of ["one\n", "two\n"]) {
    laptop.write("a.md", content);
    const run = await laptop.sync();
    expect(run).toMatchObject({
      outcome: "partial",
      error: undefined,
      remotes: [
        { name: "mirror", sent: 0, error: { code: "FORBIDDEN" } },
        { name: "origin", sent: 1, error: undefined },
      ],
    });
    expect(run.reason).toStartWith("mirror: ");
    expectAt(laptop, origin);
  }
  // Whoever owns the mirror brings it up to date: then there is nothing to complain about.
  git(mirror.bare, "fetch", "-q", origin.bare, "main:main");
  expect(await laptop.sync()).toMatchObject({ outcome: "up-to-date", reason: undefined });
});

test("a hook that refuses on one server does not stop the others", async () => {
  const strict = overHttp();
  const origin = overHttp();
  const hook = `${strict.bare}/hooks/pre-receive`;
  writeFileSync(hook, "#!/bin/sh\necho 'no pushes on sundays' >&2\nexit 1\n", { mode: 0o755 });
  const laptop = device("laptop", { strict, origin });
  laptop.write("a.md", "one\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({ outcome: "partial", remotes: [{ error: { code: "FORBIDDEN" } }, { sent: 1 }] });
  expect(run.remotes[0]?.error?.message).toContain("no pushes on sundays");
  expectAt(laptop, origin);
});

test("a remote that fails is not asked again while another one moves", async () => {
  const broken = overHttp();
  const moving = folder();
  let isRaced = false;
  const laptop = benchDevice("laptop", moving.url, {
    remotes: [
      { name: "broken", url: broken.url },
      { name: "moving", url: moving.url },
    ],
  });
  const other = device("other", { origin: moving });
  other.write("other.md", "other\n");
  server.fault = () => ({ kind: "answer", status: 500 });
  laptop.write("a.md", "one\n");
  const racing = laptop.sync({
    onEvent: (event) => {
      if (event.kind !== "step" || event.step !== "push" || isRaced) return;
      isRaced = true;
      // Another device is faster, right before the push.
      git(
        other.directory,
        "-c",
        "user.name=o",
        "-c",
        "user.email=o@o",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
      );
      git(other.directory, "push", "-q", moving.bare, "HEAD:main");
    },
  });
  const run = await racing;
  expect(isRaced).toBe(true);
  expect(run).toMatchObject({
    outcome: "partial",
    remotes: [
      { name: "broken", error: { code: "REMOTE_ERROR" } },
      { name: "moving", error: undefined },
    ],
  });
  expect(server.requests).toHaveLength(1);
  expectAt(laptop, moving);
});

test("when all fail the run has failed, with the first one's error, and the work is committed", async () => {
  const web = overHttp();
  const laptop = benchDevice("laptop", "", {
    remotes: [
      { name: "web", url: web.url },
      { name: "usb", url: "/mnt/not/mounted.git" },
    ],
  });
  server.fault = () => ({ kind: "answer", status: 403 });
  laptop.write("a.md", "one\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({ outcome: "failed", committed: { files: 1 }, error: { code: "FORBIDDEN" } });
  expect(run.remotes.map(({ error }) => error?.code)).toEqual(["FORBIDDEN", "OFFLINE"]);
  server.clear();
  expect(await laptop.sync()).toMatchObject({ outcome: "partial", remotes: [{ sent: 1 }, {}] });
});

test("what goes and comes is told in bytes while it does", async () => {
  const web = overHttp();
  const laptop = device("laptop", { web });
  const other = device("other", { web });
  const told: SyncEvent[] = [];
  const onEvent = (event: SyncEvent): void => void told.push(event);
  for (let index = 0; index < 16; index++) {
    const noise = crypto.getRandomValues(new Uint8Array(200_000));
    laptop.write(`noise/${index}`, Buffer.from(noise).toString("latin1"));
  }
  const { remotes } = await laptop.sync({ onEvent });
  const last = (step: string): SyncEvent | undefined =>
    told.findLast((event) => event.kind === "progress" && event.step === step);
  const bytes = remotes[0]?.bytesSent ?? 0;
  expect(bytes).toBeGreaterThan(2_000_000);
  expect(last("sending")).toMatchObject({ done: bytes, total: bytes, unit: "bytes" });
  await other.sync({ onEvent });
  expect(last("receiving")).toMatchObject({ unit: "bytes" });
  expect(told).toContainEqual(expect.objectContaining({ step: "receiving", total: expect.any(Number) }));
});
