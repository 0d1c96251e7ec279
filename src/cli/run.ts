/**
 * The command line: argv in, text or JSON and an exit code out. Owns flags, help, errors and everything that is
 * printed. Knows use-cases (`app/`) and nothing below them: no git, no store, no config file.
 */
import { throwIfAborted } from "../base/abort.ts";
import { systemClock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import { exitCodeOf } from "../base/exit-codes.ts";
import { createLog } from "../base/log.ts";
import { safeText } from "../base/safe-text.ts";
import { readArguments, type ReadArguments } from "./arguments.ts";
import type { ComposeInput } from "../compose.ts";
import type { CliIo, Compose } from "./cli-io.ts";
import type { Command, ExitKind } from "./command.ts";
import { globalFlags, type GlobalFlags } from "./global-flags.ts";
import { createOutput } from "./output.ts";
import { COMMANDS } from "./root.ts";
import type { Session } from "./session.ts";
import { remoteQuestions } from "./questions.ts";

/** Runs one command and returns its exit code; never throws. */
export async function runCli(argv: readonly string[], io: CliIo): Promise<number> {
  let flags = globalFlags(new Map());
  try {
    const read = await readArguments(argv, COMMANDS, io.env);
    flags = globalFlags(read.given);
    return exitCodeOf(await perform(read, flags, io));
  } catch (error) {
    return reportError(asInterruption(error, io.signal), flags, io);
  }
}

/** Tells about an error on stderr, or as the one document on stdout with `--json`; returns its exit code. */
async function reportError(error: unknown, flags: GlobalFlags, io: CliIo): Promise<number> {
  const { errorDocument, renderError } = await import("./render-error.ts");
  const output = createOutput(io, flags, io.clock ?? systemClock);
  if (flags.json) {
    output.document(errorDocument(error, flags));
  } else {
    const { createStyle, wantsColor } = await import("./style.ts");
    const isTty = io.stderrIsTty ?? io.isTty;
    const style = createStyle(wantsColor(io.env, { isTty, flag: flags.color }));
    const width = isTty ? io.width : undefined;
    for (const line of renderError(error, { verbose: flags.verbose, style, width })) output.log(line);
  }
  return exitCodeOf(error instanceof LullError ? error.kind : "failed");
}

async function perform(read: ReadArguments, flags: GlobalFlags, io: CliIo): Promise<ExitKind> {
  const { found, path, problem } = read;
  if (flags.help && problem?.code !== "UNKNOWN_COMMAND") {
    const { printHelp } = await import("./help.ts");
    return printHelp(createSession(io, flags), path, found);
  }
  if (problem !== undefined) throw problem;
  if (flags.version) {
    const { printVersion } = await import("./commands/version.ts");
    return printVersion(createSession(io, flags));
  }
  const session = createSession(io, flags);
  if (found === undefined) return (await import("./home.ts")).runHome(session);
  return runFound(found.command, read, session);
}

async function runFound(command: Command, read: ReadArguments, session: Session): Promise<ExitKind> {
  const { runCommand } = await import("citty");
  let outcome: ExitKind = "ok";
  await runCommand(
    {
      ...command,
      run: async (context) => {
        if (command.run !== undefined) outcome = await command.run(context);
      },
    },
    { rawArgs: canonicalArguments(command, read), data: session },
  );
  session.out.progress.clear();
  return outcome;
}

/** The checked command line in the one form that leaves citty nothing to guess. */
function canonicalArguments(command: Command, read: ReadArguments): string[] {
  const flags: string[] = [];
  for (const name of Object.keys(command.args)) {
    const value = read.given.get(name);
    if (typeof value === "string") flags.push(`--${name}=${value}`);
    else if (value !== undefined) flags.push(value ? `--${name}` : `--no-${name}`);
  }
  return [...flags, "--", ...read.positionals];
}

function createSession(io: CliIo, flags: GlobalFlags): Session {
  const clock = io.clock ?? systemClock;
  const out = createOutput(io, flags, clock);
  const level = flags.quiet ? "quiet" : flags.verbose ? "verbose" : "normal";
  const log = createLog(level, (line) => out.log(safeText(line)));
  const compose = async (place: Pick<ComposeInput, "env" | "configFile" | "staysOpen">) => {
    const make: Compose = io.compose ?? (await import("../compose.ts")).compose;
    return make({ ...place, cwd: io.cwd, clock: io.clock, log, questions: remoteQuestions(io, flags, out) });
  };
  const deps: Session["deps"] = (options) => compose({ env: io.env, configFile: flags.config, ...options });
  return { io, flags, out, log, clock, signal: io.signal, deps, compose };
}

/** A signal may surface as the runtime's own abort error; a person should read the same words either way. */
function asInterruption(error: unknown, signal: AbortSignal): unknown {
  const byRuntime = error === signal.reason || (error instanceof Error && error.name === "AbortError");
  if (!signal.aborted || error instanceof LullError || !byRuntime) return error;
  try {
    throwIfAborted(signal);
  } catch (interruption) {
    return interruption;
  }
  return error;
}
