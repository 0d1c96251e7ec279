import type { RepoSource, SettingsSource, Source } from "../config/config.ts";
import type { JobCause } from "../queue/job.ts";
import { messageOf, LullError } from "../base/errors.ts";
import type { Repository } from "../git/git.ts";
import { shortRef } from "../git/model.ts";
import type { WorkTreeChange } from "../git/worktree/changes.ts";
import { readGuardMemory } from "../sync/guards/guard-memory.ts";
import { knownToStayOut } from "../sync/guards/known-verdicts.ts";
import type { Pause } from "../store/pause-store.ts";
import { isChosen } from "../sync/branches/branch-choice.ts";
import { relationCounts } from "../sync/relation-counts.ts";
import type { StoredRun } from "../store/run-store.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { trackedCommit } from "./tracked-commit.ts";
import { knownPauses, knownRuns, tolerate } from "./history.ts";
import { EVERYTHING } from "./pause-sources.ts";
import { repoOf } from "./repo-of.ts";
import { gatherHome, gatherPlaceOf } from "./settings/gather-home.ts";
import { shortPath } from "./user-path.ts";
import { waitsSince } from "./waits-since.ts";

export type SourceStatus = {
  readonly name: string;
  readonly kind: Source["kind"];
  readonly directory: string | undefined;
  readonly branch: string | undefined;
  /** Files that differ from the last commit and are not left out; undefined when it could not be told. */
  readonly uncommitted: number | undefined;
  /** Files that a guard keeps out of the commits, as far as the last sync has looked at them. */
  readonly leftOut: number;
  /** Against the main remote as it was last seen. */
  readonly ahead: number | undefined;
  readonly behind: number | undefined;
  /** A sync would commit, receive or send something, as far as can be told from here and by the source's settings. */
  readonly hasWork: boolean;
  readonly lastRun: StoredRun | undefined;
  /** When it last ended well, milliseconds since 1970 UTC. */
  readonly lastGoodAt: number | undefined;
  readonly problem: { readonly message: string; readonly hint: string | undefined } | undefined;
  /** Conflicts that need a person. */
  readonly openConflicts: number;
  /** It is due and does not run yet. */
  readonly waiting: WaitingStatus | undefined;
};

export type WaitingStatus = {
  readonly cause: JobCause;
  readonly dueSince: number;
  /** In words, with what is measured now; empty: now is a good moment. */
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
  readonly daemon: {
    /** Undefined: none runs. */
    readonly pid: number | undefined;
    /** Some source is to be synced by itself: by a schedule, or when files change. */
    readonly isNeeded: boolean;
  };
};

/** Tells how each source stands, from this machine alone: no network is used. */
export async function getStatus(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<StatusResult> {
  const { config } = await deps.config.load();
  const found = findSources(config, input.names);
  const shown = new Set([EVERYTHING, ...found.map(({ name }) => name)]);
  const paused = knownPauses(deps).filter(({ source }) => shown.has(source));
  const conflicts = tolerate(deps, () => deps.conflicts.countOpen());
  const waiting = await waitingSources(deps, found, { paused, signal: context.signal });
  return {
    configFile: deps.config.file,
    device: config.device,
    sources: await Promise.all(
      found.map(async (source) => ({
        ...(await statusOf(deps, source, config.device, context)),
        openConflicts: conflicts?.get(source.name) ?? 0,
        waiting: waiting.get(source.name),
      })),
    ),
    paused,
    daemon: {
      pid: tolerate(deps, () => deps.daemonProcess.owner())?.pid,
      isNeeded: config.sources.some(syncsByItself),
    },
  };
}

function syncsByItself({
  enabled,
  schedules,
  watch,
}: Pick<Source, "enabled" | "schedules" | "watch">): boolean {
  return (
    enabled &&
    (watch !== undefined || schedules.some(({ expression }) => expression.toLowerCase() !== "manual"))
  );
}

async function statusOf(deps: Deps, source: Source, device: string, context: Context): Promise<SourceStatus> {
  const repo = repoOf(deps, source);
  const directory = repo?.directory ?? (source.kind === "discover" ? source.directory : undefined);
  const last = knownRuns(deps, source.name);
  const failed =
    last.newest?.outcome === "failed" || last.newest?.outcome === "skipped" ? last.newest : undefined;
  const common = {
    name: source.name,
    kind: source.kind,
    directory: directory === undefined ? undefined : shortPath(directory, deps.home),
    branch: undefined,
    uncommitted: undefined,
    leftOut: 0,
    ahead: undefined,
    behind: undefined,
    hasWork: false,
    lastRun: last.newest,
    lastGoodAt:
      last.newestGood === undefined ? undefined : last.newestGood.startedAt + last.newestGood.durationMs,
    problem:
      failed?.message === undefined
        ? undefined
        : { message: failed.message, hint: hintOf(failed) ?? usualHint(failed) },
    openConflicts: 0,
    waiting: undefined,
  } satisfies SourceStatus;
  // What lull makes itself is no problem while it is not there.
  const isToCome = source.kind === "settings" && last.newest === undefined;
  if (repo === undefined || isToCome) return common;
  try {
    const own = repositoryStatus(deps, repo, context);
    const part =
      source.kind === "settings" ? await withHome(deps, { source, repo, device, own }, context) : own;
    return { ...common, ...part, hasWork: hasWork(repo, part) };
  } catch (error) {
    const hint = error instanceof LullError ? error.hint : undefined;
    return { ...common, problem: { message: messageOf(error), hint } };
  }
}

/** The due ones that wait for a good moment; the machine is asked only if there are any. */
async function waitingSources(
  deps: Deps,
  sources: readonly Source[],
  about: { readonly paused: readonly Pause[]; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, WaitingStatus>> {
  const resting = new Set(about.paused.map(({ source }) => source));
  const due = sources.flatMap((source) => {
    const job = tolerate(deps, () => deps.queue.get(source.name));
    const waits = job !== undefined && job.state === "queued" && job.waits.length > 0;
    return waits && !resting.has(EVERYTHING) && !resting.has(source.name) ? [{ source, job }] : [];
  });
  if (due.length === 0) return new Map();
  const judge = await deps.openJudge(about.signal);
  return new Map(
    await Promise.all(
      due.map(async ({ source, job }) => {
        const { newest } = knownRuns(deps, source.name);
        const lastRunAt = newest === undefined ? undefined : newest.startedAt + newest.durationMs;
        const verdict = await judge(source, { dueSince: waitsSince(job), lastRunAt });
        const { cause, dueSince } = job;
        const reasons = verdict.kind === "go" ? [] : verdict.reasons.map(({ words }) => words);
        const latestAt = verdict.kind === "go" ? undefined : verdict.latestAt;
        return [source.name, { cause, dueSince, reasons, latestAt }] as const;
      }),
    ),
  );
}

/** What the failed run itself advised: a wrong token is not mended by another sync. */
/** One that was left alone on purpose and gave no hint is left alone again. */
function usualHint({ source, outcome }: StoredRun): string | undefined {
  return outcome === "skipped" ? undefined : `lull sync ${source}`;
}

function hintOf(run: StoredRun): string | undefined {
  try {
    const detail = JSON.parse(run.detail) as { readonly error?: { readonly hint?: unknown } };
    return typeof detail.error?.hint === "string" ? detail.error.hint : undefined;
  } catch {
    return undefined;
  }
}

type RepositoryPart = Partial<
  Pick<SourceStatus, "branch" | "uncommitted" | "leftOut" | "ahead" | "behind" | "problem">
>;

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
    const { changes } = repository.scan({ signal: context.signal });
    const leftOut = knownLeftOut(repository, source, changes);
    const folder = { uncommitted: changes.length - leftOut, leftOut };
    const branch = shortRef(state.head.branch);
    const tracking = trackedCommit(repository, source, branch);
    if (state.head.commit === undefined || tracking === undefined) return { branch, ...folder };
    return { branch, ...folder, ...relationCounts(repository.relate(state.head.commit, tracking)) };
  } finally {
    repository.close();
  }
}

type SettingsPart = {
  readonly source: SettingsSource;
  readonly repo: RepoSource;
  readonly device: string;
  readonly own: RepositoryPart;
};

/** What the next sync would gather counts as not committed yet. */
async function withHome(
  deps: Deps,
  { source, repo, device, own }: SettingsPart,
  context: Context,
): Promise<RepositoryPart> {
  if (own.problem !== undefined) return own;
  const repository = deps.git.open(repo.directory);
  try {
    const input = { source, repo, device, dryRun: true };
    const { gathered } = await gatherHome(deps, input, gatherPlaceOf(repository), context);
    const { added, updated, removed } = gathered;
    return {
      ...own,
      uncommitted: (own.uncommitted ?? 0) + added + updated + removed,
    };
  } finally {
    repository.close();
  }
}

function hasWork(
  source: RepoSource,
  { branch, uncommitted = 0, ahead = 0, behind = 0 }: RepositoryPart,
): boolean {
  if (branch !== undefined && !isChosen(source.branches, branch)) return false;
  return (
    (source.autoCommit && uncommitted > 0) ||
    (source.direction !== "pull" && ahead > 0) ||
    (source.direction !== "push" && behind > 0)
  );
}

/** Reads no file: the next sync tells what is new. */
function knownLeftOut(
  repository: Repository,
  { guards, autoCommit }: RepoSource,
  changes: readonly WorkTreeChange[],
): number {
  if (!autoCommit || changes.length === 0) return 0;
  const { waiting } = readGuardMemory(repository.gitDirectory);
  return knownToStayOut({ repository, guards }, waiting, changes, { trustYoung: true }).length;
}
