/** What a test file costs: the time it takes, and the processor time of its process and of all that this one waited for. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

/** Linux tells processor times in hundredths of a second, whatever its kernel counts in. */
const TICKS_A_SECOND = 100;

/**
 * Begins to measure; the function it returns adds one line of JSON to the file that `LULL_TEST_COSTS` names:
 * `{"file": "test/…", "seconds": …, "cpu": …}`. Without the variable nothing is written.
 */
export function measureFile(): () => void {
  const report = process.env["LULL_TEST_COSTS"];
  const started = performance.now();
  const before = cpuSeconds();
  return () => {
    if (report === undefined) return;
    const line = {
      file: relative(process.cwd(), Bun.main).replaceAll("\\", "/"),
      seconds: (performance.now() - started) / 1000,
      cpu: cpuSeconds() - before,
    };
    appendFileSync(report, `${JSON.stringify(line)}\n`);
  };
}

/** Of this process and its children that have ended; elsewhere than on Linux of this process alone. */
function cpuSeconds(): number {
  if (!existsSync("/proc/self/stat")) {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }
  const USER = 11;
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields.slice(USER, USER + 4).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND;
}
