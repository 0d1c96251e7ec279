import type { RunBriefly } from "../base/program.ts";
import { killGroupOf, MOST_OUTPUT, unlessMissing } from "./run-program.ts";

export const runBriefly: RunBriefly = (command, { deadlineMs, input, env, apart }) => {
  const ended = unlessMissing(() =>
    Bun.spawnSync([...command], {
      stdin: input,
      stdout: "pipe",
      stderr: "pipe",
      windowsHide: true,
      detached: apart,
      timeout: deadlineMs,
      maxBuffer: MOST_OUTPUT,
      killSignal: "SIGKILL",
      env: { ...env },
    }),
  );
  if (ended === undefined) return { kind: "missing" };
  if (ended.exitedDueToTimeout === true || ended.exitedDueToMaxBuffer === true) {
    if (apart) killGroupOf(ended.pid);
    return { kind: "timeout" };
  }
  if (ended.signalCode !== undefined) return { kind: "killed", signal: `${ended.signalCode}` };
  return {
    kind: "ended",
    code: ended.exitCode,
    stdout: ended.stdout.toString(),
    stderr: ended.stderr.toString(),
  };
};
