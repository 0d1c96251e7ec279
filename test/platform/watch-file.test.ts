import { afterEach, expect, test } from "bun:test";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type FileWatch, watchFile } from "../../src/platform/watch-file.ts";
import { systemTimers } from "../../src/base/timers.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const open: FileWatch[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one[Symbol.dispose]();
});

/** A file under watch; each `told` resolves with the next change that is told. */
function watched(prepare: (folder: string) => string) {
  const folder = temporaryDirectory();
  const path = prepare(folder);
  const waiting: (() => void)[] = [];
  let news = 0;
  const watch = watchFile(path, systemTimers, () => {
    news++;
    waiting.shift()?.();
  });
  open.push(watch);
  const told = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return { folder, path, watch, told, count: () => news };
}

function plain(folder: string): string {
  const path = join(folder, "config.yaml");
  writeFileSync(path, "one");
  return path;
}

test("a file that is written, replaced, given other rights, removed and made again is told each time", async () => {
  const { path, told, folder } = watched(plain);
  const changes: readonly (() => void)[] = [
    () => writeFileSync(path, "two"),
    () => {
      writeFileSync(join(folder, "new"), "three");
      renameSync(join(folder, "new"), path);
    },
    () => chmodSync(path, 0o600),
    () => rmSync(path),
    () => writeFileSync(path, "four"),
  ];
  for (const change of changes) {
    const next = told();
    change();
    await next;
  }
});

test("a burst is told once, and what else happens in the folder not at all", async () => {
  const { path, told, count, folder } = watched(plain);
  const next = told();
  for (let save = 0; save < 100; save++) writeFileSync(path, `save ${save}`);
  writeFileSync(join(folder, "other"), "");
  await next;
  expect(count()).toBe(1);
});

test("of a link both places count", async () => {
  const { path, told, folder } = watched((made) => {
    mkdirSync(join(made, "dotfiles"));
    writeFileSync(join(made, "dotfiles", "lull.yaml"), "one");
    symlinkSync(join("dotfiles", "lull.yaml"), join(made, "config.yaml"));
    return join(made, "config.yaml");
  });
  const saved = told();
  writeFileSync(join(folder, "dotfiles", "lull.yaml"), "two");
  await saved;
  const replaced = told();
  rmSync(path);
  writeFileSync(path, "a file of its own");
  await replaced;
});

test("a folder that is replaced with all that is in it is found at the next look", async () => {
  const { told, watch, folder } = watched((made) => {
    mkdirSync(join(made, "lull"));
    return plain(join(made, "lull"));
  });
  renameSync(join(folder, "lull"), join(folder, "old"));
  mkdirSync(join(folder, "lull"));
  plain(join(folder, "lull"));
  const found = told();
  watch.look();
  await found;
  const next = told();
  writeFileSync(join(folder, "lull", "config.yaml"), "seen by itself again");
  await next;
});
