import type { RepoSource, Source } from "../config/config.ts";
import { messageOf, LullError } from "../base/errors.ts";
import type { Relation } from "../git/git.ts";
import { shortRef } from "../git/model.ts";
import type { Pause } from "../store/pause-store.ts";
import type { StoredRun } from "../store/run-store.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { trackedCommit } from "./tracked-commit.ts";
import { knownPauses, knownRuns, tolerate } from "./history.ts";
import { EVERYTHING } from "./pause-sources.ts";
import { shortPath } from "./user-path.ts";

export type SourceStatus = {
  readonly name: string;
  readonly kind: Source["kind"];
  readonly directory: string | undefined;
  readonly branch: string | undefined;
  /** Files that differ from the last commit; undefined when it could not be told. */
  readonly uncommitted: number | undefined;
  /** Against the main remote as it was last seen. */
  readonly ahead: number | undefined;
  readonly behind: number | undefined;
  readonly lastRun: StoredRun | undefined;
  /** When it last ended well, milliseconds since 1970 UTC. */
  readonly lastGoodAt: number | undefined;
  readonly problem: { readonly message: string; readonly hint: string | undefined } | undefined;
  /** It is due and does not run yet. */
  readonly waiting: WaitingStatus | undefined;
};

export type WaitingStatus = {
  readonly dueSince: number;
  /** In words, with what was measured when the waiting began; `lull why` measures anew. */
  readonly reasons: readonly string[];
  /** By then it runs in any case (`max_defer`); undefined: it waits as long as it takes. */
  readonly latestAt: number | undefined;
};

export type StatusResult = {
  readonly configFile: string;
  readonly device: string;
  readonly sources: readonly SourceStatus[];
  /** What rests of these sources; the source `*` stands for everything. */
  readonly paused: readonly Pause[];
};

/** Tells how each source stands, from this machine alone: no network is used. */
export async function getStatus(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<StatusResult> {
  const { config } = await deps.config.load();
  const sources = findSources(config, input.names).map((source) => statusOf(deps, source, context));
  const shown = new Set([EVERYTHING, ...sources.map(({ name }) => name)]);
  const paused = knownPauses(deps).filter(({ source }) => shown.has(source));
  return { configFile: deps.config.file, device: config.device, sources, paused };
}

function statusOf(deps: Deps, source: Source, context: Context): SourceStatus {
  const last = knownRuns(deps, source.name);
  const failed =
    last.newest?.outcome === "failed" || last.newest?.outcome === "skipped" ? last.newest : undefined;
  const common = {
    name: source.name,
    kind: source.kind,
    directory: source.kind === "settings" ? undefined : shortPath(source.directory, deps.home),
    branch: undefined,
    uncommitted: undefined,
    ahead: undefined,
    behind: undefined,
    lastRun: last.newest,
    lastGoodAt:
      last.newestGood === undefined ? undefined : last.newestGood.startedAt + last.newestGood.durationMs,
    problem:
      failed?.message === undefined
        ? undefined
        : { message: failed.message, hint: hintOf(failed) ?? `lull sync ${source.name}` },
    waiting: waitingOf(deps, source),
  } satisfies SourceStatus;
  if (source.kind !== "repo") return common;
  try {
    return { ...common, ...repositoryStatus(deps, source, context) };
  } catch (error) {
    const hint = error instanceof LullError ? error.hint : undefined;
    return { ...common, problem: { message: messageOf(error), hint } };
  }
}

function waitingOf(deps: Deps, source: Source): WaitingStatus | undefined {
  const job = tolerate(deps, () => deps.queue.get(source.name));
  if (job === undefined || job.state === "running" || job.waits.length === 0) return undefined;
  const { maxDeferMs } = source.when;
  const isFirm = job.waits.some(({ condition }) => FIRM.has(condition));
  return {
    dueSince: job.dueSince,
    reasons: job.waits.map(({ text }) => text),
    latestAt: isFirm || maxDeferMs === undefined ? undefined : job.dueSince + maxDeferMs,
  };
}

/** What `max_defer` does not end, see `conditions/judge.ts`. */
const FIRM: ReadonlySet<string> = new Set(["online", "disk", "paused"]);

/** What the failed run itself advised: a wrong token is not mended by another sync. */
function hintOf(run: StoredRun): string | undefined {
  try {
    const detail = JSON.parse(run.detail) as { readonly error?: { readonly hint?: unknown } };
    return typeof detail.error?.hint === "string" ? detail.error.hint : undefined;
  } catch {
    return undefined;
  }
}

type RepositoryPart = Partial<Pick<SourceStatus, "branch" | "uncommitted" | "ahead" | "behind" | "problem">>;

function repositoryStatus(deps: Deps, source: RepoSource, context: Context): RepositoryPart {
  const state = deps.git.inspect(source.directory);
  switch (state.kind) {
    case "missing":
      return {
        problem: { message: `${source.directory} is missing`, hint: "is its drive mounted? was it moved?" },
      };
    case "not-a-repository":
      return {
        problem: {
          message: state.reason ?? "not a git repository",
          hint: `make it one with \`lull remove ${source.name}\` and \`lull add ${source.directory}\``,
        },
      };
    case "unsupported":
      return { problem: { message: state.feature, hint: state.hint } };
    case "busy":
      return { problem: { message: state.reason, hint: state.hint } };
    case "ready":
      break;
  }
  const repository = deps.git.open(source.directory);
  try {
    const uncommitted = repository.scan({ signal: context.signal }).changes.length;
    const branch = shortRef(state.head.branch);
    const tracking = trackedCommit(repository, source, branch);
    if (state.head.commit === undefined || tracking === undefined) return { branch, uncommitted };
    return { branch, uncommitted, ...counts(repository.relate(state.head.commit, tracking)) };
  } finally {
    repository.close();
  }
}

function counts(relation: Relation): { readonly ahead: number; readonly behind: number } {
  switch (relation.kind) {
    case "same":
      return { ahead: 0, behind: 0 };
    case "ahead":
      return { ahead: relation.commits, behind: 0 };
    case "behind":
      return { ahead: 0, behind: relation.commits };
    case "diverged":
    case "unrelated":
      return { ahead: relation.ahead, behind: relation.behind };
  }
}
