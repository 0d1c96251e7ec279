import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { pendingTrees, readJournal } from "../../../src/git/checkout/journal.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { checkOut, commitFiles, expectCheckedOut, newRepository, read, startAt, write } from "./fixture.ts";

const BEFORE = {
  a: "1",
  "b/c": "1",
  "b/d": "1",
  gone: "1",
  file: "1",
  "folder/x": "1",
  "folder/y": "1",
  link: "->a",
  mode: "1",
  keep: "1",
};
const AFTER = {
  a: "2",
  "b/c": "2",
  "b/d": "1",
  new: "2",
  "file/x": "2",
  folder: "2",
  link: "->keep",
  "mode*": "1",
  "n/e/w": "2",
  keep: "1",
};
/** Undoes a part of AFTER and goes on elsewhere. */
const LATER = {
  a: "3",
  "b/c": "1",
  "b/d": "1",
  gone: "1",
  file: "1",
  "folder/x": "1",
  "folder/y": "4",
  link: "->a",
  mode: "1",
  keep: "1",
};

class Crash extends Error {}

/** Checks out until step number `at`, at which everything ends. Returns false when it came through. */
function crashAt(root: string, target: string, at: number): boolean {
  let steps = 0;
  try {
    checkOut(root, target, {
      trace: () => {
        if (++steps === at) throw new Crash("crash");
      },
    });
    return false;
  } catch (error) {
    if (error instanceof Crash || (error instanceof Error && error.cause instanceof Crash)) return true;
    throw error;
  }
}

const template = newRepository();
const one = commitFiles(template, BEFORE);
const two = commitFiles(template, AFTER, one);
const three = commitFiles(template, LATER, two);
startAt(template, one);

const root = join(temporaryDirectory(), "w");

/** The repository as new, clean on the first commit; always in the same place, so that little is left to clear away. */
function world(): string {
  rmSync(root, { recursive: true, force: true });
  cpSync(template, root, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  git(root, "update-index", "-q", "--refresh");
  return root;
}

/** How many steps the whole checkout takes. */
function countSteps(): number {
  world();
  let steps = 0;
  checkOut(root, two, { trace: () => steps++ });
  return steps;
}

describe("a checkout that is cut off at any step", () => {
  const steps = countSteps();

  test("ends well when it is simply run again", () => {
    expect(steps).toBeGreaterThan(40);
    for (let at = 1; at <= steps; at++) {
      world();
      expect(crashAt(root, two, at)).toBe(true);
      expect(checkOut(root, two).kind).toBe("done");
      expectCheckedOut(root, two);
    }
  }, 120_000);

  test("ends well when something else is wanted by then, even the way back", () => {
    for (let at = 1; at <= steps; at += 2) {
      world();
      expect(crashAt(root, two, at)).toBe(true);
      const branch = git(root, "rev-parse", "HEAD");
      const target = at % 4 === 1 ? three : one;
      if (branch === two && target === one) continue;
      expect(checkOut(root, target).kind).toBe("done");
      expectCheckedOut(root, target);
    }
  }, 120_000);

  test("ends well after two crashes on the way to two commits", () => {
    for (let at = 2; at <= steps; at += 5) {
      world();
      crashAt(root, two, at);
      crashAt(root, three, Math.max(1, steps - at));
      expect(checkOut(root, three).kind).toBe("done");
      expectCheckedOut(root, three);
    }
  }, 120_000);

  test("names the trees whose files are not the user's, and leaves the branch or has moved it", () => {
    for (let at = 2; at < steps; at += 3) {
      world();
      crashAt(root, two, at);
      const tree = git(root, "rev-parse", `${two}^{tree}`);
      expect(pendingTrees(join(root, ".git"), "refs/heads/main")).toEqual([tree]);
      expect(pendingTrees(join(root, ".git"), "refs/heads/other")).toEqual([]);
      expect([one, two]).toContain(git(root, "rev-parse", "HEAD"));
    }
  }, 120_000);

  test("keeps what the user does before it goes on", () => {
    for (let at = 5; at < steps; at += 3) {
      world();
      crashAt(root, two, at);
      if (git(root, "rev-parse", "HEAD") === two) continue;
      write(root, "keep", "mine");
      write(root, "a", "mine too");
      const result = checkOut(root, two);
      expect(result.kind === "blocked" ? result.paths : []).toEqual([
        { path: "a", reason: "changed meanwhile" },
      ]);
      expect([read(root, "a"), read(root, "keep")]).toEqual(["mine too", "mine"]);
    }
  }, 120_000);
});

test("a checkout that is killed, locks and all, ends well when it is run again", () => {
  const script = `
    import { checkOut } from ${JSON.stringify(join(import.meta.dir, "fixture.ts"))};
    const [root, target, at] = process.argv.slice(-3);
    let steps = 0;
    checkOut(root, target, { trace: () => { if (++steps === Number(at)) process.kill(process.pid, "SIGKILL"); } });
    console.log("came through");`;
  const steps = countSteps();
  for (let at = 1; at <= steps; at += Math.floor(steps / 12)) {
    world();
    const file = join(root, ".git", "kill.test-script.ts");
    writeFileSync(file, script);
    const killed = Bun.spawnSync([process.execPath, file, root, two, String(at)]);
    rmSync(file);
    expect(killed.signalCode).toBe("SIGKILL");
    expect(
      existsSync(join(root, ".git/index.lock")) || git(root, "rev-parse", "HEAD") === two || at >= steps - 3,
    ).toBe(true);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
    expect(readdirSync(join(root, ".git/lull/locks"))).toEqual([]);
  }
}, 120_000);

describe("the journal", () => {
  test("that makes no sense counts as none", () => {
    world();
    const gitDirectory = join(root, ".git");
    expect(readJournal(gitDirectory)).toBeUndefined();
    checkOut(root, git(root, "rev-parse", "HEAD"));
    for (const text of [
      "",
      "{",
      "[]",
      "null",
      "{}",
      '{"branch":1}',
      '{"branch":"b","from":"x","trees":[]}',
      '{"branch":"b","from":null,"trees":["x"]}',
    ]) {
      Bun.spawnSync(["mkdir", "-p", join(gitDirectory, "lull")]);
      writeFileSync(join(gitDirectory, "lull/checkout.json"), text);
      expect(readJournal(gitDirectory)).toBeUndefined();
    }
  }, 120_000);
});
