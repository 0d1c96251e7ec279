import { sleep } from "../base/sleep.ts";
import type { DaemonOwner } from "./daemon-process.ts";
import type { Context, Deps } from "./deps.ts";

export type StopDaemonResult =
  | { readonly outcome: "not-running" }
  /** `killed`: it did not end by itself in time. */
  | { readonly outcome: "stopped" | "killed"; readonly pid: number; readonly durationMs: number };

/** What the daemon itself allows the running syncs, and a little more to end. */
const PATIENCE_MS = 40_000;
/** Of a daemon that does not answer, between SIGTERM and SIGKILL. */
const SIGTERM_MS = 10_000;
const LOOK_MS = 50;

/**
 * Asks the daemon to end and waits until it has; what it syncs may finish first. One that does not answer gets SIGTERM,
 * then SIGKILL; `force`: at once.
 */
export async function stopDaemon(
  deps: Deps,
  input: { readonly force: boolean },
  { signal }: Context,
): Promise<StopDaemonResult> {
  const owner = deps.daemonProcess.owner();
  if (owner === undefined) return { outcome: "not-running" };
  const started = deps.clock.monotonic();
  const took = (): number => Math.round(deps.clock.monotonic() - started);
  const gone = (ms: number): Promise<boolean> => untilGone(deps, { owner, ms, signal });
  if (!input.force) {
    const asked = await deps.daemon.ask({ kind: "stop" }, { signal }).catch(() => undefined);
    if (asked !== undefined && (await gone(PATIENCE_MS)))
      return { outcome: "stopped", pid: owner.pid, durationMs: took() };
    deps.daemonProcess.signal(owner, "SIGTERM");
    if (await gone(SIGTERM_MS)) return { outcome: "stopped", pid: owner.pid, durationMs: took() };
  }
  deps.daemonProcess.signal(owner, "SIGKILL");
  await gone(SIGTERM_MS);
  return { outcome: "killed", pid: owner.pid, durationMs: took() };
}

async function untilGone(
  deps: Deps,
  wait: { readonly owner: DaemonOwner; readonly ms: number; readonly signal: AbortSignal },
): Promise<boolean> {
  for (let waited = 0; waited < wait.ms; waited += LOOK_MS) {
    const { pid, since } = deps.daemonProcess.owner() ?? {};
    if (pid !== wait.owner.pid || since !== wait.owner.since) return true;
    await sleep(LOOK_MS, wait.signal);
  }
  return false;
}
