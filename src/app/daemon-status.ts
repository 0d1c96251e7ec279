import type { StoredRun } from "../store/run-store.ts";
import type { DaemonSituation, SourceSituation } from "./control-messages.ts";
import type { Context, Deps } from "./deps.ts";
import { knownRuns } from "./history.ts";

export type LastRun = Pick<StoredRun, "outcome" | "startedAt" | "durationMs">;

export type SourceState = SourceSituation & {
  /** Whoever asked for it; undefined: it never ran. */
  readonly lastRun: LastRun | undefined;
};

export type DaemonStatus =
  | {
      readonly kind: "running";
      readonly situation: Omit<DaemonSituation, "sources"> & { readonly sources: readonly SourceState[] };
    }
  /** A process holds the lock and does not answer: it starts, ends or hangs. */
  | {
      readonly kind: "silent";
      readonly pid: number;
      readonly since: number;
      /** It answers, but can not tell how it stands. */
      readonly trouble?: string;
    }
  | { readonly kind: "not-running" };

export async function daemonStatus(deps: Deps, { signal }: Context): Promise<DaemonStatus> {
  const answer = await deps.daemon.ask({ kind: "status" }, { signal }).catch(() => undefined);
  if (answer?.kind === "status") {
    const { situation } = answer;
    const sources = situation.sources.map((source) => ({ ...source, lastRun: lastRun(deps, source.name) }));
    return { kind: "running", situation: { ...situation, sources } };
  }
  const owner = deps.daemonProcess.owner();
  if (owner === undefined) return { kind: "not-running" };
  const { pid, since } = owner;
  return answer?.kind === "refused"
    ? { kind: "silent", pid, since, trouble: answer.message }
    : { kind: "silent", pid, since };
}

function lastRun(deps: Deps, source: string): LastRun | undefined {
  const { newest } = knownRuns(deps, source);
  if (newest === undefined) return undefined;
  const { outcome, startedAt, durationMs } = newest;
  return { outcome, startedAt, durationMs };
}
