/** What every watcher of folders tells, on a disk and in memory. The steps wait for events, never for time. */
import { afterEach, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import "../../helpers/on-disk.ts";
import { systemTimers } from "../../../src/base/timers.ts";
import { currentSystem } from "../../../src/platform/system.ts";
import type { FolderWatcher } from "../../../src/platform/watch/folder-watcher.ts";
import { InotifyWatcher } from "../../../src/platform/watch/inotify-watcher.ts";
import { openFolderWatcher } from "../../../src/platform/watch/open-folder-watcher.ts";
import { RuntimeWatcher } from "../../../src/platform/watch/runtime-watcher.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { rememberTemporary } from "../../helpers/temporary.ts";
import { watchFolder, type WatchedFolder } from "../../helpers/watched-tree.ts";

const isLinux = currentSystem() === "linux";
const MEMORY = "/dev/shm";

const open: Disposable[] = [];
afterEach(() => {
  for (const handle of open.splice(0).reverse()) handle[Symbol.dispose]();
});

function inMemory(): string {
  return rememberTemporary(mkdtempSync(join(MEMORY, "lull-test-")));
}

const places = [
  { place: "a disk", make: temporaryDirectory, hindered: false },
  { place: "memory", make: inMemory, hindered: !existsSync(MEMORY) },
] as const;

const watchers = [
  { name: "inotify", create: (): FolderWatcher => new InotifyWatcher(systemTimers), hindered: !isLinux },
  { name: "the runtime's", create: (): FolderWatcher => new RuntimeWatcher(), hindered: false },
] as const;

const cases = watchers.flatMap((watcher) =>
  places.map((place) => ({ ...watcher, ...place, skip: watcher.hindered || place.hindered })),
);

describe.each(cases)("$name on $place", ({ name, create, make, skip }) => {
  const it = test.skipIf(cannotRun(skip, "this watcher or this file system is not to be had here"));

  const exactly = name === "inotify" ? it : () => {};

  async function watching(
    prepare: (top: string) => void,
    options: Parameters<typeof watchFolder>[2] = {},
  ): Promise<{ top: string; seen: WatchedFolder }> {
    const top = make();
    prepare(top);
    const watcher = create();
    open.push(watcher);
    const seen = await watchFolder(watcher, top, options);
    open.push(seen);
    // The runtime's thread begins to look some time after it says so.
    const isTold = (): boolean => !(watcher instanceof RuntimeWatcher) || seen.events.length > 0;
    while (!isTold()) {
      writeFileSync(join(top, "warm-up"), "");
      await Bun.sleep(1);
    }
    rmSync(join(top, "warm-up"), { force: true });
    return { top, seen };
  }

  // The runtime tells of one path once in a millisecond, which is enough for bursts.
  exactly("tells of a file that comes, changes and goes", async () => {
    const { top, seen } = await watching(() => {});
    for (const act of [
      () => writeFileSync(join(top, "a"), "1"),
      () => appendFileSync(join(top, "a"), "2"),
      () => rmSync(join(top, "a")),
    ]) {
      seen.forget();
      act();
      await seen.untilPath("a");
    }
  });

  it("tells of a file in a folder that is new, and of what happens there later", async () => {
    const { top, seen } = await watching(() => {});
    mkdirSync(join(top, "new"));
    await seen.untilPath("new");
    seen.forget();
    writeFileSync(join(top, "new", "file"), "1");
    await seen.untilPath("new/file");
  });

  it("misses nothing in folders that come nested and with a file at once", async () => {
    const { top, seen } = await watching(() => {});
    for (let turn = 0; turn < 20; turn++) {
      mkdirSync(join(top, `n${turn}/a/b/c`), { recursive: true });
      writeFileSync(join(top, `n${turn}/a/b/c/file`), "1");
    }
    await seen.untilPath("n19");
    for (let turn = 0; turn < 20; turn++) {
      writeFileSync(join(top, `n${turn}/a/b/c/file`), "2");
      await seen.untilPath(`n${turn}/a/b/c/file`);
    }
  });

  it("goes on telling of a file that was replaced by a new one", async () => {
    const { top, seen } = await watching((dir) => writeFileSync(join(dir, "note"), "1"));
    writeFileSync(join(top, "note~"), "2");
    renameSync(join(top, "note~"), join(top, "note"));
    await seen.untilPath("note");
    seen.forget();
    appendFileSync(join(top, "note"), "3");
    await seen.untilPath("note");
  });

  it("follows a folder to its new name", async () => {
    const { top, seen } = await watching((dir) => mkdirSync(join(dir, "old/deep"), { recursive: true }));
    renameSync(join(top, "old"), join(top, "new"));
    await seen.untilPath("new");
    await seen.untilPath("old");
    seen.forget();
    writeFileSync(join(top, "new/deep/file"), "1");
    await seen.untilPath("new/deep/file");
    expect(seen.paths().filter((path) => path.startsWith("old"))).toEqual([]);
  });

  it("follows what is moved in", async () => {
    const elsewhere = make();
    mkdirSync(join(elsewhere, "in/deep"), { recursive: true });
    const { top, seen } = await watching(() => {});
    renameSync(join(elsewhere, "in"), join(top, "in"));
    await seen.untilPath("in");
    writeFileSync(join(top, "in/deep/file"), "1");
    await seen.untilPath("in/deep/file");
  });

  it("tells of a mode", async () => {
    const { top, seen } = await watching((dir) => writeFileSync(join(dir, "script"), "1"));
    chmodSync(join(top, "script"), 0o755);
    await seen.untilPath("script");
  });

  it("tells of a link, and not of what it leads to", async () => {
    const elsewhere = make();
    const { top, seen } = await watching(() => {});
    symlinkSync(elsewhere, join(top, "link"));
    await seen.untilPath("link");
    seen.forget();
    writeFileSync(join(elsewhere, "outside"), "1");
    writeFileSync(join(top, "marker"), "1");
    await seen.untilPath("marker");
    expect(seen.paths().filter((path) => path.includes("outside"))).toEqual([]);
  });

  it("neither tells of what is left out, nor of what is below", async () => {
    const { top, seen } = await watching(
      (dir) => mkdirSync(join(dir, "node_modules/deep"), { recursive: true }),
      {
        isLeftOut: (path) => path === "node_modules" || path.endsWith(".tmp"),
      },
    );
    writeFileSync(join(top, "node_modules/deep/file"), "1");
    writeFileSync(join(top, "x.tmp"), "1");
    writeFileSync(join(top, "marker"), "1");
    await seen.untilPath("marker");
    expect(seen.paths().filter((path) => path.startsWith("node_modules") || path.endsWith(".tmp"))).toEqual(
      [],
    );
  });

  it("names every byte of a name", async () => {
    const { top, seen } = await watching(() => {});
    writeFileSync(join(top, "é"), "1");
    await seen.untilPath("\xc3\xa9");
  });

  // The runtime loses some without a word.
  exactly("tells of 20,000 files, by name or by saying that it lost some", async () => {
    const { top, seen } = await watching((dir) => mkdirSync(join(dir, "many")));
    for (let number = 0; number < 20_000; number++) writeFileSync(join(top, `many/${number}`), "");
    const isLost = (): boolean => seen.events.some(({ kind }) => kind === "lost");
    await seen.until(() => isLost() || seen.events.length >= 20_000);
    expect(isLost() || seen.paths().length === 20_000 || seen.paths().includes("many/19999")).toBe(true);
  });

  it("reads rule files of folders before it asks about their names", async () => {
    const entered: string[] = [];
    const { top, seen } = await watching(
      (dir) => {
        mkdirSync(join(dir, "sub"));
        writeFileSync(join(dir, "sub/.rules"), "");
      },
      { ruleFile: { name: ".rules", enter: (folder) => entered.push(folder) } },
    );
    writeFileSync(join(top, "sub/file"), "1");
    await seen.untilPath("sub/file");
    expect(entered).toContain("sub");
  });

  it("is quiet once it is closed", async () => {
    const { top, seen } = await watching(() => {});
    seen[Symbol.dispose]();
    writeFileSync(join(top, "late"), "1");
    const other = await watchFolder(open[0] as FolderWatcher, top);
    open.push(other);
    writeFileSync(join(top, "marker"), "1");
    await other.untilPath("marker");
    expect(seen.paths().filter((path) => path !== "warm-up")).toEqual([]);
  });
});

test("the system's best is inotify where that can be called", () => {
  using watcher = openFolderWatcher(systemTimers);
  expect(watcher).toBeInstanceOf(isLinux ? InotifyWatcher : RuntimeWatcher);
});
