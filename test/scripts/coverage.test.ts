import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { codeLines, measureCoverage, readLcov } from "../../scripts/gate/coverage.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

/** Of so many lines the first are hit. */
const record = (path: string, lines: number, hit: number): string => {
  const each = Array.from({ length: lines }, (_, index) => `DA:${index + 1},${index < hit ? 3 : 0}\n`);
  return `TN:\nSF:${path}\n${each.join("")}LF:${lines}\nLH:${hit}\nend_of_record\n`;
};

test("only the program's own files count", () => {
  expect(readLcov(record("src/a.ts", 4, 3) + record("test/helpers/b.ts", 9, 0))).toEqual([
    { path: "src/a.ts", lines: 4, hit: 3 },
  ]);
});

test("of two reports together a line counts that one of them has seen run", () => {
  const other = "SF:src/a.ts\nDA:1,0\nDA:4,1\nDA:5,0\nend_of_record\n";
  expect(readLcov(record("src/a.ts", 4, 2) + other)).toEqual([{ path: "src/a.ts", lines: 5, hit: 3 }]);
});

test("a file that no test loads counts with all its lines", () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "src/git"), { recursive: true });
  writeFileSync(join(root, "src/a.ts"), "");
  writeFileSync(join(root, "src/types.ts"), "export type A = { readonly a: number };\n");
  writeFileSync(join(root, "src/git/never.ts"), "export function never(): number {\n  return 1;\n}\n");
  const { percent, files } = measureCoverage(root, record("src/a.ts", 6, 6));
  expect(files[0]).toEqual({ path: "src/git/never.ts", lines: 2, hit: 0 });
  expect(percent).toBe(75);
});

test("a file of types and comments has no lines to run", () => {
  expect(codeLines('import type { B } from "./b.ts";\n/** A. */\nexport type A = B;\n')).toBe(0);
});

test("nothing at all is covered wholly", () => {
  expect(measureCoverage(temporaryDirectory(), "").percent).toBe(100);
});
