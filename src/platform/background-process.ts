/** Starts a process that lives on when this one ends and its terminal closes. */
import { systemCode } from "../base/errors.ts";

export type BackgroundProcess = {
  readonly pid: number;
  /** Settles when it ends, with what it said on stderr. Nobody has to wait for it. */
  readonly ended: Promise<{ readonly code: number | undefined; readonly stderr: string }>;
};

export function startInBackground(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): BackgroundProcess {
  const child = Bun.spawn([...command], {
    // The folder it was started in may be one that is unmounted later.
    cwd: "/",
    env: { ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    detached: true,
    windowsHide: true,
  });
  child.unref();
  const stderr = new Response(child.stderr).text().catch(() => "");
  return {
    pid: child.pid,
    ended: child.exited.then(async (code) => ({ code, stderr: (await stderr).trim() })),
  };
}

/** A process that has ended meanwhile is no error. */
export function sendSignal(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
}
