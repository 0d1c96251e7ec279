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

/** A program that is talked to while it runs. */
export type PipedProgram = {
  /** What it prints; ends with it. Read piece by piece: the program waits for a reader that is slow. */
  readonly output: AsyncIterator<Uint8Array>;
  /** Resolves when it may be given more. Rejects when it reads no more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends its input; safe to call twice. */
  end(): void;
  /** Never rejects. */
  readonly ended: Promise<PipedProgramEnd>;
  /** Ends it with its children, at once. */
  kill(): void;
};

export type PipedProgramEnd = {
  /** Undefined: a signal ended it. */
  readonly code: number | undefined;
  /** The beginning of what it said on stderr. */
  readonly stderr: string;
};

/** @returns undefined when there is no such program, or it can not be run */
export type StartProgram = (
  command: readonly [program: string, ...args: string[]],
  env: Readonly<Record<string, string | undefined>>,
) => PipedProgram | undefined;

export type BriefProgramOptions = {
  /** After so long the program is killed, and its children where it is `apart`. */
  readonly deadlineMs: number;
  readonly input: Uint8Array;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In a group and a session of its own, where there is no terminal that it could ask on; else Ctrl-C reaches it too. */
  readonly apart: boolean;
};

/**
 * Runs a program and waits for it without yielding: for the few that answer at once and whose answer nothing can go on
 * without.
 * @returns of an output of more than 1 MB `timeout`, too
 */
export type RunBriefly = (
  command: readonly [program: string, ...args: string[]],
  options: BriefProgramOptions,
) => ProgramResult | { readonly kind: "killed"; readonly signal: string };
