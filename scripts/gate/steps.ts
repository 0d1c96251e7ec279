/** The steps of the gate that look at the text of the project without running it. */
import { run, tool } from "./process.ts";

export type StepResult = {
  readonly ok: boolean;
  readonly note?: string;
  /** Shown when the step failed. */
  readonly output: string;
  /** Shown in any case, below the output. */
  readonly details?: string;
};

export type Step = { readonly name: string; readonly run: () => Promise<StepResult> };

export const staticSteps: readonly Step[] = [
  { name: "format", run: () => passes(tool("oxfmt", "--check", ".")) },
  {
    name: "lint",
    run: () =>
      passes(tool("oxlint", "--type-aware", "--deny-warnings", "--report-unused-disable-directives")),
  },
  { name: "types", run: () => passes(tool("typescript", "--noEmit")) },
  { name: "dead code", run: () => passes(tool("knip", "--no-progress")) },
  // Without tests and development tools: what only tests use is dead code in the program.
  {
    name: "dead code in the program",
    run: () => passes(tool("knip", "--no-progress", "--production", "--strict")),
  },
  { name: "docs", run: () => isCurrent("scripts/cli-reference.ts") },
  { name: "catalogue of apps", run: () => isCurrent("scripts/app-catalogue.ts") },
];

async function passes(command: readonly string[]): Promise<StepResult> {
  const { code, output } = await run(command);
  return { ok: code === 0, output };
}

/** Some files of the tree are made from others; with `--check` their scripts fail when the file in the tree differs. */
async function isCurrent(script: string): Promise<StepResult> {
  return passes([process.execPath, script, "--check"]);
}
