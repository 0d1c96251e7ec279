/** Guards as a person meets them: the exit code, the words, the pause, the one command to go on. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { isFolderBack } from "../../src/compose/folder-back.ts";
import { runDaemon, type StoryLine } from "../helpers/daemon-process.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

async function filled(files: number): Promise<{ laptop: Device; remote: string }> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  const laptop = makeDevice("laptop");
  for (let number = 0; number < files; number++) laptop.write(`n/${number}.md`, `note ${number}\n`);
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  return { laptop, remote };
}

const TOKEN = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");

test("a mass deletion ends with exit code 7, pauses the source, and one command goes on", async () => {
  const { laptop, remote } = await filled(20);
  laptop.remove("n");
  laptop.write("left.md", "left\n");
  const before = git(laptop.notes, "rev-parse", "HEAD");
  const dry = await laptop.lull(["sync", "--dry-run"], 7);
  expect(dry.stdout).toContain("20 of 20 files would be deleted");
  expect((await laptop.json(["status"])).json).toMatchObject({ paused: [] });
  const { stdout } = await laptop.lull(["sync"], 7);
  expect(stdout).toContain("20 of 20 files would be deleted at the remotes");
  expect(stdout).toContain("lull allow notes");
  expect(git(laptop.notes, "rev-parse", "HEAD")).toBe(before);
  expect((await laptop.lull(["status"])).stdout).toContain("by a guard, until `lull allow notes`");
  expect((await laptop.lull(["allow", "notes", "--list"])).stdout).toContain("20 of 20");

  await laptop.lull(["allow", "notes", "--dry-run"]);
  expect((await laptop.lull(["allow", "notes"])).stdout).toContain("Next: lull sync notes");
  expect((await laptop.json(["status"])).json).toMatchObject({ paused: [] });
  await laptop.lull(["sync"]);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("left.md");
  expect(await laptop.json(["allow", "notes", "--list"])).toMatchObject({
    json: { waiting: [], allowed: [] },
  });
  const audit = await laptop.lull(["log", "--audit"]);
  expect(audit.stdout).toContain("allow");
  expectConverged([laptop], [remote]);
});

test("files that come back end the pause with the next sync that goes through", async () => {
  const { laptop } = await filled(3);
  renameSync(join(laptop.notes, "n"), join(laptop.notes, "..", "away"));
  await laptop.lull(["sync"], 7);
  expect((await laptop.json(["status"])).json).toMatchObject({
    paused: [{ source: "notes", guard: "emptied" }],
  });
  expect((await laptop.lull(["status"])).stdout).toContain("until the files are back, or `lull allow notes`");
  renameSync(join(laptop.notes, "..", "away"), join(laptop.notes, "n"));
  await laptop.lull(["sync"]);
  expect((await laptop.json(["status"])).json).toMatchObject({ paused: [] });
  renameSync(laptop.notes, `${laptop.notes}-away`);
  // Nothing can be allowed where nothing is.
  const missing = await laptop.lull(["sync"], 7);
  expect(missing.stdout + missing.stderr).toContain("alone until the folder is back");
  renameSync(`${laptop.notes}-away`, laptop.notes);
});

test("another repository in the folder is not mixed with the source, until somebody says so", async () => {
  const { laptop, remote } = await filled(2);
  const before = git(remote, "rev-parse", "main");
  const away = `${laptop.notes}-away`;
  renameSync(laptop.notes, away);
  // A second drive at the same place, with a repository of its own.
  git(temporaryDirectory(), "init", "-q", "-b", "main", laptop.notes);
  laptop.write("other.md", "another drive\n");
  git(laptop.notes, "add", ".");
  git(laptop.notes, "commit", "-qm", "other");
  laptop.write("more.md", "more\n");
  const other = git(laptop.notes, "rev-parse", "HEAD");
  const { stdout } = await laptop.lull(["sync"], 7);
  expect(stdout).toContain("does not know commit");
  expect(stdout).toContain("another repository is there");
  expect(git(laptop.notes, "rev-parse", "HEAD")).toBe(other);
  expect(git(laptop.notes, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect(git(remote, "rev-parse", "main")).toBe(before);
  expect((await laptop.json(["status"])).json).toMatchObject({ paused: [{ guard: "repository" }] });
  expect(isFolderBack(laptop.notes, "repository")).toBe(false);

  const second = `${laptop.notes}-second`;
  renameSync(laptop.notes, second);
  renameSync(away, laptop.notes);
  expect(isFolderBack(laptop.notes, "repository")).toBe(true);
  laptop.write("n/0.md", "edited\n");
  await laptop.lull(["sync"]);
  expect((await laptop.json(["status"])).json).toMatchObject({ paused: [] });
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("n/0.md\nn/1.md");

  renameSync(laptop.notes, away);
  renameSync(second, laptop.notes);
  await laptop.lull(["sync"], 7);
  await laptop.lull(["allow", "notes"]);
  for (let round = 0; round < 2; round++) await laptop.lull(["sync"]);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("more.md\nn/0.md\nn/1.md\nother.md");
  laptop.write("more.md", "and more\n");
  await laptop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expect((await laptop.json(["allow", "notes", "--list"])).json).toMatchObject({ waiting: [] });
});

test("a clone in the place of the folder is the same repository, and so is a branch that was switched", async () => {
  const { laptop, remote } = await filled(2);
  rmSync(laptop.notes, { recursive: true });
  git(temporaryDirectory(), "clone", "-q", remote, laptop.notes);
  await laptop.lull(["sync"]);
  git(laptop.notes, "switch", "-q", "--orphan", "fresh");
  laptop.write("x.md", "x\n");
  await laptop.lull(["sync"]);
  git(laptop.notes, "switch", "-q", "main");
  await laptop.lull(["sync"]);
});

test("a secret is left out aloud, allowed by its path, and that can be taken back", async () => {
  const { laptop, remote } = await filled(1);
  laptop.write("it's.sh", `export T=${TOKEN}\n`);
  laptop.write("fine.md", "fine\n");
  const { stdout } = await laptop.lull(["sync"]);
  expect(stdout).toContain("left out: it's.sh: it seems to hold a GitHub token in line 1");
  expect(stdout).toContain(String.raw`lull allow notes 'it'\''s.sh'`);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("fine.md\nn/0.md");
  expect((await laptop.json(["status"])).json).toMatchObject({ sources: [{ uncommitted: 0, leftOut: 1 }] });
  expect((await laptop.lull(["status"])).stdout).toContain("1 file left out by a guard");
  laptop.write("also.md", "also\n");
  laptop.write("new.sh", `T=${TOKEN}\n`);
  const diff = await laptop.lull(["diff"]);
  expect(diff.stdout).toContain("new.sh: it seems to hold a GitHub token in line 1");
  expect(diff.stdout).not.toContain(TOKEN);
  expect((await laptop.json(["diff"])).json).toMatchObject({
    sources: [
      {
        entries: [
          { path: "also.md", where: "uncommitted" },
          { path: "it's.sh", where: "left-out" },
          { path: "new.sh", where: "left-out", change: "added" },
        ],
      },
    ],
  });
  laptop.remove("also.md");
  laptop.remove("new.sh");
  const wrong = await laptop.lull(["allow", "notes", "its.sh"], 2);
  expect(wrong.stderr).toContain("it's.sh");
  // Only what stops the source is allowed without a name.
  await laptop.lull(["allow", "notes"], 2);
  await laptop.lull(["allow", "notes", "it's.sh"]);
  await laptop.lull(["sync"]);
  expect(git(remote, "show", "main:it's.sh")).toContain(TOKEN);
  await laptop.lull(["allow", "notes", "it's.sh", "--remove"]);
  laptop.write("other.sh", `export T=${TOKEN}\n`);
  expect((await laptop.lull(["sync"])).stdout).toContain("left out: other.sh");
  await laptop.lull(["allow", "notes", "--remove"], 2);
  const everything = [await laptop.lull(["log"]), await laptop.lull(["allow", "notes", "--list"])];
  expect(JSON.stringify(everything)).not.toContain(TOKEN);
});

test("a mass deletion that somebody else pushed stops here as well; one that another device allowed does not", async () => {
  const { laptop, remote } = await filled(20);
  const desktop = makeDevice("desktop");
  await desktop.lull(["add", "notes", "--remote", remote]);
  await desktop.lull(["sync"]);
  laptop.remove("n");
  laptop.write("left.md", "left\n");
  git(laptop.notes, "add", ".");
  git(laptop.notes, "commit", "-qm", "by hand");
  await laptop.lull(["sync"]);
  const before = desktop.snapshot();
  expect((await desktop.lull(["sync"], 7)).stdout).toContain("origin would delete 20 of 20 files here");
  expect(desktop.snapshot()).toEqual(before);
  await desktop.lull(["allow", "notes"]);
  await desktop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  for (let number = 0; number < 20; number++) laptop.write(`m/${number}.md`, `note ${number}\n`);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  laptop.remove("m");
  await laptop.lull(["sync"], 7);
  await laptop.lull(["allow", "notes"]);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
});

test("a left-out edit that meets a remote's: both are kept, one path holds up nothing, and it can be brought back", async () => {
  const { laptop, remote } = await filled(2);
  const desktop = makeDevice("desktop");
  await desktop.lull(["add", "notes", "--remote", remote]);
  await desktop.lull(["sync"]);
  desktop.write("n/0.md", "from the desktop\n");
  desktop.write("n/1.md", "from the desktop, too\n");
  await desktop.lull(["sync"]);
  laptop.write("n/0.md", `mine ${TOKEN}\n`);
  const { stdout } = await laptop.lull(["sync"]);
  expect(stdout).toMatch(/left out: n\/0\.conflict-laptop-\S+\.md: it seems to hold a GitHub token/);
  expect(stdout).toContain(
    "note: n/0.md: another version came in; yours, which is left out, is now n/0.conflict-",
  );
  expect(laptop.read("n/0.md")).toBe("from the desktop\n");
  expect(laptop.read("n/1.md")).toBe("from the desktop, too\n");
  await laptop.lull(["sync"]);
  expect(git(remote, "show", "main:n/0.md")).toBe("from the desktop");
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("n/0.md\nn/1.md");
  // A person who wants an older version gets it, whatever a guard leaves out there.
  laptop.write("n/1.md", `mine ${TOKEN}\n`);
  await laptop.lull(["sync"]);
  await laptop.lull(["restore", "notes", "n/1.md", "--at", git(remote, "rev-parse", "main~1")]);
  expect(laptop.read("n/1.md")).toBe("note 1\n");
  const kept = git(laptop.notes, "ls-files", "--others").split("\n");
  expect(kept.filter((path) => path.startsWith("n/1.conflict-laptop-"))).toHaveLength(1);
});

test("what a rollback commits first says nothing of an allowance", async () => {
  const { laptop } = await filled(20);
  laptop.write("left.md", "one\n");
  await laptop.lull(["sync"]);
  const before = git(laptop.notes, "rev-parse", "HEAD");
  laptop.write("left.md", "two\n");
  laptop.remove("n");
  await laptop.lull(["rollback", "notes", "--to", before]);
  expect(laptop.read("left.md")).toBe("one\n");
  expect(laptop.read("n/1.md")).not.toBe("");
  expect(git(laptop.notes, "log", "--format=%B")).not.toContain("Lull-Allowed");
});

describe("with a daemon", () => {
  const outcome = (wanted: string) => (event: StoryLine) =>
    (event["run"] as Readonly<Record<string, unknown>>)["outcome"] === wanted;

  async function everySecond(files: number, hook: string) {
    const made = await filled(files);
    await made.laptop.lull(["config", "set", "sources.notes.schedule", "'* * * * * *'"]);
    await made.laptop.lull(["config", "set", "notify.webhooks", `[{ url: "${hook}" }]`]);
    return made;
  }

  /** Collects what is told to people. */
  function listen() {
    const notices: Record<string, unknown>[] = [];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: async (request) => {
        notices.push((await request.json()) as Record<string, unknown>);
        return new Response();
      },
    });
    const url = `http://127.0.0.1:${server.port}/`;
    return { notices, url, [Symbol.asyncDispose]: async () => server.stop(true) };
  }

  test("a mass deletion pauses the source once, is told once, and `lull allow` lets it go on", async () => {
    await using hook = listen();
    const { laptop, remote } = await everySecond(20, hook.url);
    await using daemon = await runDaemon(laptop);
    await daemon.next("end", outcome("up-to-date"));
    laptop.remove("n");
    laptop.write("left.md", "left\n");
    await daemon.next("end", outcome("failed"));
    await daemon.next("paused");
    await daemon.next("waiting", (event) => JSON.stringify(event["reasons"]).includes("would be deleted"));
    const { json } = await laptop.json(["log"]);
    const { runs } = json as { readonly runs: readonly { readonly outcome: string }[] };
    expect(runs.filter((run) => run.outcome === "failed")).toHaveLength(1);
    await laptop.lull(["allow", "notes"]);
    await daemon.next("resumed");
    await daemon.next("end", outcome("synced"));
    expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("left.md");
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toBe(0);
    const told = hook.notices.filter(({ kind }) => kind === "guard");
    expect(told).toHaveLength(1);
    expect(JSON.stringify(told)).toContain("lull allow notes");
  });

  test("a folder that was away goes on by itself when it is back", async () => {
    await using hook = listen();
    const { laptop, remote } = await everySecond(3, hook.url);
    await using daemon = await runDaemon(laptop);
    await daemon.next("end", outcome("up-to-date"));
    renameSync(laptop.notes, `${laptop.notes}-away`);
    mkdirSync(laptop.notes);
    await daemon.next("end", outcome("failed"));
    await daemon.next("paused");
    rmdirSync(laptop.notes);
    renameSync(`${laptop.notes}-away`, laptop.notes);
    laptop.write("new.md", "new\n");
    await daemon.next("resumed");
    await daemon.next("end", outcome("synced"));
    expect(git(remote, "ls-tree", "-r", "--name-only", "main").split("\n")).toHaveLength(4);
    daemon.signal("SIGTERM");
    expect(await daemon.exited).toBe(0);
  });
});
