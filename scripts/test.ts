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
import { staticSteps } from "./gate/steps.ts";
import { setUpGit } from "./gate/set-up-git.ts";
import { testStep } from "./gate/test-step.ts";
import { runTests, sum, type Counts } from "./gate/test-run.ts";

const BINARY = join(root, "dist", process.platform === "win32" ? "lull.exe" : "lull");
const FAILED_STEP: Counts = { passed: 0, failed: 1, skipped: 0 };

const counts: Counts[] = [];

const missing = await setUpGit();
const files = testFiles();
const needGit = missing === undefined ? [] : files.filter(usesGit);
if (missing !== undefined) {
  console.log(`skip  ${needGit.length} test files compare with system git: ${missing}`);
  // A skip that nobody sees would turn into a habit: where a person does not watch, it fails.
  counts.push(isContinuousIntegration() ? FAILED_STEP : { passed: 0, failed: 0, skipped: needGit.length });
}

if (!(await reportAll(staticSteps))) counts.push(FAILED_STEP);

await report({
  name: "tests",
  run: async () => {
    const tests = await testStep(
      missing === undefined ? undefined : files.filter((file) => !needGit.includes(file)),
    );
    counts.push(tests.counts);
    if (!tests.result.ok && tests.counts.failed === 0) counts.push(FAILED_STEP);
    return tests.result;
  },
});

const built = await report({
  name: "build",
  run: async () => {
    const { code, output } = await run([process.execPath, "scripts/build.ts"]);
    return { ok: code === 0, note: output.trim().split("\n").at(-1) ?? "", output };
  },
});
if (!built) counts.push(FAILED_STEP);

const endToEnd = files.filter((file) => file.startsWith("test/e2e/") && !needGit.includes(file));
if (built && endToEnd.length > 0) {
  await report({
    name: "e2e with the binary",
    run: async () => {
      const tests = await runTests({ paths: endToEnd, env: { LULL_E2E_BINARY: BINARY } });
      counts.push(tests);
      return { ok: tests.ok, note: `${tests.passed} passed, ${tests.failed} failed`, output: tests.output };
    },
  });
}

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

function usesGit(file: string): boolean {
  return /\/(?:system-git|git-http-server|temp-home)\.ts"/.test(readFileSync(join(root, file), "utf8"));
}

function isContinuousIntegration(): boolean {
  return !["", "0", "false", undefined].includes(process.env["CI"]);
}
