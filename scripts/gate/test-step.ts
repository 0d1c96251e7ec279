/** All tests with coverage, as a step of the gate. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { measureCoverage } from "./coverage.ts";
import { root } from "./process.ts";
import type { StepResult } from "./steps.ts";
import { type CostedRun, type Counts, runTests, sum } from "./test-run.ts";

/** Of all lines of `src`, percent. Below it the gate is shut; raise it when the figure allows. */
const COVERAGE_TARGET = 95;
const WORST_SHOWN = 12;

export type TestStepOptions = {
  /** Test files; none: all of them, and only then coverage is judged. */
  readonly paths?: readonly string[];
  /** The program that the tests start; none: they run the sources. */
  readonly binary?: string;
};

/** These take half of the time of `test/e2e` and reach no line of the sources that others do not. */
const ONLY_WITH_BINARY =
  /^(?:bandwidth|canary|daemon-faults|disk-full|every-way|kill|large|large-transfer|ssh|two-devices|user-git)\./;

export async function testStep({ paths, binary }: TestStepOptions = {}): Promise<{
  readonly result: StepResult;
  readonly counts: Counts;
}> {
  const directory = join(root, "coverage");
  rmSync(directory, { recursive: true, force: true });
  const own = await runTests({
    coverageDirectory: directory,
    ...(paths === undefined ? {} : { paths }),
    ...(binary === undefined ? {} : { env: { LULL_E2E_BINARY: binary } }),
  });
  const reports = [join(directory, "lcov.info")];
  let tests = own;
  if (own.ok && binary !== undefined && paths === undefined) {
    // What runs in the binary can not be counted, and for many commands there are no other tests.
    const fromSource = join(directory, "from-source");
    const again = await runTests({ coverageDirectory: fromSource, paths: cheapEndToEnd() });
    tests = joined(own, again);
    reports.push(join(fromSource, "lcov.info"));
  }
  const { passed, failed, skipped } = tests;
  const numbers = `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
  const details = tests.costs;
  if (!tests.ok)
    return { result: { ok: false, note: numbers, output: tests.output, details }, counts: tests };
  if (paths !== undefined) return { result: { ok: true, note: numbers, output: "", details }, counts: tests };

  const { percent, files } = measureCoverage(
    root,
    reports.map((report) => readFileSync(report, "utf8")).join(""),
  );
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

function cheapEndToEnd(): readonly string[] {
  return readdirSync(join(root, "test/e2e"))
    .filter((name) => name.endsWith(".test.ts") && !ONLY_WITH_BINARY.test(name))
    .map((name) => `test/e2e/${name}`);
}

function joined(one: CostedRun, other: CostedRun): CostedRun {
  return {
    ...sum([one, other]),
    ok: one.ok && other.ok,
    output: `${one.output}\n${other.output}`,
    costs: `${one.costs}\nfrom source, for the coverage, ${other.costs}`,
  };
}
