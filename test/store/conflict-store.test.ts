import { expect, test } from "bun:test";
import { join } from "node:path";

import type { ConflictStore, StoredConflict } from "../../src/store/conflict-store.ts";
import { createStore } from "../../src/store/database.ts";
import { createConflictStore } from "../../src/store/sqlite-conflict-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

function openConflicts(): { readonly conflicts: ConflictStore } & Disposable {
  const store = createStore(join(temporaryDirectory(), "lull.db"));
  return { conflicts: createConflictStore(store), [Symbol.dispose]: () => store[Symbol.dispose]() };
}

function met(path: string, changes: Partial<StoredConflict> = {}): StoredConflict {
  return {
    source: "notes",
    commit: "c".repeat(40),
    path,
    metAt: 1000,
    resolvedAt: undefined,
    resolution: undefined,
    detail: "{}",
    ...changes,
  };
}

test("what was learned is listed, newest first, and the mark stands where reading ended", () => {
  using opened = openConflicts();
  const { conflicts } = opened;
  expect(conflicts.mark("notes")).toBeUndefined();
  const odd = met("\u00ff odd\n", { metAt: 2000 });
  const settled = met("b", { resolvedAt: 1000, resolution: "settled by ours" });
  conflicts.learn({ source: "notes", tip: "t1", conflicts: [met("a"), odd, settled] });
  expect(conflicts.mark("notes")).toBe("t1");
  expect(conflicts.list({ source: "notes", open: false })).toEqual([odd, met("a"), settled]);
  expect(conflicts.list({ source: "notes", open: true })).toEqual([odd, met("a")]);
  expect(conflicts.list({ source: "other", open: false })).toEqual([]);
  expect(conflicts.countOpen()).toEqual(new Map([["notes", 2]]));
});

test("what is resolved stays so when it is learned again", () => {
  using opened = openConflicts();
  const { conflicts } = opened;
  conflicts.learn({ source: "notes", tip: "t1", conflicts: [met("a")] });
  expect(conflicts.resolve(met("a"), { at: 5, resolution: "kept local" })).toBe(true);
  expect(conflicts.resolve(met("a"), { at: 6, resolution: "kept remote" })).toBe(false);
  conflicts.learn({ source: "notes", tip: "t2", conflicts: [met("a")] });
  expect(conflicts.list({ source: "notes", open: false })).toEqual([
    met("a", { resolvedAt: 5, resolution: "kept local" }),
  ]);
  expect(conflicts.countOpen()).toEqual(new Map());
});

test("a source that is forgotten leaves nothing, and the others stay", () => {
  using opened = openConflicts();
  const { conflicts } = opened;
  conflicts.learn({ source: "notes", tip: "t1", conflicts: [met("a")] });
  conflicts.learn({ source: "other", tip: "t2", conflicts: [met("a", { source: "other" })] });
  conflicts.forget("notes");
  expect(conflicts.mark("notes")).toBeUndefined();
  expect(conflicts.list({ source: "notes", open: false })).toEqual([]);
  expect(conflicts.mark("other")).toBe("t2");
  expect(conflicts.countOpen()).toEqual(new Map([["other", 1]]));
});
