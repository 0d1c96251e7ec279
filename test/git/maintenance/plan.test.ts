import { expect, test } from "bun:test";

import { LARGEST_ROLLED, LOOSE_FROM, PACKS_FROM, planRepack } from "../../../src/git/maintenance/plan.ts";
import type { LooseFile, PackFiles } from "../../../src/git/maintenance/survey.ts";

const MB = 1024 * 1024;

function loose(count: number, bytes = 300): LooseFile[] {
  return Array.from({ length: count }, (_, at) => ({
    oid: `${at}`.padStart(40, "0"),
    bytes,
    onDisk: 4096,
    modified: 0,
  }));
}

function pack(bytes: number, protectedBy?: string): PackFiles {
  return { name: `pack-${bytes}`, bytes, modified: 0, protectedBy };
}

function sizes(packs: readonly PackFiles[]): number[] {
  return packs.map(({ bytes }) => bytes);
}

test("few loose objects and few packs are left alone, and why is said", () => {
  const packs = Array.from({ length: PACKS_FROM - 1 }, (_, at) => pack(at + 1));
  const plan = planRepack({ loose: loose(LOOSE_FROM - 1), packs });
  expect([plan.loose, plan.packs]).toEqual([[], []]);
  expect(plan.left).toEqual(["255 loose objects and 9 packs are few: nothing would be gained"]);
});

test("loose objects take the packs with them that are not much larger", () => {
  const plan = planRepack({ loose: loose(1000, 1000), packs: [pack(50 * MB), pack(MB), pack(2 * MB)] });
  expect(plan.loose).toHaveLength(1000);
  expect(sizes(plan.packs)).toEqual([MB, 2 * MB]);
});

test("a large pack and a protected one stay", () => {
  const packs = [pack(LARGEST_ROLLED + 1), pack(10, "is marked with a .keep file"), pack(20)];
  const plan = planRepack({ loose: loose(300, 2 * MB), packs });
  expect(sizes(plan.packs)).toEqual([20]);
  expect(plan.left).toEqual(["pack-10 is marked with a .keep file"]);
});

test("packs of which each is much larger than all below it stay", () => {
  const packs = Array.from({ length: PACKS_FROM }, (_, at) => pack(4 ** at));
  expect(planRepack({ loose: [], packs }).packs).toEqual([]);
});

test("a year of daily maintenance rewrites each byte a few times and leaves few packs", () => {
  let packs: PackFiles[] = [pack(200 * MB)];
  let written = 0;
  let most = 0;
  for (let day = 0; day < 365; day++) {
    const plan = planRepack({ loose: loose(LOOSE_FROM, 400 + day), packs });
    const bytes = [...plan.loose, ...plan.packs].reduce((sum, each) => sum + each.bytes, 0);
    packs = [...packs.filter((each) => !plan.packs.includes(each)), pack(bytes)];
    written += bytes;
    most = Math.max(most, packs.length);
  }
  const total = packs.reduce((sum, { bytes }) => sum + bytes, 0) - 200 * MB;
  expect(most).toBeLessThan(PACKS_FROM);
  expect(written / total).toBeLessThan(8);
});
