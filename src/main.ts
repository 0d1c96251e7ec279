/** The program's entry: runs the command line on the process and sets the exit code. */
import { askpassArguments } from "./base/askpass.ts";
import { redact } from "./base/redact.ts";
import { endStartUpInTime } from "./base/start-up.ts";
import { createWriter, listenForSignals, processIo } from "./cli/process-io.ts";
import { runCli } from "./cli/run.ts";

process.on("uncaughtException", lastWords);
process.on("unhandledRejection", lastWords);
endStartUpInTime();
const signals = listenForSignals();
const args = askpassArguments(process.argv.slice(2), process.env);
const code = await runCli(args, processIo(signals.signal, signals));
process.exitCode ||= code;

/** What reaches this place is a defect of lull: it is told in words, with the stack for `--verbose` only. */
function lastWords(error: unknown): void {
  process.exitCode = 1;
  const verbose = process.argv.some((word) => word === "--verbose" || word === "-v");
  const text =
    error instanceof Error ? ((verbose ? error.stack : undefined) ?? error.message) : String(error);
  const hint = "this is a defect in lull; run it again with --verbose and report what it prints";
  createWriter(2)(`Error: internal error: ${redact(text)}\n  Hint: ${hint}\n`);
}
