/** All tests with coverage, as a step of the gate. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { measureCoverage } from "./coverage.ts";
import { root } from "./process.ts";
import type { StepResult } from "./steps.ts";
import { runTests, type Counts } from "./test-run.ts";

/** Of all lines of `src`, percent. Below it the gate is shut; raise it when the figure allows. */
const COVERAGE_TARGET = 95;
const WORST_SHOWN = 12;

export type TestStepOptions = {
  /** Test files; none: all of them, and only then coverage is judged. */
  readonly paths?: readonly string[];
  /** The program that the tests start; none: they run the sources. */
  readonly binary?: string;
};

export async function testStep({ paths, binary }: TestStepOptions = {}): Promise<{
  readonly result: StepResult;
  readonly counts: Counts;
}> {
  const directory = join(root, "coverage");
  rmSync(directory, { recursive: true, force: true });
  const tests = await runTests({
    coverageDirectory: directory,
    ...(paths === undefined ? {} : { paths }),
    ...(binary === undefined ? {} : { env: { LULL_E2E_BINARY: binary } }),
  });
  const { passed, failed, skipped } = tests;
  const numbers = `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
  const details = tests.costs;
  if (!tests.ok)
    return { result: { ok: false, note: numbers, output: tests.output, details }, counts: tests };
  if (paths !== undefined) return { result: { ok: true, note: numbers, output: "", details }, counts: tests };

  const { percent, files } = measureCoverage(root, readFileSync(join(directory, "lcov.info"), "utf8"));
  const note = `${numbers}; ${percent.toFixed(1)} % of lines covered`;
  if (percent >= COVERAGE_TARGET) return { result: { ok: true, note, output: "", details }, counts: tests };
  const worst = files
    .slice(0, WORST_SHOWN)
    .map(
      (file) => `${String(file.lines - file.hit).padStart(5)} of ${file.lines} lines not run: ${file.path}`,
    );
  const output = [
    `the tests cover ${percent.toFixed(1)} % of the lines in src; ${COVERAGE_TARGET} % is the limit`,
    ...worst,
  ].join("\n");
  return { result: { ok: false, note, output, details }, counts: tests };
}
