/**
 * `npm test`: sets up what the tests need, runs the gate, builds the binary and runs the e2e suite with it. The last
 * line is `N passed, N failed` (`, N skipped`): tests as counted by the test runner, and one failure more for each step
 * of another kind that failed.
 */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { report, reportAll } from "./gate/report.ts";
import { root, run } from "./gate/process.ts";
import { staticSteps, type StepResult } from "./gate/steps.ts";
import { setUpPeers } from "./gate/set-up-peers.ts";
import { testStep } from "./gate/test-step.ts";
import { runTests, sum, type Counts } from "./gate/test-run.ts";

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

if (!(await reportAll(staticSteps))) counts.push(FAILED_STEP);

await counted("tests", () => testStep(leftOut.size === 0 ? undefined : chosen));

const built = await counted("build", async () => {
  const { code, output } = await run([process.execPath, "scripts/build.ts"]);
  return {
    result: { ok: code === 0, note: output.trim().split("\n").at(-1) ?? "", output },
    counts: NO_TESTS,
  };
});

const endToEnd = chosen.filter((file) => file.startsWith("test/e2e/"));
if (built && endToEnd.length > 0) {
  await counted("e2e with the binary", async () => {
    const tests = await runTests({ paths: endToEnd, env: { LULL_E2E_BINARY: BINARY } });
    const note = `${tests.passed} passed, ${tests.failed} failed`;
    return { result: { ok: tests.ok, note, output: tests.output }, counts: tests };
  });
}

const total = sum(counts);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(
  `${total.passed} passed, ${total.failed} failed${total.skipped === 0 ? "" : `, ${total.skipped} skipped`}`,
);

/** Runs a step and takes its numbers; a step that failed without a failed test, or never got so far, counts as one. */
async function counted(
  name: string,
  step: () => Promise<{ readonly result: StepResult; readonly counts: Counts }>,
): Promise<boolean> {
  let own = NO_TESTS;
  const ok = await report({
    name,
    run: async () => {
      const ended = await step();
      own = ended.counts;
      return ended.result;
    },
  });
  counts.push(own);
  if (!ok && own.failed === 0) counts.push(FAILED_STEP);
  return ok;
}

function testFiles(): readonly string[] {
  return [...new Glob("test/**/*.test.ts").scanSync({ cwd: root })]
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false", undefined].includes(process.env["CI"]);
}
