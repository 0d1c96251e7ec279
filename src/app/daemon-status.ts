import type { DaemonSituation } from "./control-messages.ts";
import type { Context, Deps } from "./deps.ts";

export type DaemonStatus =
  | { readonly kind: "running"; readonly situation: DaemonSituation }
  /** A process holds the lock and does not answer: it starts, ends or hangs. */
  | { readonly kind: "silent"; readonly pid: number; readonly since: number }
  | { readonly kind: "not-running" };

export async function daemonStatus(deps: Deps, { signal }: Context): Promise<DaemonStatus> {
  const answer = await deps.daemon.ask({ kind: "status" }, { signal }).catch(() => undefined);
  if (answer?.kind === "status") return { kind: "running", situation: answer.situation };
  const owner = deps.daemonProcess.owner();
  return owner === undefined ? { kind: "not-running" } : { kind: "silent", ...owner };
}
