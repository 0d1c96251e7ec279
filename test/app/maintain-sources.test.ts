import { expect, test } from "bun:test";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";

import { maintainSources } from "../../src/app/maintain-sources.ts";
import { withSources } from "../helpers/with-sources.ts";

const all = { names: [], dryRun: false };

test("a source that waits or is missing does not stop the others", async () => {
  const place = await withSources("merging", "missing", "well");
  mkdirSync(join(place.home, "merging/.git/rebase-merge"));
  renameSync(join(place.home, "missing"), join(place.home, "elsewhere"));
  const results = await maintainSources(place.deps, all, place.context);
  expect(results.map(({ source, kind }) => [source, kind])).toEqual([
    ["merging", "skipped"],
    ["missing", "skipped"],
    ["well", "done"],
  ]);
});

test("a source that is being synced is not tended at the same time", async () => {
  const place = await withSources("notes");
  using _ = place.deps.locks.acquire("notes");
  const [result] = await maintainSources(place.deps, all, place.context);
  expect(result).toMatchObject({ kind: "failed", error: { code: "SOURCE_LOCKED", kind: "locked" } });
  expect(existsSync(join(place.home, "notes/.git/gc.pid"))).toBe(false);
});

test("an interruption ends the whole", async () => {
  const place = await withSources("notes");
  const context = { ...place.context, signal: AbortSignal.abort() };
  const error = await maintainSources(place.deps, all, context).catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "INTERRUPTED" });
});
