/**
 * Every state of a repository that lull may meet (reliability.md, F18), made by system git. In the refused and busy
 * ones not a byte of the folder changes, `.git` included, whatever a sync or a commit tries.
 */
import { afterAll, describe, expect, test } from "bun:test";

import { rmSync } from "node:fs";

import { createGit } from "../../../src/git/create-git.ts";
import { LullError } from "../../../src/base/errors.ts";
import { figure } from "../../faults/options.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fsck, git } from "../../helpers/system-git.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { treeSnapshot, type TreeSnapshot } from "../../helpers/tree-snapshot.ts";
import { BUSY } from "./busy-states.ts";
import { HANDLED_FILES } from "./handled-files.ts";
import { HANDLED_FOLDERS, HANDLED_OBJECTS, HANDLED_REFS } from "./handled-places.ts";
import { HANDLED_CONFIGS, HANDLED_INDEXES } from "./handled-states.ts";
import { REFUSED, REFUSED_BY_SYNC } from "./refused-states.ts";
import { type Handled, type Place, type Refused, strangePlace } from "./strange-place.ts";

const engine = createGit({ clock: fakeClock(1_800_000_000_000), environment: {}, windows: false });

type Run = {
  readonly outcome: string;
  readonly committed?: unknown;
  readonly error?: { readonly message: string; readonly hint?: string };
};

/** But what a guard notes of what it has seen, for `lull allow`. */
function everything(place: Place): TreeSnapshot {
  const { [".git/lull/guards.json"]: _, ...rest } = treeSnapshot(place.root, {
    without: [],
    exactModes: true,
  });
  return rest;
}

async function expectLeftAlone(state: Refused, outcome: "failed" | "skipped"): Promise<void> {
  const { make, says } = state;
  const place = await strangePlace();
  make(place);
  const before = everything(place);
  const { code, json } = await place.device.json(["sync"]);
  expect(everything(place)).toEqual(before);
  expect(code).not.toBe(0);
  const [run] = (json as { readonly runs: readonly Run[] }).runs;
  expect([run?.outcome, run?.committed]).toEqual([outcome, undefined]);
  expect(run?.error?.message).toMatch(says);
  expect(run?.error?.hint?.length ?? 0).toBeGreaterThan(10);
  if (!REFUSED_BY_SYNC.includes(state)) expect(tryCommit(place)).toBeInstanceOf(LullError);
  expect(everything(place)).toEqual(before);
  // What follows each case looks whether git finds the folder whole; here it must not.
  rmSync(place.root, { recursive: true });
  done[outcome === "failed" ? "refused" : "busy"]++;
}

async function expectWorkedIn({ make, check, status = "", environment = {} }: Handled): Promise<void> {
  const place = await strangePlace(environment);
  make(place);
  place.device.write("edit.md", "an edit\n");
  await place.device.lull(["sync"]);
  expect(git(place.root, "status", "--porcelain")).toBe(status);
  const branch = place.git("symbolic-ref", "HEAD");
  expect(git(place.remote, "show", `${branch}:edit.md`)).toBe("an edit");
  expect(git(place.remote, "rev-parse", branch)).toBe(place.git("rev-parse", "HEAD"));
  check?.(place);
  fsck(place.root);
  fsck(place.remote);
  done.handled++;
}

function tryCommit({ root }: Place): unknown {
  try {
    const repository = engine.open(root);
    const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: 0 };
    const signal = new AbortController().signal;
    const { changes } = repository.scan({ signal });
    const paths = [...changes.map((change) => change.path), "a.md"];
    return repository.commit({ paths, message: "not to be", author, signal });
  } catch (error) {
    return error;
  }
}

const done = { refused: 0, busy: 0, handled: 0 };
afterAll(() => {
  const { refused, busy, handled } = done;
  figure(
    "strange repositories",
    `${refused} refused and ${busy} busy ones without a byte changed, ${handled} worked in`,
  );
});

describe("strange repositories", () => {
  for (const state of [...REFUSED, ...REFUSED_BY_SYNC]) {
    const needsRoot = state.name === "another owner";
    const skip = needsRoot && cannotRun(process.getuid?.() !== 0, "only root can give a file away");
    test.skipIf(skip)(`are refused untouched: ${state.name}`, () => expectLeftAlone(state, "failed"));
  }
  for (const state of BUSY) {
    test(`are left alone until the person is done: ${state.name}`, () => expectLeftAlone(state, "skipped"));
  }
  for (const state of [
    ...HANDLED_INDEXES,
    ...HANDLED_CONFIGS,
    ...HANDLED_REFS,
    ...HANDLED_OBJECTS,
    ...HANDLED_FOLDERS,
    ...HANDLED_FILES,
  ]) {
    test(`are worked in, and git finds them whole and clean: ${state.name}`, () => expectWorkedIn(state));
  }
});
