import { LullError } from "../../base/errors.ts";
import type { ProgramResult, RunProgram } from "../../base/program.ts";

/** It asks a daemon; more than a moment means that the daemon hangs. */
const DEADLINE_MS = 10_000;

type Defaults = {
  /** Absolute path of `defaults`. */
  readonly program: string;
  readonly runProgram: RunProgram;
};

/** A property list in XML, an empty one for a domain that nobody knows. @throws LullError `DEFAULTS_FAILED` */
export async function exportDomain(
  { program, runProgram }: Defaults,
  domain: string,
  signal: AbortSignal,
): Promise<string> {
  const result = await runProgram([program, "export", domain, "-"], { deadlineMs: DEADLINE_MS, signal });
  if (result.kind === "ended" && result.code === 0) return result.stdout;
  throw failed(`export the preferences of ${domain}`, program, result);
}

/** @param file absolute path of a property list @throws LullError `DEFAULTS_FAILED` */
export async function importDomain(
  { program, runProgram }: Defaults,
  { domain, file }: { readonly domain: string; readonly file: string },
  signal: AbortSignal,
): Promise<void> {
  const result = await runProgram([program, "import", domain, file], { deadlineMs: DEADLINE_MS, signal });
  if (result.kind !== "ended" || result.code !== 0)
    throw failed(`import the preferences of ${domain}`, program, result);
}

/** What it says of values stays out of it: preferences may hold anything. */
function failed(what: string, program: string, result: ProgramResult): LullError {
  const why =
    result.kind === "missing"
      ? "there is no such program"
      : result.kind === "timeout"
        ? `no answer within ${DEADLINE_MS / 1000} seconds`
        : `it ended with ${result.code}`;
  return new LullError({
    kind: "failed",
    code: "DEFAULTS_FAILED",
    message: `${program} could not ${what}: ${why}`,
    hint: "quit the app and try again; after a restart of the Mac its preferences answer again, too",
  });
}
