/** One program that signs is asked for one signature. */
import { basename } from "node:path";

import { throwIfAborted } from "../base/abort.ts";
import type { ProgramResult } from "../base/program.ts";
import type { SigningRequest } from "../base/signing.ts";
import type { SigningMeans } from "./signing.ts";
import { signingFailed } from "./signing-error.ts";

/** A touch on a hardware key fits into it; a question that nobody reads does not hold the sources that wait. */
const UNATTENDED_MS = 30_000;
/** To find the card, and to mistype its PIN. */
const ATTENDED_MS = 180_000;

export type Question = {
  /** The program and what it is told. */
  readonly command: readonly [string, ...string[]];
  readonly input: Uint8Array;
  /** Beside the person's own; undefined takes a variable away. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** @throws LullError `SIGNING_FAILED` when it can not be run or gives no answer, `INTERRUPTED` */
export function askProgram(
  means: SigningMeans,
  request: SigningRequest,
  { command, input, environment }: Question,
): Extract<ProgramResult, { kind: "ended" }> {
  const { isAttended, run } = means;
  const deadlineMs = isAttended ? ATTENDED_MS : UNATTENDED_MS;
  const [program] = command;
  const env = { ...means.environment, ...environment };
  const result = run(command, { deadlineMs, input, env, apart: !isAttended });
  switch (result.kind) {
    case "ended":
      return result;
    case "missing":
      throw missing(request, program);
    case "killed":
      // Ctrl-C goes to it as well as to lull, which hears of it only when it can listen again.
      if (result.signal === "SIGINT") throwIfAborted(AbortSignal.abort());
      throw signingFailed(request, {
        what: `${basename(program)} was ended by ${result.signal}`,
        causes: [],
        check: "run the command again",
      });
    case "timeout":
      throw signingFailed(request, {
        what: `${basename(program)} gave no answer within ${deadlineMs / 1000} s`,
        causes: ["it waits for a passphrase, a PIN or a touch", "its agent hangs"],
        check: isAttended
          ? "run the command again"
          : "run `lull sync <source>` in a terminal, where it can ask",
      });
  }
}

/** @throws LullError `SIGNING_FAILED` when there is no such program */
export function programFor(means: SigningMeans, request: SigningRequest, usual: string): string {
  const name = request.program ?? usual;
  const found = means.findProgram(name);
  if (found === undefined) throw missing(request, name);
  return found;
}

function missing(request: SigningRequest, program: string) {
  return signingFailed(request, {
    what: `there is no program ${program}`,
    causes: [
      "it is not installed",
      "it is not on the PATH of this process; a service has another than a terminal",
    ],
    check: `install it, or name its absolute path in your git config (gpg.${request.format}.program)`,
  });
}
