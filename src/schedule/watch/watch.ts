/**
 * Watching a source's folder: which changes are worth a sync, and when. From what the system's watcher tells it makes
 * bursts (over after a quiet period, or after the longest wait), slows paths down that never rest, and says in words
 * when it has to poll instead. It knows no git engine, no queue and no sync; the daemon turns its events into jobs.
 */

/** What is asked of a watch. */
export type SourceToWatch = {
  /** Absolute; may itself be a link. */
  readonly directory: string;
  /** Absolute, where it is not `<directory>/.git`: a linked work tree, a submodule. */
  readonly gitDirectory?: string | undefined;
  /** A burst of changes is over when nothing has changed for so long. */
  readonly quietMs: number;
  /** A burst that does not end is reported after so long all the same. */
  readonly maxWaitMs: number;
  /** What git ignores is neither watched nor reported. Left out: everything but `.git` counts. */
  readonly ignore?: IgnoreRules | undefined;
};

/**
 * Paths below the source's folder, `/`-separated, as bytes in latin1: what the engine calls `RepoPath` and takes as
 * hints of a scan, each with all that is below it. Undefined: anything may have changed. An empty list: no file, but
 * a branch (a commit by the person's own git). Never more than `MOST_PATHS`.
 */
export type ChangedPaths = readonly string[] | undefined;

/** To look at more paths costs a scan as much as to look at everything. */
export const MOST_PATHS = 1000;

export type WatchEvent =
  | {
      /** A burst is over: a sync is due. */
      readonly kind: "changed";
      readonly paths: ChangedPaths;
      /** Wall time of its first change, milliseconds. */
      readonly since: number;
    }
  /** How changes are noticed from now on; told when it begins and whenever that changes. */
  | { readonly kind: "mode"; readonly mode: "events"; readonly folders: number | undefined }
  | {
      readonly kind: "mode";
      readonly mode: "polling";
      readonly everyMs: number;
      readonly reason: PollingReason;
    }
  /** The folder is not there (removed, moved, unmounted); it is looked for until it is `back`. */
  | { readonly kind: "gone"; readonly message: string }
  /** It is there again and watched; a `changed` with undefined paths comes with it. */
  | { readonly kind: "back" }
  /** These paths change again and again; their changes alone cause a sync only every so often now. */
  | { readonly kind: "noise"; readonly paths: readonly NoisyPath[] };

export type NoisyPath = {
  /** As bytes in latin1. A folder when its name ends with `/`. */
  readonly path: string;
  /** At the latest after so long its changes are reported. */
  readonly everyMs: number;
};

/** Why there are no events, and what a person can do about it. */
export type PollingReason = {
  readonly code:
    | "WATCH_LIMIT" // the kernel's limit of watched folders is used up
    | "WATCHER_LIMIT" // the kernel's limit of watchers of this user is used up
    | "NETWORK_FOLDER" // changes made by other machines cause no events
    | "WATCH_FAILED"; // the system refused, for another reason
  /** Lower-case start, no full stop. */
  readonly message: string;
  readonly hint: string | undefined;
};

/** How a watch is doing, for `status` and `why`. */
export type WatchState =
  | { readonly kind: "starting" }
  | { readonly kind: "events"; readonly folders: number | undefined }
  | { readonly kind: "polling"; readonly everyMs: number; readonly reason: PollingReason }
  | { readonly kind: "gone"; readonly message: string }
  | { readonly kind: "closed" };

/**
 * A watch that runs. It reports nothing between `startRun` and `endRun`: a sync that writes files would otherwise
 * cause the next one. What changes meanwhile is kept and reported after it, as one burst; the sync that follows finds
 * nothing to do, writes nothing, and so causes none.
 */
export type SourceWatch = Disposable & {
  readonly state: WatchState;
  /** Settles when the watch reports events, polls, or has found the folder gone. Never rejects. */
  readonly ready: Promise<void>;
  /** Wall time by which pending changes will be reported; undefined when there are none. */
  readonly dueAt: number | undefined;
  /**
   * A sync of the source starts. Returns all that changed since the last run that `endRun` called complete began: the
   * hints of this run's scan. What is pending counts as seen by it.
   */
  startRun(): ChangedPaths;
  /** The sync has ended, however it did. Without a `startRun` before it this does nothing. */
  endRun(end: RunEnd): void;
};

export type RunEnd = {
  /** The work tree was scanned to its end. False: the next run gets this run's hints too. */
  readonly complete: boolean;
  /**
   * Where the branch stood when the run ended, as 40 or 64 hex digits. If it still stands there, what happened to
   * branches meanwhile was the run's own doing and is forgotten. Undefined: it counts.
   */
  readonly tip?: string | undefined;
};

/** Watches sources; disposing of it ends all of them. */
export type Watching = Disposable & {
  readonly watch: (source: SourceToWatch, target: WatchTarget) => SourceWatch;
};

export type WatchTarget = {
  /** Must not throw. Nothing is told before `watch` has returned. */
  readonly emit: (event: WatchEvent) => void;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
};

/** Git's ignore rules for one source. The daemon is given one that loads without the engine. */
export type IgnoreRules = {
  /** Reads the rules from outside the work tree again and forgets those inside. */
  reset(): void;
  /** A folder is about to be listed: reads its rule file, if it has one. "": the source's folder. */
  enter(folder: string): void;
  /** Whether a path is excluded whose parent folder was entered. Path as bytes in latin1. */
  isIgnored(path: string, isFolder: boolean): boolean;
};
