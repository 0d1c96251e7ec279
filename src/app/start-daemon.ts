import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import type { Context, Deps } from "./deps.ts";

export type StartDaemonInput = {
  /** Further words of `lull daemon run`. */
  readonly words: readonly string[];
};

export type StartDaemonResult = {
  readonly outcome: "started" | "was-running";
  readonly pid: number;
};

/** A large config and a database to repair take seconds on a slow disk. */
const START_MS = 30_000;
const LOOK_MS = 50;

/** Starts the daemon in the background and waits until it answers. @throws LullError `DAEMON_NOT_STARTED` */
export async function startDaemon(
  deps: Deps,
  input: StartDaemonInput,
  { signal }: Context,
): Promise<StartDaemonResult> {
  const owner = deps.daemonProcess.owner();
  if (owner !== undefined) return { outcome: "was-running", pid: owner.pid };
  // Its mistakes are told here, in the terminal, not in a log that nobody reads yet.
  await deps.config.load();
  const { pid, ended } = deps.daemonProcess.start(["daemon", "run", "--background", ...input.words]);
  let end: Awaited<typeof ended> | undefined;
  const noteEnd = async (): Promise<void> => {
    end = await ended;
  };
  void noteEnd();
  for (let waited = 0; waited < START_MS; waited += LOOK_MS) {
    const answer = await deps.daemon.ask({ kind: "status" }, { signal }).catch(() => undefined);
    if (answer?.kind === "status" && answer.situation.pid === pid) return { outcome: "started", pid };
    if (end !== undefined) {
      // Another command was faster.
      const other = deps.daemonProcess.owner();
      if (other !== undefined && other.pid !== pid) return { outcome: "was-running", pid: other.pid };
      throw notStarted(end.code === 0 ? "it was ended before it answered" : end.stderr);
    }
    await sleep(LOOK_MS, signal);
  }
  throw notStarted("it did not answer in time");
}

function notStarted(why: string): LullError {
  return new LullError({
    kind: "failed",
    code: "DAEMON_NOT_STARTED",
    message: "the daemon could not be started",
    causes: why === "" ? [] : [why],
    hint: "run `lull daemon run` to see what it does",
  });
}
