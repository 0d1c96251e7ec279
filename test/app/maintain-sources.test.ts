import { expect, test } from "bun:test";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { addSource } from "../../src/app/add-source.ts";
import { maintainSources } from "../../src/app/maintain-sources.ts";
import { composed, type Composed } from "../helpers/composed.ts";

const all = { names: [], dryRun: false };

async function withSources(...names: readonly string[]): Promise<Composed> {
  const place = composed();
  for (const name of names) {
    mkdirSync(join(place.home, name));
    writeFileSync(join(place.home, name, "a.md"), `${name}\n`);
    await addSource(
      place.deps,
      { path: name, name, remote: undefined, schedule: undefined, dryRun: false },
      place.context,
    );
  }
  return place;
}

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
