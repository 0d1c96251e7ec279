/**
 * The one gate: what passes here may be merged. `bun run check` is all of it, `--fast` leaves the tests out.
 * Tests that run lull as a program run the sources here, and the compiled binary in `npm test` (`scripts/test.ts`).
 */
import { report, reportAll } from "./gate/report.ts";
import { staticSteps } from "./gate/steps.ts";
import { testStep } from "./gate/test-step.ts";

const fast = process.argv.includes("--fast");

let ok = await reportAll(staticSteps);
if (!fast) ok = (await report({ name: "tests", run: async () => (await testStep()).result })) && ok;
if (!ok) process.exitCode = 1;
