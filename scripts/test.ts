/**
 * `npm test`: sets up what the tests need, runs the gate, builds the binary and runs all tests; those that run lull as a
 * program (`test/e2e`, `test/faults`) run it. The last line is `N passed, N failed` (`, N skipped`): tests as counted by
 * the test runner, and one failure more for each step of another kind that failed.
 */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { report, reportAll } from "./gate/report.ts";
import { root, run } from "./gate/process.ts";
import { staticSteps, type Step } from "./gate/steps.ts";
import { setUpPeers } from "./gate/set-up-peers.ts";
import { testStep } from "./gate/test-step.ts";
import { sum, type Counts } from "./gate/test-run.ts";

const BINARY = join(root, "dist", process.platform === "win32" ? "lull.exe" : "lull");
const FAILED_STEP: Counts = { passed: 0, failed: 1, skipped: 0 };
const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0 };

const counts: Counts[] = [];

const files = testFiles();
const leftOut = new Set<string>();
for (const peer of await setUpPeers()) {
  const needing = files.filter((file) => peer.usedBy.test(readFileSync(join(root, file), "utf8")));
  if (needing.length === 0) continue;
  console.log(
    `skip  ${needing.length} test files need ${peer.program}, which is not installed: ${peer.reason}`,
  );
  for (const file of needing) leftOut.add(file);
}
if (leftOut.size > 0) {
  // A skip that nobody sees would turn into a habit: where no person watches, it fails. How many tests the files hold
  // is not known without running them, so that each counts as one.
  counts.push(isContinuousIntegration() ? FAILED_STEP : { passed: 0, failed: 0, skipped: leftOut.size });
}
const chosen = files.filter((file) => !leftOut.has(file));

let isBuilt = false;
const build: Step = {
  name: "build",
  run: async () => {
    const { code, output } = await run([process.execPath, "scripts/build.ts"]);
    isBuilt = code === 0;
    return { ok: isBuilt, note: output.trim().split("\n").at(-1) ?? "", output };
  },
};
if (!(await reportAll([...staticSteps, build]))) counts.push(FAILED_STEP);

let tests = NO_TESTS;
const testsPassed = await report({
  name: "tests",
  run: async () => {
    const ended = await testStep({
      ...(leftOut.size === 0 ? {} : { paths: chosen }),
      // What can not be built can be tried from its sources all the same.
      ...(isBuilt ? { binary: BINARY } : {}),
    });
    tests = ended.counts;
    return ended.result;
  },
});
counts.push(tests);
// Without a failed test: the step never got so far, or too few lines are covered.
if (!testsPassed && tests.failed === 0) counts.push(FAILED_STEP);

const total = sum(counts);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? "" : `, ${total.skipped} skipped`}`,
);

function testFiles(): readonly string[] {
  return [...new Glob("test/**/*.test.ts").scanSync({ cwd: root })]
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false", undefined].includes(process.env["CI"]);
}
