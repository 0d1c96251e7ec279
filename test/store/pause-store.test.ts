import { expect, test } from "bun:test";
import { join } from "node:path";

import { createStore } from "../../src/store/database.ts";
import { ALL_SOURCES, type Pause, type PauseStore } from "../../src/store/pause-store.ts";
import { createPauseStore } from "../../src/store/sqlite-pause-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const HOUR = 3_600_000;

function openPauses(): { readonly pauses: PauseStore } & Disposable {
  const store = createStore(join(temporaryDirectory(), "lull.db"));
  return { pauses: createPauseStore(store), [Symbol.dispose]: () => store[Symbol.dispose]() };
}

function pause(source: string, until?: number, since = NOW): Pause {
  return { source, since, until, reason: "paused by ada" };
}

test("a pause lasts until its end, and one without an end until it is resumed", () => {
  using opened = openPauses();
  const { pauses } = opened;
  pauses.pause(pause("notes", NOW + HOUR));
  pauses.pause(pause("dotfiles"));
  expect(pauses.list(NOW)).toEqual([pause("dotfiles"), pause("notes", NOW + HOUR)]);
  expect(pauses.list(NOW + HOUR)).toEqual([pause("dotfiles")]);
  expect(pauses.resume("dotfiles", NOW)).toBe(true);
  expect(pauses.resume("dotfiles", NOW)).toBe(false);
  expect(pauses.resume("notes", NOW + HOUR)).toBe(false);
});

test("a new pause replaces the old one of the source", () => {
  using opened = openPauses();
  const { pauses } = opened;
  pauses.pause(pause("notes"));
  pauses.pause(pause("notes", NOW + HOUR, NOW + 1));
  expect(pauses.list(NOW)).toEqual([pause("notes", NOW + HOUR, NOW + 1)]);
});

test("a source rests for as long as its own pause or that of all lasts", () => {
  using opened = openPauses();
  const { pauses } = opened;
  expect(pauses.find("notes", NOW)).toBeUndefined();
  pauses.pause(pause(ALL_SOURCES, NOW + HOUR));
  pauses.pause(pause("notes", NOW + 2 * HOUR));
  pauses.pause(pause("other"));
  expect(pauses.list(NOW)[0]?.source).toBe(ALL_SOURCES);
  expect(pauses.find("notes", NOW)?.until).toBe(NOW + 2 * HOUR);
  expect(pauses.find("dotfiles", NOW)?.source).toBe(ALL_SOURCES);
  expect(pauses.find("other", NOW)?.until).toBeUndefined();
  pauses.resume(ALL_SOURCES, NOW);
  expect(pauses.find("dotfiles", NOW)).toBeUndefined();
  expect(pauses.find("notes", NOW)?.source).toBe("notes");
});

test("the guard that made a pause is kept with it", () => {
  using opened = openPauses();
  const { pauses } = opened;
  pauses.pause({ ...pause("notes"), guard: "deletions" });
  expect(pauses.find("notes", NOW)?.guard).toBe("deletions");
  pauses.pause(pause("notes"));
  expect(pauses.find("notes", NOW)).toEqual(pause("notes"));
});
