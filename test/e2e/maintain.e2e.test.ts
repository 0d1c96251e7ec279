/** `lull maintain` as a person types it. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import { type Device, makeDevice } from "../helpers/device.ts";
import { fsck, git } from "../helpers/system-git.ts";

/** A source with enough loose objects that there is something to pack. */
async function busyDevice(): Promise<Device> {
  const device = makeDevice("laptop");
  device.write("a.md", "a\n");
  await device.lull(["add", "notes"]);
  await device.lull(["sync"]);
  for (let file = 0; file < 300; file++) device.write(`many/${file}.md`, `file ${file}\n`);
  git(device.notes, "add", "--all");
  git(device.notes, "commit", "-q", "-m", "many");
  return device;
}

test("maintain packs what is loose, says so, and a second one has nothing to do", async () => {
  const device = await busyDevice();
  const before = git(device.notes, "rev-list", "--all", "--objects");
  const planned = await device.lull(["maintain", "--dry-run"]);
  expect(planned.stdout).toMatch(
    /^notes {2}would be done: 30\d objects packed, 2 old reflog lines dropped \(\d/,
  );
  expect(git(device.notes, "count-objects")).toMatch(/^30\d objects/);

  const done = await device.lull(["maintain"]);
  expect(done.stdout).toMatch(
    /^notes {2}30\d objects packed, 2 old reflog lines dropped \(1\.\d MB → [\d.]+ KB\)\n$/,
  );
  expect(git(device.notes, "count-objects")).toStartWith("0 objects");
  expect(git(device.notes, "rev-list", "--all", "--objects")).toBe(before);
  fsck(device.notes);

  expect((await device.lull(["maintain", "notes"])).stdout).toMatch(
    /^notes {2}nothing to do \([\d.]+ KB\)\n$/,
  );
  expect((await device.lull(["maintain", "--verbose"])).stdout).toContain("are few: nothing would be gained");
  await device.lull(["sync"]);
});

test("maintain tells programs what it did", async () => {
  const device = await busyDevice();
  const { code, json } = await device.json(["maintain"]);
  expect(code).toBe(0);
  expect(json).toMatchObject({
    sources: [
      {
        source: "notes",
        kind: "done",
        objectsDropped: 0,
        after: { packs: 1, loose: 0 },
        // The helper's commits are of 2023.
        reflogEntriesExpired: 2,
        savepointsExpired: 0,
        temporaryFilesSwept: 0,
      },
    ],
  });
});

test("maintain leaves a repository alone in which git gc is at work, or a merge waits", async () => {
  const device = await busyDevice();
  const note = join(device.notes, ".git/gc.pid");
  writeFileSync(note, `${process.pid} ${hostname()}`);
  expect((await device.lull(["maintain"])).stdout).toContain("left alone: `git gc` or another maintenance");
  expect(existsSync(note)).toBe(true);
  const yesterday = Date.now() / 1000 - 24 * 60 * 60;
  utimesSync(note, yesterday, yesterday);
  writeFileSync(join(device.notes, ".git/MERGE_HEAD"), `${git(device.notes, "rev-parse", "HEAD")}\n`);
  expect((await device.lull(["maintain"])).stdout).toContain("left alone: a merge is in progress");
  expect(git(device.notes, "count-objects")).toMatch(/^30\d objects/);
});

test("maintain sweeps what crashes have left", async () => {
  const device = await busyDevice();
  const leftover = join(device.notes, ".git/lull/tmp/incoming-abc");
  mkdirSync(leftover, { recursive: true });
  writeFileSync(join(leftover, "pack"), "half a pack");
  const old = Date.now() / 1000 - 2 * 24 * 60 * 60;
  for (const path of [join(leftover, "pack"), leftover]) utimesSync(path, old, old);
  expect((await device.lull(["maintain"])).stdout).toContain("1 leftover swept");
  expect(existsSync(leftover)).toBe(false);
});

test("an unknown source is a usage error that names the nearest one", async () => {
  const device = await busyDevice();
  expect((await device.lull(["maintain", "nodes"], 2)).stderr).toContain('did you mean "notes"');
});
