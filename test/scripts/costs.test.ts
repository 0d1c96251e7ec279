import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { dearest, readCosts } from "../../scripts/gate/costs.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

test("the dearest by processor time come first, ten of them", () => {
  const report = join(temporaryDirectory(), "costs");
  const lines = Array.from({ length: 12 }, (_, index) =>
    JSON.stringify({ file: `test/${index}.test.ts`, seconds: 100 - index, cpu: index }),
  );
  writeFileSync(report, `${lines.join("\n")}\n`);
  const table = dearest(readCosts(report)).split("\n");
  expect(table[0]).toContain("12 files took 66 s");
  expect(table[1]).toMatch(/^ +11\.0 +89\.0 {2}test\/11\.test\.ts$/);
  expect(table).toHaveLength(11);
});

test("without a report nothing is said", () => {
  expect(dearest(readCosts(join(temporaryDirectory(), "none")))).toBe("");
});
