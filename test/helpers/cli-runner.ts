/**
 * Runs `lull` as a person would, either inside this process (fast, counted by coverage) or as the compiled binary
 * named in `LULL_E2E_BINARY`. An e2e test is written once against `CliRunner` and passes with both.
 */
import { resolve, sep } from "node:path";

export type CliResult = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type CliOptions = {
  readonly cwd: string;
  /** The whole environment, see `temp-home.ts`. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard input; without it, input is empty and no terminal. */
  readonly input?: string;
  /** Interrupts the command, as Ctrl-C does. */
  readonly signal?: AbortSignal;
};

export type CliRunner = {
  readonly kind: "in-process" | "binary";
  run(args: readonly string[], options: CliOptions): Promise<CliResult>;
};

const binary = process.env["LULL_E2E_BINARY"];

/** For what is about the sources, and for matrices: a process of its own costs four times as much as the command in it. */
export const inProcess: CliRunner = inProcessRunner();

/** The binary for the tests of the whole program only: others use a command to set something up, or to look at it. */
export const cli: CliRunner =
  binary === undefined || binary === "" || !Bun.main.includes(`${sep}e2e${sep}`)
    ? inProcess
    : binaryRunner(resolve(binary));

/** As `run`, and parses what `--json` printed; the error's JSON is on stderr. */
export async function runJson(
  args: readonly string[],
  options: CliOptions,
  runner = cli,
): Promise<{ readonly code: number; readonly json: unknown }> {
  const result = await runner.run([...args, "--json"], options);
  const text = result.stdout.trim() === "" ? result.stderr : result.stdout;
  try {
    return { code: result.code, json: JSON.parse(text) };
  } catch (error) {
    throw new Error(`lull ${args.join(" ")} --json printed no JSON (exit ${result.code}): ${text}`, {
      cause: error,
    });
  }
}

function inProcessRunner(): CliRunner {
  return {
    kind: "in-process",
    run: async (args, options) => {
      // Loaded late, so that a binary run does not need the sources to load.
      const { runCli } = await import("../../src/cli/run.ts");
      let stdout = "";
      let stderr = "";
      const code = await runCli(args, {
        stdout: (text) => {
          stdout += text;
        },
        stderr: (text) => {
          stderr += text;
        },
        ...(options.input === undefined ? {} : { stdin: chunks(options.input) }),
        env: options.env,
        cwd: options.cwd,
        isTty: false,
        signal: options.signal ?? new AbortController().signal,
      });
      return { code, stdout, stderr };
    },
  };
}

async function* chunks(text: string): AsyncGenerator<string> {
  yield text;
}

function binaryRunner(path: string): CliRunner {
  return {
    kind: "binary",
    run: async (args, options) => {
      const child = Bun.spawn([path, ...args], {
        cwd: options.cwd,
        env: { ...options.env },
        stdin: options.input === undefined ? "ignore" : new Blob([options.input]),
        stdout: "pipe",
        stderr: "pipe",
      });
      const interrupt = (): void => child.kill("SIGINT");
      if (options.signal?.aborted === true) interrupt();
      options.signal?.addEventListener("abort", interrupt, { once: true });
      try {
        const [stdout, stderr, code] = await Promise.all([
          new Response(child.stdout).text(),
          new Response(child.stderr).text(),
          child.exited,
        ]);
        return { code, stdout, stderr };
      } finally {
        options.signal?.removeEventListener("abort", interrupt);
      }
    },
  };
}
