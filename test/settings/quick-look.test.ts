/** A look that only counts what is as before: whatever a person can do to a home has to be noticed. */
import { expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { openFolderStats } from "../../src/platform/folder-stats.ts";
import { cannotRun } from "../helpers/skip.ts";
import { type GatherHome, gatherHome } from "./gathering.ts";

const noStatx = cannotRun(process.platform !== "linux", "the quick look uses statx, which Linux has");
const FILES = ["~/.foo/", "~/.barrc", "~/.later", "~/.later-folder/", "~/.glob/*.toml"];
const EXCLUDE = ["*.log", "cache"];

/** The record of a quick answer is empty. */
async function isQuick(at: GatherHome, files: readonly string[] = FILES): Promise<boolean> {
  const { record } = await at.gather(files, { exclude: EXCLUDE, openFolderStats });
  return record.size === 0;
}

async function settled(): Promise<GatherHome> {
  const at = gatherHome();
  at.write(".foo/a", "a\n");
  at.write(".foo/deep/er/b", "b\n");
  at.write(".foo/ünïcödé 🦀", "c\n");
  at.write(".foo/x.log", "log\n");
  at.write(".foo/cache/big", "cache\n");
  at.write(".barrc", "bar\n");
  at.write(".glob/a.toml", "a\n");
  at.write(".glob/a.json", "a\n");
  at.link(".foo/link", "a");
  Bun.spawnSync(["mkfifo", join(at.home, ".foo/pipe")]);
  expect(await isQuick(at)).toBe(false);
  expect(await isQuick(at)).toBe(true);
  return at;
}

test.skipIf(noStatx)(
  "a home that is as before is told quickly, with what has to be passed over",
  async () => {
    const at = await settled();
    const { passedOver } = await at.gather(FILES, { exclude: EXCLUDE, openFolderStats });
    expect(passedOver.map(({ path }) => path.slice(at.home.length))).toEqual(["/.foo/pipe"]);
  },
);

const CHANGES: Readonly<Record<string, (at: GatherHome) => void>> = {
  "an edit": (at) => at.write(".foo/a", "edited\n"),
  "an edit that leaves size and time": (at) => {
    const { mtimeMs } = statSync(join(at.home, ".foo/a"));
    writeFileSync(join(at.home, ".foo/a"), "A\n");
    utimesSync(join(at.home, ".foo/a"), mtimeMs / 1000, mtimeMs / 1000);
  },
  "an edit deep down": (at) => at.write(".foo/deep/er/b", "edited\n"),
  "an edit of a file with an odd name": (at) => at.write(".foo/ünïcödé 🦀", "edited\n"),
  "an edit of a file alone": (at) => at.write(".barrc", "edited\n"),
  "a new file": (at) => at.write(".foo/new", "new\n"),
  "a new file deep down": (at) => at.write(".foo/deep/er/new", "new\n"),
  "a new folder": (at) => mkdirSync(join(at.home, ".foo/folder")),
  "a removed file": (at) => at.remove(".foo/a"),
  "a removed file alone": (at) => at.remove(".barrc"),
  "a removed folder": (at) => at.remove(".foo/deep"),
  "another name": (at) => renameSync(join(at.home, ".foo/a"), join(at.home, ".foo/b")),
  "a file in the place of another": (at) => {
    at.remove(".foo/x.log");
    at.write(".foo/y.conf", "y\n");
  },
  "other permissions": (at) => chmodSync(join(at.home, ".foo/a"), 0o600),
  "other permissions of a folder": (at) => chmodSync(join(at.home, ".foo/deep"), 0o700),
  "other permissions of the top folder": (at) => chmodSync(join(at.home, ".foo"), 0o700),
  "a link in the place of a file": (at) => {
    at.remove(".foo/a");
    at.link(".foo/a", "link");
  },
  "a link in the place of a folder": (at) => {
    renameSync(join(at.home, ".foo/deep"), join(at.home, "moved"));
    symlinkSync(join(at.home, "moved"), join(at.home, ".foo/deep"));
  },
  "another target of a link": (at) => {
    at.remove(".foo/link");
    at.link(".foo/link", "b");
  },
  "what was not there": (at) => at.write(".later", "now\n"),
  "a folder that was not there": (at) => at.write(".later-folder/a", "now\n"),
  "a file that a pattern names": (at) => at.write(".glob/b.toml", "b\n"),
  "a lost record": (at) => rmSync(join(at.managed, ".git/lull/gathered.json")),
  "a damaged memory": (at) => writeFileSync(join(at.managed, ".git/lull/home-look"), "nonsense"),
  "a memory that was cut": (at) => {
    const path = join(at.managed, ".git/lull/home-look");
    writeFileSync(path, readFileSync(path).subarray(0, 200));
  },
};

test.skipIf(noStatx).each(Object.keys(CHANGES))("%s is noticed", async (what) => {
  const at = await settled();
  CHANGES[what]?.(at);
  expect(await isQuick(at)).toBe(false);
  expect(await isQuick(at)).toBe(true);
});

test.skipIf(noStatx)(
  "what is left out may change as it likes; other settings are a reason to look anew",
  async () => {
    const at = await settled();
    at.write(".foo/x.log", "more\n");
    at.write(".foo/cache/more", "more\n");
    expect(await isQuick(at)).toBe(true);
    expect(await isQuick(at, FILES.slice(1))).toBe(false);
  },
);

test.skipIf(noStatx)("what waits for somebody is told each time", async () => {
  const at = gatherHome();
  at.write(".barrc", "mine\n");
  mkdirSync(join(at.managed, "home"));
  writeFileSync(join(at.managed, "home/.barrc"), "another's\n");
  for (let round = 0; round < 2; round++) {
    const { undecided } = await at.gather(FILES, { openFolderStats });
    expect(undecided).toHaveLength(1);
  }
});
