/** Other programs as lull runs them: the words for it; `platform/run-program.ts` does it. */

export type ProgramOptions = {
  /** After so long the program and its children are killed. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What it reads; default: nothing. A secret goes this way, never into the command. */
  readonly input?: string | undefined;
  /** Its whole environment; default: that of lull. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
};

export type ProgramResult =
  | { readonly kind: "ended"; readonly code: number; readonly stdout: string; readonly stderr: string }
  /** There is no such program, or it can not be run. */
  | { readonly kind: "missing" }
  | { readonly kind: "timeout" };

/** Never throws but `INTERRUPTED`; of a longer output the first 1 MB is kept. */
export type RunProgram = (
  command: readonly [program: string, ...args: string[]],
  options: ProgramOptions,
) => Promise<ProgramResult>;
