import { expect, test } from "bun:test";
import { existsSync, linkSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { processIdentity } from "../../../src/git/refs/process-identity.ts";
import { fsck, git } from "../../helpers/system-git.ts";
import { looseHistory, maintained } from "./repositories.ts";

const HOUR = 60 * 60;

function leave(directory: string, path: string, hours: number): string {
  const file = join(directory, ".git", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, "half");
  const time = Date.now() / 1000 - hours * HOUR;
  utimesSync(file, time, time);
  if (path.startsWith("lull/tmp/")) utimesSync(dirname(file), time, time);
  return file;
}

test("leftovers of lull go after a day, those of git after two weeks, and nothing else goes", async () => {
  const directory = looseHistory({ files: 2, commits: 2 });
  const gone = [
    leave(directory, "lull/tmp/batch-a/pack", 25),
    leave(directory, "lull/tmp/maintenance-b/new.pack", 25),
    leave(directory, "objects/pack/tmp_pack_x", 15 * 24),
    leave(directory, "objects/pack/.tmp-12-pack-34.idx", 15 * 24),
    leave(directory, "objects/00/tmp_obj_x", 15 * 24),
    leave(directory, "objects/tmp_objdir-incoming-x/pack/tmp_pack_y", 15 * 24),
  ];
  const old = Date.now() / 1000 - 15 * 24 * HOUR;
  for (const folder of ["pack", "."])
    utimesSync(join(directory, ".git/objects/tmp_objdir-incoming-x", folder), old, old);
  const kept = [
    leave(directory, "lull/tmp/incoming-c/pack", 23),
    leave(directory, "objects/pack/tmp_pack_z", 13 * 24),
    leave(directory, "objects/01/tmp_obj_z", 13 * 24),
    leave(directory, "lull/checkout.json", 100 * 24),
    leave(directory, "objects/info/packs", 100 * 24),
  ];
  const dry = await maintained(directory, { dryRun: true });
  expect(dry.temporaryFilesSwept).toBe(6);
  expect(gone.every((path) => existsSync(path))).toBe(true);
  expect((await maintained(directory)).temporaryFilesSwept).toBe(6);
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);
});

test("a folder in which a file still grows is at work, however old it is itself", async () => {
  const directory = looseHistory({ files: 2, commits: 2 });
  const file = leave(directory, "lull/tmp/incoming-slow/pack", 48);
  const now = Date.now() / 1000;
  utimesSync(file, now, now);
  expect((await maintained(directory)).temporaryFilesSwept).toBe(0);
  expect(existsSync(file)).toBe(true);
});

test("the marks of locks of processes that are gone go, unless a lock is known by one", async () => {
  const directory = looseHistory({ files: 2, commits: 2 });
  git(directory, "status");
  const marks = join(directory, ".git/lull/locks");
  mkdirSync(marks, { recursive: true });
  writeFileSync(join(marks, "unknown-1-2-3"), "");
  expect((await maintained(directory)).temporaryFilesSwept).toBe(0);
  expect(existsSync(join(marks, "unknown-1-2-3"))).toBe(true);
  const { machine, boot } = processIdentity();
  const gone = `${machine}-${boot}-999999999-1`;
  for (const path of [join(marks, `${gone}-1`), join(directory, `.git/lull-lock-${gone}-2`)]) {
    writeFileSync(path, "");
  }
  const last = join(directory, `.git/lull-lock-${gone}-3`);
  writeFileSync(last, "");
  linkSync(last, join(directory, ".git/HEAD.lock"));
  expect((await maintained(directory)).temporaryFilesSwept).toBe(2);
  expect(existsSync(last)).toBe(true);
  rmSync(join(directory, ".git/HEAD.lock"));
  rmSync(last);
  fsck(directory);
});
