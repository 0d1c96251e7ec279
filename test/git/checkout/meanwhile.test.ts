/** The person, or somebody else, acts in the folder while it is checked out: at every moment that a step allows. */
import { expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { DiskCalls } from "../../../src/git/checkout/durability.ts";
import type { RepoPath } from "../../../src/git/model.ts";
import { guardedRename } from "../../../src/platform/guarded-rename.ts";
import { figure, seeded } from "../../faults/options.ts";
import type { Random } from "../../helpers/random.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
import { checkOut, commitFiles, newRepository, startAt } from "./fixture.ts";

const EDITS = 1000;
const RACES = 100;
const FILES = 40;

/** Nothing here is about power cuts: no wait for the disk, but the batches of one that can sync all at once. */
const disk: DiskCalls = {
  syncFile: () => {},
  syncDirectory: () => {},
  openFileSystem: () => ({ run: () => true, close: () => {} }),
};

/** Where the system can exchange two files, there is no moment between the last look and the rename. */
const LAST_MOMENTS = guardedRename() === undefined ? ["recheck"] : ["recheck", "place", "remove"];

const pathOf = (number: number): RepoPath => `d${number % 4}/e${number % 3}/f${number}`;
const filesOf = (content: string, from: number, to: number) =>
  Object.fromEntries(Array.from({ length: to - from }, (_, at) => [pathOf(from + at), content]));

/** A third goes away, a third changes, a third is new. */
const PATHS = Array.from({ length: FILES }, (_, number) => pathOf(number));

function world() {
  const root = newRepository();
  const one = commitFiles(root, filesOf("before", 0, 27));
  const two = commitFiles(root, filesOf("behind", 13, FILES), one);
  return { root, one, two };
}

/** Brings the folder back to the first commit, whatever was done to it. */
function startOver(root: string, one: string): void {
  for (const name of readdirSync(root)) if (name !== ".git") rmSync(join(root, name), { recursive: true });
  rmSync(join(root, ".git/lull"), { recursive: true, force: true });
  startAt(root, one);
}

/** True when the folder is there and no link is on the way to it. */
function isReal(root: string, folder: string): boolean {
  const path = join(root, folder);
  return existsSync(path) && realpathSync(path) === join(realpathSync(root), folder);
}

/** What stands at a path, links not followed. */
function stateOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return "missing";
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path)}`;
  return stat.isDirectory()
    ? `folder ${readdirSync(path).join(" ")}`
    : `file ${readFileSync(path, "latin1")}`;
}

/** Edits one path in one of the ways in which people and programs do. */
function edit(random: Random, path: string, text: string): void {
  const present = lstatSync(path, { throwIfNoEntry: false });
  mkdirSync(dirname(path), { recursive: true });
  const way = random.pick(["write", "replace", "same-size", "link", "folder"]);
  if (present?.isDirectory() === true) {
    writeFileSync(join(path, text), text);
  } else if (way === "link" || way === "folder") {
    rmSync(path, { force: true });
    if (way === "link") symlinkSync(text, path);
    else {
      mkdirSync(path);
      writeFileSync(join(path, text), text);
    }
  } else if (present?.isSymbolicLink() === true || way === "replace") {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } else if (way === "same-size" && present !== undefined) {
    writeFileSync(path, text.slice(-present.size).padStart(present.size, "#"));
    utimesSync(path, present.atime, present.mtime);
  } else {
    writeFileSync(path, text);
  }
}

test(`${EDITS} edits during checkouts are all there afterwards, and after the next one`, () => {
  const random = seeded();
  const { root, one, two } = world();
  const count = { edits: 0, atLastLook: 0 };
  for (let round = 0; count.edits < EDITS; round++) {
    startOver(root, one);
    const edited = new Map<string, string>();
    const act = (path: string): void => {
      edit(random, path, `edit${++count.edits}`);
      edited.set(path, stateOf(path));
    };
    const trace = (step: string, at: RepoPath): void => {
      if (LAST_MOMENTS.includes(step) && random.chance(0.1)) {
        count.atLastLook++;
        act(join(root, at));
      } else if (["prepare", "folder", "recheck", "sync-files"].includes(step) && random.chance(0.5)) {
        act(join(root, random.pick(PATHS)));
      }
    };
    checkOut(root, two, { trace, disk });
    const kept = (): unknown => [...edited.keys()].map((path) => [round, path, stateOf(path)]);
    const expected = [...edited].map(([path, state]) => [round, path, state]);
    expect(kept()).toEqual(expected);
    checkOut(root, two, { disk });
    expect(kept()).toEqual(expected);
  }
  expect(count.atLastLook).toBeGreaterThan(10);
  figure(
    "edits during checkout",
    `${count.edits} edits at the steps of the engine, ${count.atLastLook} of them at the very last moment, all kept`,
  );
}, 240_000);

test(`${RACES} links that are put in a folder's or file's place lead no byte outside`, () => {
  const random = seeded(1);
  const { root, one, two } = world();
  const outside = temporaryDirectory();
  // As what lull would recognise and take for its own to replace or remove.
  for (const path of PATHS) {
    mkdirSync(dirname(join(outside, path.slice(3))), { recursive: true });
    writeFileSync(join(outside, path.slice(3)), "before");
  }
  const all = (): string[] =>
    readdirSync(outside, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const stat = statSync(join(outside, name));
        return `${name} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(join(outside, name), "latin1") : ""}`;
      });
  const untouched = all();
  const count = { races: 0 };
  while (count.races < RACES) {
    startOver(root, one);
    let left = 2;
    checkOut(root, two, {
      disk,
      trace(step, at) {
        if (left === 0 || at === "" || !["prepare", "folder", "recheck"].includes(step) || random.chance(0.9))
          return;
        const target = random.pick([at, dirname(at), at.slice(0, 2)]);
        const place = join(root, target);
        // Through a link that an earlier race left, this hook itself would reach outside.
        if (!isReal(root, dirname(target))) return;
        rmSync(place, { recursive: true, force: true });
        symlinkSync(join(outside, target.slice(3)), place);
        left--;
        count.races++;
      },
    });
    checkOut(root, two, { disk });
    expect(all()).toEqual(untouched);
  }
  figure("symlink races", `${count.races} at the steps of the engine, nothing written outside`);
}, 240_000);
