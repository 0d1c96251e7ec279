import { expect, test } from "bun:test";
import { existsSync } from "node:fs";

import { measure, median } from "./measure.ts";
import { renderTable } from "./table.ts";

test("the median is the middle one, or between the two in the middle", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2.5, Number.NaN]);
});

test("every command is run and related to the first", async () => {
  const command = { name: "bun", argv: [process.execPath, "--version"] };
  const [first, second] = await measure([command, { ...command, name: "again" }], { runs: 2, warmUp: 0 });
  expect(first?.ratio).toBe(1);
  expect(second?.ratio).toBeGreaterThan(0);
  expect(second?.name).toBe("again");
});

test("a command that fails ends the benchmark with what it said", async () => {
  const argv = [process.execPath, "-e", "console.error('broken'); process.exitCode = 3"];
  await expect(measure([{ name: "x", argv }], { runs: 1 })).rejects.toThrow(/ended with 3: broken/);
});

test("memory can come from the runs themselves, which must not fail either", async () => {
  const options = { runs: 1, warmUp: 0, memoryOfRuns: true };
  let runs = 0;
  const argv = [process.execPath, "--version"];
  const [measured] = await measure([{ name: "bun", argv, before: () => void runs++ }], options);
  expect(runs).toBe(existsSync("/usr/bin/time") ? 1 : 2);
  expect(measured?.medianMs).toBeGreaterThan(0);
  const failing = { name: "x", argv: [process.execPath, "-e", "process.exitCode = 3"] };
  await expect(measure([failing], options)).rejects.toThrow(/ended with 3/);
});

test("the table is Markdown and stands straight", () => {
  const row = { medianMs: 1.23, fastestMs: 1, slowestMs: 150.4, ratio: 1 };
  const rows = [
    { ...row, name: "lull", peakMemory: 33_000_000 },
    { ...row, name: "git status", ratio: 0.5, peakMemory: undefined },
  ];
  expect(renderTable(rows)).toBe(
    [
      "| command    | median | fastest | slowest | ratio | peak memory |",
      "| ---------- | -----: | ------: | ------: | ----: | ----------: |",
      "| lull       | 1.2 ms |  1.0 ms |  150 ms |  1.00 |       33 MB |",
      "| git status | 1.2 ms |  1.0 ms |  150 ms |  0.50 |     unknown |",
    ].join("\n"),
  );
});
