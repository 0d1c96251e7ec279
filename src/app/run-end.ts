/** What the queue needs to know of a run that has ended. Pure. */
import { LullError } from "../base/errors.ts";
import type { RunEnd, RunFailure } from "../queue/decide-after-run.ts";
import type { RunError, SyncRun } from "../sync/outcome.ts";
import { parseRemoteUrl } from "../transport/remote-url.ts";

export function runEndOf(run: SyncRun): RunEnd {
  if (run.error?.kind === "interrupted") return { kind: "interrupted" };
  const ofRemotes = run.remotes.flatMap(({ error, url }) =>
    error === undefined ? [] : [failureOf(error, hostOf(url))],
  );
  // The run's own error is that of its first remote, when they all failed.
  const own = run.error === undefined || ofRemotes.length > 0 ? [] : [failureOf(run.error, undefined)];
  return { kind: "ended", outcome: run.outcome, failures: [...own, ...ofRemotes] };
}

function failureOf(error: RunError, host: string | undefined): RunFailure {
  const { kind, code, message, retry } = error;
  const wait = error.data["retryAfterMs"];
  return { kind, code, message, retry, retryAfterMs: typeof wait === "number" ? wait : undefined, host };
}

/** Loopback needs no network. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** Whether a sync with this host is pointless without a network. */
export function isFarHost(host: string | undefined): boolean {
  return host !== undefined && !LOOPBACK.test(host);
}

/** Host and port of a remote, as the queue counts and holds it; undefined for a local one or what is no URL. */
export function hostOf(url: string): string | undefined {
  try {
    const remote = parseRemoteUrl(url);
    switch (remote.kind) {
      case "http":
        return new URL(remote.origin).host;
      case "ssh":
        return remote.port === undefined ? remote.host : `${remote.host}:${remote.port}`;
      case "local":
        return undefined;
    }
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}
