import { describe, expect, test } from "bun:test";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import type { CheckoutStep } from "../../../src/git/checkout/apply-changes.ts";
import { createGit } from "../../../src/git/create-git.ts";
import type { Repository } from "../../../src/git/git.ts";
import { git, gitEnvironment, temporaryDirectory } from "../../helpers/system-git.ts";
import {
  checkOut,
  commitFiles,
  expectCheckedOut,
  type Files,
  newRepository,
  read,
  startAt,
  write,
} from "./fixture.ts";

const BEFORE: Files = { a: "1\n", "b/c": "1\n", gone: "1\n", same: "1\n" };
const AFTER: Files = { a: "2\n", "b/c": "2\n", new: "2\n", same: "1\n" };

/** Clean on the first commit. */
function world(after: Files = AFTER) {
  const root = newRepository();
  const one = commitFiles(root, BEFORE);
  const two = commitFiles(root, after, one);
  startAt(root, one);
  return { root, one, two };
}

class Crash extends Error {}

function crashBefore(root: string, target: string, at: CheckoutStep): void {
  try {
    checkOut(root, target, {
      trace: (step) => {
        if (step === at) throw new Crash(at);
      },
    });
  } catch (error) {
    if (error instanceof Crash || (error instanceof Error && error.cause instanceof Crash)) return;
    throw error;
  }
  throw new Error(`it has no step ${at}`);
}

function opened<Result>(root: string, use: (repository: Repository) => Result): Result {
  const environment = gitEnvironment();
  const repository = createGit({ clock: systemClock, environment, windows: false }).open(root);
  try {
    return use(repository);
  } finally {
    repository.close();
  }
}

const finish = (root: string): boolean => opened(root, (repository) => repository.finishCheckout());

/** What the next run does first: finish, scan, commit what was found as the person's. */
function commitEdits(root: string): void {
  const { signal } = new AbortController();
  opened(root, (repository) => {
    repository.finishCheckout();
    const { changes } = repository.scan({ signal });
    const author = { name: "me", email: "me@x", seconds: 9, offsetMinutes: 0 };
    repository.commit({ paths: changes.map(({ path }) => path), message: "mine", author, signal });
  });
}

const journal = (root: string): string => join(root, ".git/lull/checkout.json");

describe("a checkout that was cut off between index and branch", () => {
  test("is finished by the branch's move, with a line in its log", () => {
    const { root, two } = world();
    crashBefore(root, two, "branch");
    expect(finish(root)).toBe(true);
    expectCheckedOut(root, two);
    expect(git(root, "reflog", "-1", "--format=%gs")).toBe("lull: finish an interrupted checkout");
    expect(finish(root)).toBe(false);
  });

  test("leaves what the person edits next as the only thing that is theirs", () => {
    const { root, two } = world();
    crashBefore(root, two, "branch");
    write(root, "a", "2\nmine\n");
    write(root, "mine", "x\n");
    commitEdits(root);
    expect(git(root, "rev-parse", "HEAD^")).toBe(two);
    expect(git(root, "show", "--format=%an", "--name-status", "HEAD").split(/\n+/)).toEqual([
      "me",
      "M\ta",
      "A\tmine",
    ]);
    expect(git(root, "status", "--porcelain")).toBe("");
    expect(existsSync(journal(root))).toBe(false);
  });

  test("is finished below what the person staged since", () => {
    const { root, two } = world();
    crashBefore(root, two, "branch");
    write(root, "a", "2\nmine\n");
    git(root, "add", "a");
    expect(finish(root)).toBe(true);
    expect(git(root, "rev-parse", "HEAD")).toBe(two);
    expect(git(root, "status", "--porcelain")).toBe("M  a");
  });

  test("is finished where it was the first of its branch", () => {
    const root = newRepository();
    const one = commitFiles(root, BEFORE);
    crashBefore(root, one, "branch");
    expect(finish(root)).toBe(true);
    expectCheckedOut(root, one);
  });

  test("stays as it is where the person went back, committed or is on another branch", () => {
    for (const act of [
      ["reset", "-q", "--hard"],
      ["reset", "-q"],
      ["checkout", "-q", "HEAD", "--", "a"],
      ["commit", "-q", "-m", "theirs"],
      ["symbolic-ref", "HEAD", "refs/heads/other"],
    ]) {
      const { root, two } = world();
      crashBefore(root, two, "branch");
      git(root, ...act);
      const head = git(root, "rev-parse", "-q", "--verify", "main");
      expect([act, finish(root)]).toEqual([act, false]);
      expect(git(root, "rev-parse", "-q", "--verify", "main")).toBe(head);
    }
  });

  test("needs no more than its note cleared away once the branch has moved", () => {
    const { root, two } = world();
    crashBefore(root, two, "clear");
    expect(existsSync(journal(root))).toBe(true);
    expect(finish(root)).toBe(false);
    expectCheckedOut(root, two);
  });
});

test("a checkout that was cut off before the index was written is no matter of a branch's move", () => {
  const steps: readonly CheckoutStep[] = [
    "journal",
    "prepare",
    "place",
    "remove",
    "sync",
    "complete",
    "index",
  ];
  for (const step of steps) {
    const { root, one, two } = world();
    crashBefore(root, two, step);
    expect([step, finish(root)]).toEqual([step, false]);
    expect(git(root, "rev-parse", "HEAD")).toBe(one);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
  }
});

test("a target that the person had staged whole by hand is not taken for a finished checkout", () => {
  const { root, one, two } = world({ ...BEFORE, a: "2\n", "b/c": "2\n" });
  git(root, "read-tree", two);
  crashBefore(root, two, "place");
  expect(finish(root)).toBe(false);
  expect(git(root, "rev-parse", "HEAD")).toBe(one);
  expect(read(root, "b/c")).toBe("1\n");
});

test("a checkout that is killed right before the branch moves is finished, locks and all, by the next run", () => {
  const { root, two } = world();
  const file = join(temporaryDirectory(), "kill.ts");
  writeFileSync(
    file,
    `import { checkOut } from ${JSON.stringify(join(import.meta.dir, "fixture.ts"))};
     const [root, target] = process.argv.slice(-2);
     checkOut(root, target, { trace: (step) => { if (step === "branch") process.kill(process.pid, "SIGKILL"); } });`,
  );
  const killed = Bun.spawnSync([process.execPath, file, root, two]);
  rmSync(file);
  expect(killed.signalCode).toBe("SIGKILL");
  expect(existsSync(join(root, ".git/refs/heads/main.lock"))).toBe(true);
  write(root, "same", "mine\n");
  commitEdits(root);
  expect(git(root, "rev-parse", "HEAD^")).toBe(two);
  expect(git(root, "diff", "--name-only", "HEAD^", "HEAD")).toBe("same");
  expect(git(root, "status", "--porcelain")).toBe("");
});
