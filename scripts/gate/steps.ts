/** The steps of the gate that look at the text of the project without running it. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { root, run, tool } from "./process.ts";

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
  { name: "docs", run: docsAreCurrent },
];

async function passes(command: readonly string[]): Promise<StepResult> {
  const { code, output } = await run(command);
  return { ok: code === 0, output };
}

/** The CLI reference is made from the commands; `--check` fails when the file in the tree differs. */
async function docsAreCurrent(): Promise<StepResult> {
  const script = "scripts/cli-reference.ts";
  if (!existsSync(join(root, script))) return { ok: true, note: "no generator yet", output: "" };
  return passes([process.execPath, script, "--check"]);
}
