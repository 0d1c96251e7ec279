import { expect, test } from "bun:test";

import { RowIndex } from "../../../src/platform/watch/row-index.ts";
import { seededRandom } from "../../helpers/random.ts";

test("finds what a map finds, after 50,000 numbers that came and went", () => {
  const random = seededRandom(3);
  const keys: number[] = [];
  const index = new RowIndex((row) => keys[row] ?? -1);
  const expected = new Map<number, number>();
  for (let row = 0; row < 50_000; row++) {
    keys.push(random.below(2 ** 31 - 1));
    index.set(keys[row] ?? 0, row);
    expected.set(keys[row] ?? 0, row);
    if (!random.chance(0.6)) continue;
    const gone = keys[random.below(row + 1)] ?? 0;
    index.delete(gone);
    expected.delete(gone);
  }
  expect(keys.filter((key) => index.find(key) !== (expected.get(key) ?? -1))).toEqual([]);
  expect(index.find(2 ** 31 - 1)).toBe(-1);
});
