/** One line for each step of a script: mark, name, note, time; the output of a failed step below it. */
import type { Step, StepResult } from "./steps.ts";

/** Runs one step and prints its line; a step that throws has failed. */
export async function report(step: Step): Promise<boolean> {
  const started = performance.now();
  let result: StepResult;
  try {
    result = await step.run();
  } catch (error) {
    result = { ok: false, output: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  print(step.name, result, performance.now() - started);
  return result.ok;
}

/** Runs all steps at once and prints them in their order. Returns true when all passed. */
export async function reportAll(steps: readonly Step[]): Promise<boolean> {
  const started = performance.now();
  const running = steps.map(async (step) => {
    const result = await step
      .run()
      .catch((error: unknown): StepResult => ({ ok: false, output: String(error) }));
    return { step, result, ms: performance.now() - started };
  });
  let ok = true;
  for (const ended of running) {
    const { step, result, ms } = await ended;
    print(step.name, result, ms);
    ok &&= result.ok;
  }
  return ok;
}

function print(name: string, result: StepResult, ms: number): void {
  const seconds = `${(ms / 1000).toFixed(1)} s`;
  const note = result.note === undefined ? "" : `  ${result.note}`;
  console.log(`${result.ok ? "ok  " : "FAIL"}  ${name.padEnd(26)}${seconds.padStart(7)}${note}`);
  if (!result.ok) console.log(indent(result.output.trimEnd()));
  if (result.details !== undefined && result.details !== "") console.log(indent(result.details));
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "      ");
}
