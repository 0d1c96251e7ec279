/** What happens when somebody saves in the very moment in which lull puts a file in place or takes one away. */
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type GuardedRename, putInPlace, takeAway } from "../../../src/git/checkout/put-in-place.ts";
import { statPath } from "../../../src/git/worktree/stat.ts";
import { guardedRename } from "../../../src/platform/guarded-rename.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const system = guardedRename();
const here = test.skipIf(cannotRun(system === undefined, "guarded renames: the system has no such call"));

const REFUSING: GuardedRename = { exchange: () => false, ifFree: () => false };

type Moments = {
  /** Before lull's first call, and before each one after it. */
  readonly before?: readonly (() => void)[];
};

function place(present: string | undefined) {
  const folder = temporaryDirectory();
  const [temporary, target] = [join(folder, "temporary"), join(folder, "notes.md")];
  writeFileSync(temporary, "by the remote");
  if (present !== undefined) writeFileSync(target, present);
  const expected = statPath(target);
  return {
    folder,
    temporary,
    target,
    expected,
    files: () => Object.fromEntries(readdirSync(folder).map((name) => [name, content(join(folder, name))])),
  };
}

function content(path: string): string {
  return statPath(path)?.kind === "directory" ? "folder" : readFileSync(path, "utf8");
}

/** The system's calls, with something that happens right before each. */
function disturbed({ before = [] }: Moments): GuardedRename {
  const left = [...before];
  if (system === undefined) throw new Error("skipped");
  return {
    exchange: (one, other) => (left.shift()?.(), system.exchange(one, other)),
    ifFree: (from, to) => (left.shift()?.(), system.ifFree(from, to)),
  };
}

here("what nobody touched is replaced, and what is new is put there", () => {
  for (const present of ["old", undefined]) {
    const { files, ...where } = place(present);
    expect(putInPlace({ ...where, rename: disturbed({}) })).toBe(true);
    expect(files()).toEqual({ "notes.md": "by the remote" });
  }
});

here("what was saved at the last moment stands where it was, and the new version waits", () => {
  const ways: Readonly<Record<string, (target: string) => void>> = {
    "in place": (target) => writeFileSync(target, "edited"),
    "by a new file": (target) => {
      writeFileSync(`${target}~`, "edited");
      renameSync(`${target}~`, target);
    },
  };
  for (const save of Object.values(ways)) {
    for (const present of ["before", undefined]) {
      const { files, ...where } = place(present);
      const rename = disturbed({ before: [() => save(where.target)] });
      expect(putInPlace({ ...where, rename })).toBe(false);
      expect(files()).toEqual({ "notes.md": "edited", temporary: "by the remote" });
    }
  }
});

here("a file that became a folder, or went away, at the last moment is left so", () => {
  const folder = place("old");
  const toFolder = (): void => {
    rmSync(folder.target);
    mkdirSync(folder.target);
  };
  expect(putInPlace({ ...folder, rename: disturbed({ before: [toFolder] }) })).toBe(false);
  expect(folder.files()).toEqual({ "notes.md": "folder", temporary: "by the remote" });
  const gone = place("old");
  expect(putInPlace({ ...gone, rename: disturbed({ before: [() => rmSync(gone.target)] }) })).toBe(false);
  expect(gone.files()).toEqual({ temporary: "by the remote" });
});

here("two saves around the exchange are both kept", () => {
  const { files, ...where } = place("old");
  const save = (text: string) => () => writeFileSync(where.target, text);
  const rename = disturbed({ before: [save("first"), save("second")] });
  expect(putInPlace({ ...where, rename })).toBe(false);
  expect(files()).toEqual({ "notes.md": "first", "notes.md.kept-1": "second" });
  const removed = place("old");
  const first = (): void => writeFileSync(removed.target, "first");
  const before = [first, () => rmSync(removed.target)];
  expect(putInPlace({ ...removed, rename: disturbed({ before }) })).toBe(false);
  expect(removed.files()).toEqual({ "notes.md": "first" });
});

here("what was saved before it is taken away comes back, also beside what took its place", () => {
  const quiet = place("old");
  rmSync(quiet.temporary);
  expect(takeAway({ ...quiet, rename: disturbed({}) })).toBe(true);
  expect(quiet.files()).toEqual({});
  const saved = place("old");
  writeFileSync(saved.target, "edited");
  expect(takeAway({ ...saved, rename: disturbed({}) })).toBe(false);
  expect(saved.files()).toEqual({ "notes.md": "edited" });
  const twice = place("old");
  writeFileSync(twice.target, "first");
  const rename = disturbed({ before: [() => writeFileSync(twice.target, "second")] });
  expect(takeAway({ ...twice, rename })).toBe(false);
  expect(twice.files()).toEqual({ "notes.md": "second", "notes.md.kept-1": "first" });
});

test("where the system has no such calls, or the file system refuses them, names are changed plainly", () => {
  for (const rename of [undefined, REFUSING]) {
    for (const present of ["old", undefined]) {
      const { files, ...where } = place(present);
      expect(putInPlace({ ...where, rename })).toBe(true);
      expect(files()).toEqual({ "notes.md": "by the remote" });
    }
    const removed = place("old");
    rmSync(removed.temporary);
    expect(takeAway({ ...removed, rename })).toBe(true);
    expect(removed.files()).toEqual({});
  }
});
