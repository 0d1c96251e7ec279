/** The program's entry: makes a `CliIo` of the process, runs the command line and sets the exit code. */
import { writeSync } from "node:fs";
import { isatty } from "node:tty";

import { systemCode } from "./base/errors.ts";
import type { CliIo } from "./cli/cli-io.ts";
import { runCli } from "./cli/run.ts";

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const interruption = listenForSignals();
process.on("uncaughtException", lastWords);
process.on("unhandledRejection", lastWords);
process.exitCode = await runCli(process.argv.slice(2), processIo(interruption.signal));

function processIo(signal: AbortSignal): CliIo {
  return {
    stdout: createWriter(STDOUT),
    stderr: createWriter(STDERR),
    get stdin() {
      return readStdin();
    },
    env: process.env,
    cwd: currentDirectory(),
    isTty: isatty(STDOUT),
    stderrIsTty: isatty(STDERR),
    stdinIsTty: isatty(STDIN),
    get width() {
      // Asking costs a stream; without a terminal nobody needs the answer.
      return (isatty(STDOUT) ? process.stdout.columns : isatty(STDERR) ? process.stderr.columns : 0) || 80;
    },
    signal,
  };
}

/** The first signal asks the command to stop where it is safe; the second ends the process as if unhandled. */
function listenForSignals(): AbortController {
  const controller = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (!controller.signal.aborted) {
        controller.abort();
        return;
      }
      for (const other of SIGNALS) process.removeAllListeners(other);
      process.kill(process.pid, name);
    });
  }
  return controller;
}

/** Direct writes: `process.stdout` costs 5 ms at start and loses what is unwritten when the process ends. */
function createWriter(handle: number): (text: string) => void {
  let closed = false;
  return (text) => {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length && !closed;) {
      try {
        done += writeSync(handle, bytes, done);
      } catch (error) {
        // The reader of a pipe went away (`lull log | head -1`): nobody is left to tell.
        if (systemCode(error) === "EPIPE") closed = true;
        // A pipe that another process made non-blocking is full for the moment.
        else if (systemCode(error) === "EAGAIN") Bun.sleepSync(5);
        else throw error;
      }
    }
  };
}

async function* readStdin(): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of Bun.stdin.stream()) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

/** A folder that was deleted under a shell has no name; the root stands in for it. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}

/** What reaches this place is a defect of lull: say so in words and leave the stack for `--verbose`. */
function lastWords(error: unknown): void {
  const verbose = process.argv.some((word) => word === "--verbose" || word === "-v");
  const text =
    error instanceof Error ? ((verbose ? error.stack : undefined) ?? error.message) : String(error);
  createWriter(STDERR)(
    `Error: internal error: ${text}\n  Hint: this is a defect in lull; run it again with --verbose and report what it prints\n`,
  );
  process.exitCode = 1;
}
