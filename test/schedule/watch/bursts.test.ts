import { describe, expect, test } from "bun:test";

import { Bursts } from "../../../src/schedule/watch/bursts.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TIMES = { quietMs: 5 * SECOND, maxWaitMs: MINUTE };

type Reported = {
  readonly at: number;
  readonly paths: readonly string[] | undefined;
  readonly noise: readonly string[];
};

/** Lets changes happen at their times and takes each report when it is due. */
function reports(
  changes: readonly { readonly at: number; readonly path: string }[],
  until: number,
  bursts = new Bursts(TIMES),
): Reported[] {
  const reported: Reported[] = [];
  const takeUpTo = (now: number): void => {
    for (let due = bursts.dueAt; due !== undefined && due <= now; due = bursts.dueAt) {
      const report = bursts.take(due);
      if (report === undefined) throw new Error("due, and nothing to take");
      reported.push({ at: due, paths: report.paths, noise: report.noise.map(({ path }) => path) });
    }
  };
  for (const { at, path } of changes) {
    takeUpTo(at - 1);
    bursts.note(path, at);
  }
  takeUpTo(until);
  return reported;
}

function every(ms: number, path: (turn: number) => string, until: number) {
  return Array.from({ length: Math.floor(until / ms) }, (_, turn) => ({ at: turn * ms, path: path(turn) }));
}

function together(...changes: readonly (readonly { readonly at: number; readonly path: string }[])[]) {
  return changes.flat().sort((a, b) => a.at - b.at);
}

describe("a burst", () => {
  test("is over after the quiet period", () => {
    const bursts = new Bursts(TIMES);
    bursts.note("a", 0);
    bursts.note("b", 3000);
    expect(bursts.dueAt).toBe(8000);
    expect(bursts.take(7999)).toBeUndefined();
    expect(bursts.take(8000)).toEqual({ paths: ["a", "b"], since: 0, noise: [] });
    expect(bursts.dueAt).toBeUndefined();
  });

  test("that does not end is reported after the longest wait", () => {
    const found = reports(
      every(SECOND, () => "a", 3 * MINUTE),
      2 * MINUTE + SECOND,
    );
    expect(found.map(({ at }) => at)).toEqual([MINUTE, 2 * MINUTE + SECOND]);
  });

  test("names a thousand paths, and beyond that none", () => {
    const bursts = new Bursts(TIMES);
    for (let number = 0; number < 1000; number++) bursts.note(`f${number}`, 0);
    expect(bursts.take(5000)?.paths).toHaveLength(1000);
    for (let number = 0; number < 1001; number++) bursts.note(`f${number}`, 6000);
    expect(bursts.take(11_000)).toEqual({ paths: undefined, since: 6000, noise: [] });
  });

  test("of a branch alone names no path, and with anything lost no path either", () => {
    const bursts = new Bursts(TIMES);
    bursts.noteBranch(0);
    expect(bursts.take(5000)?.paths).toEqual([]);
    bursts.note("a", 6000);
    bursts.noteAnything(7000);
    expect(bursts.take(12_000)).toEqual({ paths: undefined, since: 6000, noise: [] });
    bursts.note("", 13_000);
    expect(bursts.take(18_000)?.paths).toBeUndefined();
  });

  test("is forgotten when it is cleared", () => {
    const bursts = new Bursts(TIMES);
    bursts.note("a", 0);
    bursts.clear();
    expect([bursts.dueAt, bursts.take(HOUR)]).toEqual([undefined, undefined]);
  });
});

describe("a path that never rests", () => {
  test("is reported after the longest wait at first, and in the end once an hour", () => {
    const found = reports(
      every(SECOND, () => "app.log", 12 * HOUR),
      12 * HOUR,
    );
    const gaps = found.map(({ at }, turn) => Math.floor((at - (found[turn - 1]?.at ?? 0)) / MINUTE));
    expect(gaps.slice(0, 16)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 8, 3, 16]);
    expect(gaps.slice(-3)).toEqual([60, 60, 60]);
    expect(found.length).toBeLessThan(35);
  });

  test("is named as noise once", () => {
    const found = reports(
      every(SECOND, () => "app.log", 12 * HOUR),
      12 * HOUR,
    );
    expect(found.flatMap(({ noise }) => noise)).toEqual(["app.log"]);
    expect(found.findIndex(({ noise }) => noise.length > 0)).toBe(12);
  });

  test("delays nobody else, and comes along with the others", () => {
    const log = every(SECOND, () => "app.log", 3 * HOUR);
    const edit = [{ at: 2.5 * HOUR, path: "note.md" }];
    const found = reports(together(log, edit), 3 * HOUR);
    const report = found.find(({ paths }) => paths?.includes("note.md"));
    expect(report).toEqual({ at: 2.5 * HOUR + 5 * SECOND, paths: ["app.log", "note.md"], noise: [] });
  });

  test("is slowed too when it is written once in a while: a write-ahead log every ten seconds", () => {
    const found = reports(
      every(10 * SECOND, () => "app.db-wal", 6 * HOUR),
      6 * HOUR,
    );
    expect(found.length).toBeLessThan(40);
    expect(found[0]?.at).toBe(5 * SECOND);
  });

  test("is slowed when each report is what makes it change: no sync runs for ever", () => {
    const bursts = new Bursts(TIMES);
    const at: number[] = [];
    bursts.note("sync.log", 0);
    for (let due = bursts.dueAt; due !== undefined && due < 24 * HOUR; due = bursts.dueAt) {
      bursts.take(due);
      at.push(due);
      bursts.note("sync.log", due + SECOND);
    }
    expect(at.length).toBeLessThan(220);
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBeGreaterThan(40 * MINUTE);
  });

  test("is normal again after a rest", () => {
    const bursts = new Bursts(TIMES);
    reports(
      every(SECOND, () => "app.log", 12 * HOUR),
      13 * HOUR,
      bursts,
    );
    const found = reports([{ at: 36 * HOUR, path: "app.log" }], 37 * HOUR, bursts);
    expect(found.map(({ at }) => at)).toEqual([36 * HOUR + 5 * SECOND]);
  });

  test("is not slowed by more than its own restlessness: the last words of an hour's writing wait for minutes", () => {
    const writing = every(20 * SECOND, () => "note.md", HOUR);
    const found = reports(writing, 2 * HOUR);
    const last = writing.at(-1)?.at ?? 0;
    expect((found.at(-1)?.at ?? 0) - last).toBeLessThan(4 * MINUTE);
    const gaps = found.map(({ at }, turn) => at - (found[turn - 1]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(30 * MINUTE);
  });

  test("is no text that somebody saves every three minutes for a day", () => {
    const found = reports(
      every(3 * MINUTE, () => "note.md", 24 * HOUR),
      24 * HOUR,
    );
    expect(found.every(({ at }) => at % (3 * MINUTE) === 5 * SECOND)).toBe(true);
    expect(found).toHaveLength(480);
  });

  test("may be a folder in which ever new names appear", () => {
    const cache = every(15 * SECOND, (turn) => `profile/cache/${turn}`, 12 * HOUR);
    const found = reports(cache, 12 * HOUR);
    expect(found.length).toBeLessThan(60);
    expect(found.flatMap(({ noise }) => noise)).toEqual(["profile/cache/"]);
  });

  test("may be everything: floods of more paths than can be named", () => {
    const flood = Array.from({ length: 200 }, (_, turn) =>
      Array.from({ length: 1500 }, (_, number) => ({ at: turn * MINUTE, path: `target/${turn}/${number}` })),
    ).flat();
    const found = reports(flood, 4 * HOUR);
    expect(found.length).toBeLessThan(40);
    expect(found[0]).toMatchObject({ at: 5 * SECOND, paths: undefined });
  });

  test("leaves a quiet path of the same folder alone", () => {
    const cache = every(15 * SECOND, (turn) => `profile/${turn}`, 3 * HOUR);
    const own = [
      { at: 60 * SECOND, path: "profile/settings.json" },
      { at: 2.9 * HOUR, path: "profile/settings.json" },
    ];
    const found = reports(together(cache, own), 3 * HOUR);
    expect(found.map(({ at }) => at)).toContain(2.9 * HOUR + 5 * SECOND);
  });
});

test("what a quiet period of hours means stays as it was asked", () => {
  const bursts = new Bursts({ quietMs: 2 * HOUR, maxWaitMs: 4 * HOUR });
  bursts.note("a", 0);
  expect(bursts.dueAt).toBe(2 * HOUR);
});
