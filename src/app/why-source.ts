/** Why a source did or did not sync: what is due, what it waits for with what is measured now, and what comes next. */
import type { Source } from "../config/config.ts";
import type { Assumption, Verdict } from "../conditions/conditions.ts";
import type { Job } from "../queue/job.ts";
import type { HeldHost } from "../queue/job.ts";
import type { Pause } from "../store/pause-store.ts";
import type { StoredRun } from "../store/run-store.ts";
import type { SourceSituation } from "./control-messages.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { knownRuns } from "./history.ts";
import { waitsSince } from "./waits-since.ts";

export type WhySource = {
  readonly name: string;
  readonly enabled: boolean;
  readonly kind: Source["kind"];
  /** Its schedules as the config writes them. */
  readonly schedules: readonly string[];
  readonly watched: boolean;
  readonly nextAt: number | undefined;
  readonly pause: Pause | undefined;
  readonly job: Job | undefined;
  readonly heldHost: HeldHost | undefined;
  /** Were it to start now: judged with readings that were taken just now. */
  readonly verdict: Verdict;
  readonly assumed: readonly Assumption[];
  readonly lastRun: StoredRun | undefined;
  /** What the running daemon says of it; undefined: it does not know it, or none runs. */
  readonly situation: SourceSituation | undefined;
};

export type WhyResult = {
  /** Undefined: no daemon runs, so that nothing happens by itself. */
  readonly daemonPid: number | undefined;
  readonly sources: readonly WhySource[];
};

export async function whySources(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<WhyResult> {
  const { config } = await deps.config.load();
  const sources = findSources(config, input.names);
  const answer = await deps.daemon.ask({ kind: "status" }, context).catch(() => undefined);
  const situation = answer?.kind === "status" ? answer.situation : undefined;
  const now = deps.clock.now();
  const held = deps.queue.heldHosts(now);
  const judge = await deps.openJudge(context.signal);
  return {
    daemonPid: situation?.pid ?? deps.daemonProcess.owner()?.pid,
    sources: await Promise.all(
      sources.map(async (source) => {
        const job = deps.queue.get(source.name);
        const { newest } = knownRuns(deps, source.name);
        const verdict = await judge(source, {
          dueSince: job === undefined ? now : waitsSince(job),
          lastRunAt: newest === undefined ? undefined : newest.startedAt + newest.durationMs,
        });
        const rows = deps.schedules.list(source.name).flatMap(({ nextAt }) => nextAt ?? []);
        return {
          name: source.name,
          enabled: source.enabled,
          kind: source.kind,
          schedules: source.schedules.map(({ expression }) => expression),
          watched: source.watch !== undefined,
          nextAt: rows.length === 0 ? undefined : Math.min(...rows),
          pause: deps.pauses.find(source.name, now),
          job,
          heldHost: held.find(({ host }) => host === job?.host),
          verdict,
          assumed: verdict.assumed,
          lastRun: newest,
          situation: situation?.sources.find(({ name }) => name === source.name),
        };
      }),
    ),
  };
}
