/** What the steps of one run share. */
import type { Clock } from "../base/clock.ts";
import type { RepoSource } from "../config/config.ts";
import type { Connection, Git, Repository } from "../git/git.ts";
import type { Oid, RepoPath } from "../git/model.ts";
import type { RunGuards } from "./guards/run-guards.ts";
import type { SyncEvent, SyncRun } from "./outcome.ts";
import type { RunRecorder } from "./run-recorder.ts";

export type SyncDeps = {
  readonly git: Git;
  /** Returns a connection to a remote without talking to it yet. */
  readonly connect: (url: string, signal: AbortSignal) => Promise<Connection>;
  readonly clock: Clock;
  readonly device: string;
  readonly userName: string;
  /** How this device is known in the remotes; left out: it is not registered. */
  readonly registration?: Registration | undefined;
  /** A number in [0, 1); spreads the retries of devices that push at the same moment. */
  readonly random: () => number;
  /** How long remotes that have answered wait for those that have not. Left out: a few seconds. */
  readonly patienceMs?: number | undefined;
};

export type Registration = {
  /** Stays the same when the device gets another name. */
  readonly id: string;
  readonly system: string;
  readonly version: string;
  /** Whether a remote of a source refused it a short while ago. */
  readonly rests: (remote: string, source: string) => boolean;
  readonly rest: (remote: string, source: string) => void;
};

export type SyncOptions = {
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onEvent?: ((event: SyncEvent) => void) | undefined;
  /** For the savepoint: what is about to change something; default: `a sync`. */
  readonly purpose?: string | undefined;
  /** What a watcher named as changed, see `ScanInput.hints`; for the first scan of the run only. */
  readonly hints?: readonly RepoPath[] | undefined;
  /** The branch's commit at the end of the last sync of this source, whichever branch it was; left out: not known. */
  readonly lastTip?: (() => Oid | undefined) | undefined;
  /** Brings into the folder what is to be synced; once, before the first scan. */
  readonly prepare?: ((repository: Repository) => Promise<Prepared>) | undefined;
  /** Called at the end of all rounds, with the branch's commit, while the repository is open anyway. Must not throw. */
  readonly atEnd?: ((repository: Repository, tip: Oid) => void) | undefined;
};

/** What a `prepare` did, for the result of the run. */
export type Prepared = {
  readonly gathered: NonNullable<SyncRun["gathered"]>;
  /** What stayed out, and why. */
  readonly skippedPaths: SyncRun["skippedPaths"];
  readonly warnings: NonNullable<SyncRun["warnings"]>;
};

export type RunContext = {
  readonly deps: SyncDeps;
  readonly source: RepoSource;
  readonly repository: Repository;
  /** Full name of the checked-out branch. */
  readonly branch: string;
  /** Whether the source's `branches` names it; if not, it and the folder are left alone. */
  readonly isChosen: boolean;
  readonly recorder: RunRecorder;
  readonly guards: RunGuards;
  readonly options: SyncOptions;
};
