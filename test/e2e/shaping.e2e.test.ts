/** `auto_commit`, `direction`, `squash` and `branches` through the config file and the whole program. */
import { expect, test } from "bun:test";
import { renameSync } from "node:fs";
import { join } from "node:path";

import { makeDevice, type Device } from "../helpers/device.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

type Pair = { readonly laptop: Device; readonly desktop: Device; readonly remote: string };

/** The laptop has the settings. */
async function pair(settings: Readonly<Record<string, string>>): Promise<Pair> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  const [laptop, desktop] = [makeDevice("laptop"), makeDevice("desktop")];
  laptop.write("todo.md", "- milk\n");
  for (const device of [laptop, desktop]) {
    await device.lull(["add", "notes", "--remote", remote]);
    await device.lull(["sync"]);
  }
  for (const [key, value] of Object.entries(settings))
    await laptop.lull(["config", "set", `sources.notes.${key}`, value]);
  expect((await laptop.lull(["config", "check"])).stderr).not.toContain("does not act on it");
  return { laptop, desktop, remote };
}

test("auto_commit: false leaves edits to the person, and stops where the remote changed the same", async () => {
  const { laptop, desktop, remote } = await pair({ auto_commit: "false" });
  laptop.write("todo.md", "- mine\n");
  laptop.write("new.md", "new\n");
  expect((await laptop.lull(["sync"])).stdout).toContain("2 changed files left to you (auto_commit: false)");
  desktop.write("more.md", "more\n");
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expect(laptop.read("more.md")).toBe("more\n");
  desktop.write("todo.md", "- theirs\n");
  await desktop.lull(["sync"]);
  const stopped = await laptop.lull(["sync"], 5);
  expect(stopped.stdout).toContain("todo.md has edits that are in no commit");
  expect(stopped.stdout).toContain("lull config set sources.notes.auto_commit true");
  expect(laptop.read("todo.md")).toBe("- mine\n");
  await laptop.lull(["config", "set", "sources.notes.auto_commit", "true"]);
  await laptop.lull(["sync"], 5);
  fsck(remote);
});

test("direction goes one way only and says what it leaves", async () => {
  const { laptop, desktop, remote } = await pair({ direction: "pull" });
  const before = git(remote, "for-each-ref");
  laptop.write("mine.md", "mine\n");
  expect((await laptop.lull(["sync"])).stdout).toContain("origin: 1 commit kept here (direction: pull)");
  // The device's own word included.
  expect(git(remote, "for-each-ref")).toBe(before);
  await laptop.lull(["config", "set", "sources.notes.direction", "push"]);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  desktop.write("theirs.md", "theirs\n");
  await desktop.lull(["sync"]);
  expect((await laptop.lull(["sync"])).stdout).toContain("origin: 1 commit left there (direction: push)");
  laptop.write("mine.md", "more of mine\n");
  const refused = await laptop.lull(["sync"], 5);
  expect(refused.stdout).toContain("origin has 1 commit that this device does not have");
  expect(refused.stdout).toContain("lull config set sources.notes.direction both");
  await laptop.lull(["config", "set", "sources.notes.direction", "both"]);
  await laptop.lull(["sync"]);
  expect(laptop.read("theirs.md")).toBe("theirs\n");
});

test("squash and branches: one commit for a time away, and a branch that is not checked out", async () => {
  const { laptop, remote } = await pair({ squash: "true", branches: '[main, "auto/*"]' });
  renameSync(remote, `${remote}.away`);
  for (const text of ["1\n", "2\n", "3\n"]) {
    laptop.write("todo.md", text);
    await laptop.lull(["sync"], 3);
  }
  renameSync(`${remote}.away`, remote);
  git(laptop.notes, "branch", "auto/x");
  laptop.write("todo.md", "4\n");
  const { stdout } = await laptop.lull(["sync"]);
  // A branch of the person's holds the first three.
  expect(git(remote, "rev-list", "--count", "main")).toBe("5");
  expect(stdout).toContain("auto/x with origin: new there");
  expect(git(remote, "rev-parse", "auto/x")).toBe(git(laptop.notes, "rev-parse", "auto/x"));
  git(laptop.notes, "switch", "-q", "-c", "wip");
  expect((await laptop.lull(["sync"])).stdout).toContain(
    "skipped: wip is checked out, and `branches` names only main, auto/*",
  );
});
