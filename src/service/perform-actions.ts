import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import type { ProgramResult } from "../base/program.ts";
import { safeText } from "../base/safe-text.ts";
import type { Timers } from "../base/timers.ts";
import type { ServiceAction, ServiceEffects } from "./service.ts";

/** A start may take the 120 s of the unit, a stop 40 s. */
const ACTION_DEADLINE_MS = 150_000;
/** A manager that answers a question later than this is as good as absent. */
export const QUESTION_DEADLINE_MS = 10_000;
/** The 40 s of a stop, and some time for the manager itself. */
const LONGEST_WAIT_MS = 50_000;
const WAIT_STEP_MS = 250;

export type Performing = {
  readonly effects: ServiceEffects;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logHint: string;
  readonly signal: AbortSignal;
};

/** Does one action after the other. @throws LullError `SERVICE_TOOL_FAILED`; what was done before stays done */
export async function performActions(
  actions: readonly ServiceAction[],
  performing: Performing,
): Promise<void> {
  for (const action of actions) {
    throwIfAborted(performing.signal);
    await perform(action, performing);
  }
}

async function perform(action: ServiceAction, performing: Performing): Promise<void> {
  const { effects, environment: env, signal } = performing;
  switch (action.kind) {
    case "make-folder":
      return effects.makeFolder(action.folder);
    case "write":
      return effects.write(action.file, action.text, action.encoding);
    case "remove":
      return effects.remove(action.file);
    case "run": {
      const result = await effects.run(action.command, { deadlineMs: ACTION_DEADLINE_MS, signal, env });
      if (action.onFailure === "stop") assertDone(result, action.command, performing.logHint);
      return;
    }
    case "wait-until-fails":
      return waitUntilFails(action.command, performing);
  }
}

async function waitUntilFails(
  command: readonly [string, ...string[]],
  { effects, environment: env, signal }: Performing,
): Promise<void> {
  for (let waited = 0; waited < LONGEST_WAIT_MS; waited += WAIT_STEP_MS) {
    const result = await effects.run(command, { deadlineMs: QUESTION_DEADLINE_MS, signal, env });
    if (result.kind !== "ended" || result.code !== 0) return;
    await pause(effects.timers);
  }
}

async function pause(timers: Timers): Promise<void> {
  await new Promise<void>((resolve) => timers.after(WAIT_STEP_MS, resolve));
}

function assertDone(result: ProgramResult, command: readonly string[], logHint: string): void {
  if (result.kind === "ended" && result.code === 0) return;
  throw new LullError({
    kind: "failed",
    code: "SERVICE_TOOL_FAILED",
    message: `\`${command.join(" ")}\` ${whyFailed(result)}`,
    causes: [
      "another lull daemon is running, started by hand: `lull daemon stop`",
      "the daemon could not start: the log says why",
    ],
    hint: logHint,
  });
}

export function whyFailed(result: ProgramResult): string {
  if (result.kind === "missing") return "could not be run: there is no such program";
  if (result.kind === "timeout") return "did not end in time";
  const said = `${result.stderr}\n${result.stdout}`.split("\n").find((line) => line.trim() !== "");
  return `failed with exit code ${result.code}${said === undefined ? "" : `: ${safeText(said.trim())}`}`;
}
