/** Savepoints, undo, rollback and restore, through the command line. */
import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { engine, signal } from "../git/verify/places.ts";
import { type Device, expectConverged, makeDevice } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

async function pair(): Promise<{ laptop: Device; desktop: Device; remote: string }> {
  const remote = `${temporaryDirectory()}/notes.git`;
  git(temporaryDirectory(), "init", "-q", "--bare", "-b", "main", remote);
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "one\n");
  laptop.write("plans/b.md", "two\n");
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  const desktop = makeDevice("desktop");
  await desktop.lull(["add", "notes", "--remote", remote]);
  await desktop.lull(["sync"]);
  return { laptop, desktop, remote };
}

/** The desktop receives a changed file, a new one and a deletion. */
async function received() {
  const both = await pair();
  both.laptop.write("a.md", "one, changed by the laptop\n");
  both.laptop.write("new.md", "new\n");
  both.laptop.remove("plans/b.md");
  await both.laptop.lull(["sync"]);
  await both.desktop.lull(["sync"]);
  return both;
}

const savepoints = async (device: Device): Promise<readonly { name: string; before: string }[]> => {
  const { json } = (await device.json(["savepoints", "notes"])) as {
    json: { sources: { savepoints: { name: string; before: string }[] }[] };
  };
  return json.sources[0]?.savepoints ?? [];
};

test("undo takes back what the last sync brought, everywhere, and can be undone", async () => {
  const { laptop, desktop, remote } = await received();
  const before = desktop.snapshot();
  const plan = await desktop.lull(["undo", "--dry-run"]);
  expect(plan.stdout).toContain("Would bring back 3 files");
  expect(desktop.snapshot()).toEqual(before);
  expect(await savepoints(desktop)).toHaveLength(2);

  const undone = await desktop.lull(["undo"]);
  expect(undone.stdout).toContain("Brought back 3 files of notes");
  expect(undone.stdout).toContain("lull undo notes");
  expect([desktop.read("a.md"), desktop.read("plans/b.md")]).toEqual(["one\n", "two\n"]);
  expect(existsSync(join(desktop.notes, "new.md"))).toBe(false);
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  expect(laptop.read("a.md")).toBe("one\n");

  // The sync after it changed nothing here, so that the undo is what was last.
  await desktop.lull(["undo"]);
  expect(desktop.snapshot()).toEqual(before);
  const log = await desktop.lull(["log", "--audit"]);
  expect(log.stdout).toContain("undo");
});

test("an undo that was cut off right after its savepoint does not stand in the way of the next one", async () => {
  const { desktop } = await received();
  const seconds = Math.floor(Date.now() / 1000) + 1;
  const repository = engine().open(desktop.notes);
  repository.savepoint({
    note: { source: "notes", before: "an undo" },
    paths: [],
    author: { name: "Ada", email: "ada@example.com", seconds, offsetMinutes: 0 },
    signal,
  });
  repository.close();
  expect((await savepoints(desktop))[0]?.before).toBe("an undo");
  expect((await desktop.lull(["undo"])).stdout).toContain("Brought back 3 files of notes as before a sync");
  expect(desktop.read("a.md")).toBe("one\n");
});

test("what was edited since the sync stays, and is named", async () => {
  const { desktop } = await received();
  desktop.write("a.md", "one, changed here afterwards\n");
  desktop.write("own.md", "mine\n");
  const undone = await desktop.lull(["undo"]);
  expect(undone.stdout).toContain("a.md stays: it was changed since");
  expect(undone.stdout).toContain("2 local changes of yours were committed first");
  expect(desktop.read("a.md")).toBe("one, changed here afterwards\n");
  expect(desktop.read("own.md")).toBe("mine\n");
  expect(desktop.read("plans/b.md")).toBe("two\n");
  expect(existsSync(join(desktop.notes, "new.md"))).toBe(false);
});

test("what a guard has stopped gets into no commit by an undo, and comes back by a restore", async () => {
  const { laptop, desktop, remote } = await pair();
  const many = Array.from({ length: 12 }, (_, number) => `many/${number}.md`);
  for (const path of many) laptop.write(path, `${path}\n`);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  const before = desktop.snapshot();
  desktop.remove("many");
  const stopped = await desktop.lull(["sync"], 7);
  expect(stopped.stdout.replaceAll(/\s+/g, " ")).toContain("lull restore notes --at HEAD");
  for (const args of [
    ["undo", "notes"],
    ["restore", "notes", "many/0.md", "--at", "HEAD"],
    ["rollback", "notes", "plans", "--to", "HEAD"],
  ]) {
    const refused = await desktop.lull(args, 7);
    expect(refused.stderr).toContain("files would be deleted at the remotes");
  }
  expect(git(desktop.notes, "rev-parse", "HEAD")).toBe(git(remote, "rev-parse", "HEAD"));
  await desktop.lull(["restore", "notes", "many", "--at", "HEAD"]);
  expect(desktop.snapshot()).toEqual(before);
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  desktop.remove("many");
  await desktop.lull(["rollback", "notes", "--to", "HEAD"]);
  expect(desktop.snapshot()).toEqual(before);
  // Said yes to, it is as any other change.
  desktop.remove("many");
  await desktop.lull(["sync"], 7);
  await desktop.lull(["allow", "notes"]);
  await desktop.lull(["undo", "notes"]);
});

test("a sync that only sent changes no file, and undo says so", async () => {
  const { laptop } = await pair();
  const before = laptop.snapshot();
  const { stdout } = await laptop.lull(["undo", "notes"]);
  expect(stdout).toContain("only sent your own changes");
  expect(laptop.snapshot()).toEqual(before);
});

test("rollback makes the folder, or a part of it, as it was; local work is kept", async () => {
  const { desktop } = await received();
  desktop.write("untracked.md", "not committed yet\n");
  const [newest] = await savepoints(desktop);
  const to = newest?.name ?? "";
  const plan = await desktop.lull(["rollback", "notes", "--to", to, "--dry-run"]);
  expect(plan.stdout).toContain("~ untracked.md");
  await desktop.lull(["rollback", "notes", "plans", "--to", to]);
  expect(desktop.read("plans/b.md")).toBe("two\n");
  expect(desktop.read("a.md")).toContain("changed by the laptop");
  const whole = await desktop.lull(["rollback", "notes", "--to", to]);
  expect(whole.stdout).toContain("- untracked.md");
  expect(desktop.read("a.md")).toBe("one\n");
  expect(existsSync(join(desktop.notes, "untracked.md"))).toBe(false);
  const [saved] = await savepoints(desktop);
  expect(saved?.before).toBe("a rollback");
  expect(git(desktop.notes, "show", `refs/lull/savepoints/${saved?.name}:untracked.md`)).toBe(
    "not committed yet",
  );
  await desktop.lull(["undo"]);
  expect(desktop.read("untracked.md")).toBe("not committed yet\n");
});

test("what was staged stays with the savepoint, and a rollback says where", async () => {
  const { laptop } = await pair();
  laptop.write("a.md", "staged\n");
  git(laptop.notes, "add", "a.md");
  laptop.write("a.md", "staged, and then edited\n");
  await laptop.lull(["sync"]);
  laptop.write("a.md", "later\n");
  await laptop.lull(["sync"]);
  const [, first] = await savepoints(laptop);
  const { stdout } = await laptop.lull(["rollback", "notes", "--to", first?.name ?? ""]);
  expect(laptop.read("a.md")).toBe("staged, and then edited\n");
  expect(git(laptop.notes, "status", "--porcelain")).toBe("");
  const [, staged = ""] = /is not staged again:\s+git show ([0-9a-f]+)/.exec(stdout) ?? [];
  expect(git(laptop.notes, "show", `${staged}:a.md`)).toBe("staged");
});

test("restore brings files back from a revision or a time, and removes none", async () => {
  const { desktop } = await received();
  await desktop.lull(["restore", "notes", "plans/b.md", "--at", "HEAD~1"]);
  expect(desktop.read("plans/b.md")).toBe("two\n");
  expect(desktop.read("a.md")).toContain("changed by the laptop");
  desktop.write("a.md", "edited, not committed\n");
  await desktop.lull(["restore", "notes", "--at", "HEAD~2"]);
  expect(desktop.read("a.md")).toBe("one\n");
  expect(desktop.read("new.md")).toBe("new\n");
  expect(git(desktop.notes, "log", "--all", "--format=%s", "-S", "edited, not committed")).not.toBe("");
  const again = await desktop.lull(["restore", "notes", "a.md", "--at", "0s"]);
  expect(again.stdout).toContain("already as it was then");
});

test.each([
  [["rollback", "notes", "--to", "nonsense"], 2, "no savepoint, no revision and no time"],
  [["restore", "notes", "--at", "2001-01-01"], 2, "does not go back to 2001-01-01"],
  [["restore", "notes", "/etc/passwd", "--at", "1h"], 2, "does not lie in the source"],
  [["restore", "notes", "../x", "--at", "1h"], 2, "does not lie in the source"],
  [["rollback", "notes"], 2, "--to"],
  [["undo", "other"], 2, 'no source named "other"'],
])("lull %p is refused", async (args, code, words) => {
  const { laptop } = await pair();
  const before = laptop.snapshot();
  const { stderr } = await laptop.lull(args, code);
  expect(stderr).toContain(words);
  expect(laptop.snapshot()).toEqual(before);
});

test("an emptied folder stops the sync, and restore brings everything back", async () => {
  const { laptop, desktop, remote } = await pair();
  const before = laptop.snapshot();
  laptop.remove("a.md");
  laptop.remove("plans");
  expect((await laptop.lull(["sync"], 7)).stdout).toContain("the folder is empty");
  await laptop.lull(["restore", "notes", "--at", "HEAD"]);
  expect(laptop.snapshot()).toEqual(before);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  expect(desktop.snapshot()).toEqual(before);
});

test("savepoints are listed, never sent, and not named to the server", async () => {
  const { desktop, remote } = await received();
  const { stdout } = await desktop.lull(["savepoints"]);
  expect(stdout).toContain("a sync");
  expect(git(remote, "for-each-ref", "--format=%(refname)")).not.toContain("savepoints");
});
