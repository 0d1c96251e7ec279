import { describe, expect, test } from "bun:test";

import { diffLines, type Hunk } from "../../../src/git/merge/line-diff.ts";
import { uniqueCommonLines } from "../../../src/git/merge/unique-lines.ts";
import { seeded } from "../history/random-history.ts";

const ids = (numbers: Iterable<number>): Int32Array => Int32Array.from(numbers);
const repeat = (length: number, line: (index: number) => number): Int32Array =>
  Int32Array.from({ length }, (_, index) => line(index));

/** Applies hunks to the old file; the lines between hunks must be equal in both. */
function apply(before: Int32Array, after: Int32Array, hunks: readonly Hunk[]): number[] {
  const result: number[] = [];
  let old = 0;
  for (const { oldStart, oldLength, newStart, newLength } of hunks) {
    result.push(...before.slice(old, oldStart), ...after.slice(newStart, newStart + newLength));
    expect(newStart - result.length + newLength).toBe(0);
    old = oldStart + oldLength;
  }
  return [...result, ...before.slice(old)];
}

describe("diffLines", () => {
  test("gives hunks that turn the old file into the new one, with a common line between two", () => {
    const random = seeded(1);
    for (let round = 0; round < 2000; round++) {
      const kinds = 1 + random(12);
      const [before, after] = [
        repeat(random(30), () => random(kinds)),
        repeat(random(30), () => random(kinds)),
      ];
      const hunks = diffLines(before, after);
      expect(apply(before, after, hunks)).toEqual([...after]);
      for (const [index, hunk] of hunks.entries()) {
        const next = hunks[index + 1];
        if (next !== undefined) expect(next.oldStart).toBeGreaterThan(hunk.oldStart + hunk.oldLength);
        expect(hunk.oldLength + hunk.newLength).toBeGreaterThan(0);
      }
    }
  });

  test("finds no change between equal files and one change in empty ones", () => {
    expect(diffLines(ids([1, 2, 2]), ids([1, 2, 2]))).toEqual([]);
    expect(diffLines(ids([]), ids([]))).toEqual([]);
    expect(diffLines(ids([]), ids([7, 8]))).toEqual([
      { oldStart: 0, oldLength: 0, newStart: 0, newLength: 2 },
    ]);
    expect(diffLines(ids([7, 8]), ids([]))).toEqual([
      { oldStart: 0, oldLength: 2, newStart: 0, newLength: 0 },
    ]);
  });

  test("slides an added run as far down as it goes, and back up to stand opposite a removal", () => {
    expect(diffLines(ids([1, 2, 3]), ids([1, 2, 1, 2, 3]))).toEqual([
      { oldStart: 2, oldLength: 0, newStart: 2, newLength: 2 },
    ]);
    expect(diffLines(ids([9, 1, 2, 3]), ids([1, 1, 2, 3]))).toEqual([
      { oldStart: 0, oldLength: 1, newStart: 0, newLength: 1 },
    ]);
  });

  test("finds the change in a file whose lines are all frequent", () => {
    const before = repeat(400, (index) => index % 2);
    const after = Int32Array.of(5, ...before.subarray(0, 200), 6, ...before.subarray(200), 7);
    expect(diffLines(before, after).map(({ oldLength, newLength }) => [oldLength, newLength])).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  test("finds one frequent line among frequent lines, whatever the size of the file", () => {
    const before = repeat(100_000, (index) => index % 2);
    const after = Int32Array.of(...before.subarray(0, 50_000), 1, ...before.subarray(50_000));
    const hunks = diffLines(before, after);
    expect(hunks.map(({ oldLength, newLength }) => [oldLength, newLength])).toEqual([[0, 1]]);
    expect(apply(before, after, hunks)).toEqual([...after]);
  });

  test("takes a large stretch of frequent lines for changed rather than searching without end", () => {
    const before = Int32Array.of(8, ...repeat(3000, (index) => index % 2), 8);
    const after = Int32Array.of(9, ...repeat(3000, (index) => (index % 3) % 2), 9);
    expect(diffLines(before, after)).toEqual([
      { oldStart: 0, oldLength: 3002, newStart: 0, newLength: 3002 },
    ]);
  });

  test("comes to the right end when a change stands every few lines of a long file", () => {
    const before = repeat(60_000, (index) => index);
    const after = repeat(60_000, (index) => (index % 4 === 0 ? 100_000 + index : index));
    const hunks = diffLines(before, after);
    expect(hunks.length).toBe(15_000);
    expect(
      hunks.every(
        ({ oldLength, newLength, oldStart }) => oldLength === 1 && newLength === 1 && oldStart % 4 === 0,
      ),
    ).toBe(true);
  });
});

describe("uniqueCommonLines", () => {
  test("pairs the longest rising sequence of lines that neither file repeats", () => {
    const pairs = uniqueCommonLines(ids([1, 2, 3, 3, 4, 5]), ids([5, 1, 9, 2, 3, 4, 2]));
    expect(pairs).toEqual([
      { before: 0, after: 1 },
      { before: 4, after: 5 },
    ]);
    expect(uniqueCommonLines(ids([1, 1]), ids([1, 2]))).toEqual([]);
  });
});
