import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { SyncEvent } from "../../src/sync/outcome.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

function expectSame(...devices: readonly BenchDevice[]): void {
  for (const device of devices) {
    fsck(device.directory);
    expect(git(device.directory, "status", "--porcelain")).toBe("");
    expect(treeSnapshot(device.directory)).toEqual(treeSnapshot(devices[0]?.directory ?? ""));
  }
}

async function pair(): Promise<{ remote: string; laptop: BenchDevice; desktop: BenchDevice }> {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote);
  const desktop = benchDevice("desktop", remote);
  laptop.write("a.md", "one\n");
  laptop.write("b.md", "two\n");
  await laptop.sync();
  await desktop.sync();
  return { remote, laptop, desktop };
}

test("the first sync commits and sends, the second device receives", async () => {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote);
  laptop.write("a.md", "one\n");
  expect(await laptop.sync()).toMatchObject({
    outcome: "synced",
    branch: "main",
    committed: { files: 1 },
    remotes: [{ name: "origin", sent: 1, received: 0 }],
    error: undefined,
  });
  const desktop = benchDevice("desktop", remote);
  expect(await desktop.sync()).toMatchObject({ outcome: "synced", committed: undefined, filesWritten: 1 });
  expectSame(laptop, desktop);
  fsck(remote);
  expect(git(remote, "log", "-1", "--format=%an <%ae> %s")).toBe("ada <ada@laptop> Add a.md");
});

test("an empty folder and an empty remote are up to date", async () => {
  const laptop = benchDevice("laptop", benchRemote());
  expect(await laptop.sync()).toMatchObject({
    outcome: "up-to-date",
    committed: undefined,
    error: undefined,
  });
});

test("steps are told in the order that loses nothing", async () => {
  const { laptop, desktop } = await pair();
  laptop.write("a.md", "one and a half\n");
  desktop.write("b.md", "two and a half\n");
  await laptop.sync();
  const events: SyncEvent[] = [];
  await desktop.sync({ onEvent: (event) => events.push(event) });
  const steps = events.flatMap((event) => (event.kind === "step" ? [event.step] : []));
  expect(steps).toEqual(["look", "scan", "commit", "fetch", "merge", "checkout", "push"]);
});

test("a file that is edited during the sync is never overwritten, and both edits survive", async () => {
  const { remote, laptop, desktop } = await pair();
  laptop.write("a.md", "from the laptop\n");
  await laptop.sync();
  let edited = false;
  const run = await desktop.sync({
    onEvent: (event) => {
      if (event.kind === "step" && event.step === "checkout" && !edited) {
        edited = true;
        desktop.write("a.md", "typed at the last moment\n");
      }
    },
  });
  expect(run).toMatchObject({ outcome: "conflict", conflicts: [{ path: "a.md", kept: "both" }] });
  expect(desktop.read("a.md")).toBe("from the laptop\n");
  expect(desktop.read(run.conflicts[0]?.copy ?? "")).toBe("typed at the last moment\n");
  await laptop.sync();
  expectSame(laptop, desktop);
  fsck(remote);
});

test("a lost race is fetched, merged and pushed again", async () => {
  const { remote, laptop, desktop } = await pair();
  laptop.write("a.md", "from the laptop\n");
  desktop.write("b.md", "from the desktop\n");
  let raced = false;
  const run = await desktop.sync({
    onEvent: (event) => {
      if (event.kind !== "step" || event.step !== "push" || raced) return;
      raced = true;
      // The laptop's push gets in between, done by real git so that it happens within this very moment.
      git(laptop.directory, "commit", "-qam", "laptop was faster");
      git(laptop.directory, "push", "-q", remote, "main");
    },
  });
  expect(run).toMatchObject({ outcome: "synced", remotes: [{ received: 1 }] });
  await laptop.sync();
  expectSame(laptop, desktop);
  expect(laptop.read("b.md")).toBe("from the desktop\n");
});

test("one failing remote is reported and does not stop the other", async () => {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote, {
    remotes: [
      { name: "usb", url: "/mnt/not/mounted.git" },
      { name: "origin", url: remote },
    ],
  });
  laptop.write("a.md", "one\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "partial",
    remotes: [
      { name: "usb", error: { code: "OFFLINE", data: { remote: "usb" } } },
      { name: "origin", sent: 1, error: undefined },
    ],
  });
  expect(run.reason).toContain("usb");
  expect(git(remote, "show", "main:a.md")).toBe("one");
});

test("an unreachable remote leaves the commit in place and the next sync sends it", async () => {
  const remote = benchRemote();
  let reachable = false;
  const laptop = benchDevice("laptop", remote, {
    connect: (open) => (url, signal) => open(reachable ? url : "/mnt/not/mounted.git", signal),
  });
  laptop.write("a.md", "one\n");
  const failed = await laptop.sync();
  expect(failed).toMatchObject({ outcome: "failed", committed: { files: 1 }, error: { code: "OFFLINE" } });
  reachable = true;
  expect(await laptop.sync()).toMatchObject({
    outcome: "synced",
    committed: undefined,
    remotes: [{ sent: 1 }],
  });
  expect(git(remote, "show", "main:a.md")).toBe("one");
});

test("without remotes a sync only commits", async () => {
  const laptop = benchDevice("laptop", "", { remotes: [] });
  laptop.write("a.md", "one\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 1 }, remotes: [] });
});

test("a repository in the middle of something is skipped with the reason", async () => {
  const { laptop } = await pair();
  mkdirSync(join(laptop.directory, ".git", "rebase-merge"));
  const run = await laptop.sync();
  expect(run).toMatchObject({ outcome: "skipped", error: { kind: "unsafe", code: "REPOSITORY_BUSY" } });
  expect(run.reason).toContain("rebase");
});

test("missing folder, plain folder and unknown feature each end with their own error", async () => {
  const { laptop } = await pair();
  const at = (directory: string) => ({ ...laptop.source, directory });
  const { syncRepo } = await import("../../src/sync/sync-repo.ts");
  const options = { dryRun: false, signal: new AbortController().signal };
  expect(await syncRepo(laptop.deps, at(join(laptop.directory, "gone")), options)).toMatchObject({
    outcome: "failed",
    error: { kind: "guard", code: "FOLDER_MISSING", data: { source: "notes" } },
  });
  const plain = join(laptop.directory, "..", "plain");
  mkdirSync(plain);
  writeFileSync(join(plain, "a.md"), "");
  expect(await syncRepo(laptop.deps, at(plain), options)).toMatchObject({
    error: { code: "NOT_A_REPOSITORY" },
  });
  writeFileSync(join(laptop.directory, ".git", "shallow"), `${"a".repeat(40)}\n`);
  expect(await laptop.sync()).toMatchObject({ error: { kind: "unsafe", code: "UNSUPPORTED_REPOSITORY" } });
});

test("an interrupted sync says so and the next one goes on", async () => {
  const { laptop, desktop } = await pair();
  laptop.write("a.md", "more\n");
  const interruption = new AbortController();
  const run = await laptop.sync({
    signal: interruption.signal,
    onEvent: (event) => event.kind === "step" && event.step === "fetch" && interruption.abort(),
  });
  expect(run).toMatchObject({ outcome: "failed", committed: { files: 1 }, error: { kind: "interrupted" } });
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", remotes: [{ sent: 1 }] });
  await desktop.sync();
  expectSame(laptop, desktop);
});

test("two devices without a common history are merged with nothing lost", async () => {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote);
  const desktop = benchDevice("desktop", remote);
  laptop.write("same.md", "equal\n");
  laptop.write("differs.md", "laptop\n");
  desktop.write("same.md", "equal\n");
  desktop.write("differs.md", "desktop\n");
  desktop.write("own.md", "desktop only\n");
  await laptop.sync();
  const run = await desktop.sync();
  expect(run.conflicts).toMatchObject([{ path: "differs.md", kept: "both" }]);
  await laptop.sync();
  expectSame(laptop, desktop);
  expect(readdirSync(laptop.directory).filter((name) => name.startsWith("differs"))).toHaveLength(2);
});

test("a dry run counts without touching anything", async () => {
  const { remote, laptop, desktop } = await pair();
  laptop.write("a.md", "more\n");
  const before = treeSnapshot(laptop.directory, { without: [] });
  expect(await laptop.sync({ dryRun: true })).toMatchObject({
    dryRun: true,
    committed: { commit: undefined, files: 1 },
  });
  expect(treeSnapshot(laptop.directory, { without: [] })).toEqual(before);
  await laptop.sync();
  expect(await desktop.sync({ dryRun: true })).toMatchObject({
    dryRun: true,
    outcome: "synced",
    filesWritten: 0,
    error: undefined,
    remotes: [{ name: "origin", moved: true, sent: 0 }],
  });
  expect(git(remote, "log", "--oneline", "main").split("\n")).toHaveLength(2);
});

test("a file behind a filter stops the source before anything is written", async () => {
  const { remote, laptop } = await pair();
  laptop.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  laptop.write("film.bin", "many bytes\n");
  const before = treeSnapshot(laptop.directory, { without: ["guards.json"] });
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "failed",
    error: { kind: "guard", code: "GUARD_FILTER", message: expect.stringContaining("film.bin") },
  });
  expect(treeSnapshot(laptop.directory, { without: ["guards.json"] })).toEqual(before);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("a.md\nb.md");
});

test("a filter that nobody configured does nothing, as in git", async () => {
  const { remote, laptop } = await pair();
  laptop.write(".gitattributes", "*.po filter=gettext-no-location\n");
  laptop.write("de.po", "msgid\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 2 } });
  expect(git(remote, "show", "main:de.po")).toBe("msgid");
  git(laptop.directory, "config", "filter.gettext-no-location.clean", "tr a-z A-Z");
  laptop.write("de.po", "changed\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "failed", error: { code: "GUARD_FILTER" } });
});

test("a dry run tells what would come and go, as far as it can be told without fetching", async () => {
  const { laptop, desktop } = await pair();
  const plan = async () => (await desktop.sync({ dryRun: true })).remotes[0];
  expect(await plan()).toMatchObject({ received: 0, sent: 0, moved: false });
  desktop.write("c.md", "not committed yet\n");
  expect(await plan()).toMatchObject({ received: 0, sent: 1, moved: false });
  git(desktop.directory, "add", ".");
  git(desktop.directory, "commit", "-qm", "by hand");
  desktop.write("d.md", "nor this\n");
  expect(await plan()).toMatchObject({ sent: 2, moved: false });
  laptop.write("a.md", "news\n");
  await laptop.sync();
  expect(await plan()).toMatchObject({ received: 0, sent: 2, moved: true });
  git(desktop.directory, "fetch", "-q", desktop.source.remotes[0]?.url ?? "", "main");
  expect(await plan()).toMatchObject({ received: 1, sent: 2, moved: false });
  expect(git(desktop.directory, "log", "--format=%s")).not.toContain("d.md");
});

test("a dry run on a device that has nothing yet says that there is something to receive", async () => {
  const { remote } = await pair();
  const tablet = benchDevice("tablet", remote);
  expect(await tablet.sync({ dryRun: true })).toMatchObject({
    outcome: "synced",
    remotes: [{ moved: true, sent: 0 }],
  });
  expect(readdirSync(tablet.directory)).toEqual([".git"]);
});

test("the remote is asked before the folder is scanned, and again when what it said has grown old", async () => {
  const clock = fakeClock();
  const steps: string[] = [];
  const laptop = benchDevice("laptop", benchRemote(), {
    clock,
    connect: (open) => async (url, signal) => {
      const connection = await open(url, signal);
      const advertise = connection.advertise.bind(connection);
      connection.advertise = (service, protocol) => {
        steps.push(service);
        return advertise(service, protocol);
      };
      return connection;
    },
  });
  laptop.write("a.md", "one\n");
  const onEvent = (event: SyncEvent): void => {
    if (event.kind !== "step") return;
    steps.push(event.step);
    if (event.step === "commit") clock.advance(6000);
  };
  await laptop.sync({ onEvent });
  expect(steps).toEqual([
    "look",
    "git-upload-pack",
    "scan",
    "commit",
    "fetch",
    "git-upload-pack",
    "push",
    "git-receive-pack",
  ]);
  steps.length = 0;
  await laptop.sync({ onEvent });
  expect(steps).toEqual(["look", "git-upload-pack", "scan", "fetch", "push"]);
});

test("a remote that fails while the folder can not be scanned leaves the folder's error", async () => {
  const laptop = benchDevice("laptop", "/mnt/not/mounted.git");
  laptop.write("a.bin", "x");
  laptop.write(".gitattributes", "*.bin filter=lfs\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "failed", error: { code: "GUARD_FILTER" } });
});

test("an empty folder on a branch that the remote does not have is not up to date", async () => {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote);
  laptop.write("a.md", "one\n");
  await laptop.sync();
  const desktop = benchDevice("desktop", remote);
  git(desktop.directory, "symbolic-ref", "HEAD", "refs/heads/master");
  const run = await desktop.sync();
  expect(run).toMatchObject({ outcome: "failed", error: { code: "BRANCH_ABSENT", kind: "unsafe" } });
  expect(run.error?.message).toBe("origin has no branch master, and nothing is committed here; it has main");
  git(desktop.directory, "symbolic-ref", "HEAD", "refs/heads/main");
  expect((await desktop.sync()).outcome).toBe("synced");
  git(desktop.directory, "symbolic-ref", "HEAD", "refs/heads/other");
  git(desktop.directory, "read-tree", "--empty");
  expect(await desktop.sync()).toMatchObject({ outcome: "synced", remotes: [{ sent: 1 }] });
});
