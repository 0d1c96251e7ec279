/** What one run of one source did, as plain data: printed, stored as history, sent as JSON. */
import type { ErrorKind } from "../base/errors.ts";

export type SyncOutcome =
  | "synced" // something was committed, received or sent
  | "up-to-date" // nothing to do
  | "conflict" // synced, and at least one path needs a person
  | "partial" // synced with some remotes, not with all
  | "skipped" // left alone on purpose; `reason` tells why
  | "failed"; // `error` tells why; local commits stay for the next run

export type RunConflict = {
  readonly path: string;
  readonly reason: string;
  /** What stands at the path: one side's version, the lines of both, or one with the other beside it. */
  readonly kept: "ours" | "theirs" | "both" | "union";
  /** Where this device's version was put, when both were kept. */
  readonly copy: string | undefined;
  /** The strategy that decided; `engine` where a conflict answers itself. */
  readonly strategy: string;
  /** A person has to look at it. */
  readonly open: boolean;
  /** The merge that met it: its first parent is this device's commit, its second the remote's. */
  readonly commit: string;
};

export type RunError = {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly causes: readonly string[];
  readonly data: Readonly<Record<string, string | number | boolean>>;
  /** The same sync may succeed later without anybody changing anything. */
  readonly retry: boolean;
};

export type RemoteResult = {
  readonly name: string;
  /** URL without credentials. */
  readonly url: string;
  /** Commits that came from this remote. */
  readonly received: number;
  /** Commits that went to this remote. */
  readonly sent: number;
  /** Of the packs that came and went; what else the protocol says is not counted. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  /** In a dry run: the remote has more, which only a fetch can count. */
  readonly moved: boolean;
  /** Commits that `direction` holds back, there with `push`, here with `pull`; left out: none. */
  readonly kept?: { readonly commits: number; readonly where: "here" | "there" };
  readonly error: RunError | undefined;
};

/** What became of a branch that is not checked out, with one remote. */
export type BranchResult = {
  readonly name: string;
  readonly remote: string;
  readonly received: number;
  /** Those that the remote had in no branch that this run knows. */
  readonly sent: number;
  /** The remote had no branch of this name, and has it now, or would. */
  readonly isNew: boolean;
  /** Why it stays as it is, in words; undefined: it is in step. */
  readonly left: string | undefined;
};

export type SkippedInRun = {
  readonly path: string;
  readonly reason: string;
  /** The guard that says so; it can be overruled with `lull allow`. */
  readonly guard?: string;
};

export type SyncRun = {
  readonly source: string;
  readonly outcome: SyncOutcome;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly dryRun: boolean;
  readonly branch: string | undefined;
  /** The commit that the branch had at the end; undefined when the run did not get so far. */
  readonly tip: string | undefined;
  /** The name of the savepoint that was taken before the first change; undefined: nothing was changed. */
  readonly savepoint: string | undefined;
  /** The automatic commit of this run, if there was anything to commit. */
  readonly committed: { readonly commit: string | undefined; readonly files: number } | undefined;
  readonly remotes: readonly RemoteResult[];
  /** Files in the work tree that this run wrote or removed. */
  readonly filesWritten: number;
  readonly filesRemoved: number;
  readonly conflicts: readonly RunConflict[];
  /** Things in the folder that lull does not carry, and why. */
  readonly skippedPaths: readonly SkippedInRun[];
  /** Carried, but somebody should know; left out by older versions. */
  readonly warnings?: readonly SkippedInRun[];
  /** With `auto_commit: false`: changed files that are left to the person; left out: none. */
  readonly uncommitted?: number;
  /** Of a settings source: copies that this run brought in from the home, or took away; left out: none was looked for. */
  readonly gathered?: { readonly added: number; readonly updated: number; readonly removed: number };
  /** Of a settings source with `mode: two-way`: files of the home that followed; left out: none. */
  readonly broughtHome?: { readonly written: number; readonly removed: number };
  /** Of the branches that `branches` names beside the checked-out one, those with news; left out: none. */
  readonly otherBranches?: readonly BranchResult[];
  readonly reason: string | undefined;
  readonly error: RunError | undefined;
  /** How long each step took, in order. */
  readonly steps: readonly { readonly name: string; readonly ms: number }[];
};

export const STEP_NAMES = ["look", "gather", "scan", "commit", "fetch", "merge", "checkout", "push"] as const;
export type StepName = (typeof STEP_NAMES)[number];

/** Told while a run goes on; the last word is always the `SyncRun` itself. */
export type SyncEvent =
  | { readonly kind: "step"; readonly source: string; readonly step: StepName; readonly detail: string }
  | {
      readonly kind: "progress";
      readonly source: string;
      readonly step: string;
      readonly done: number;
      readonly total: number | undefined;
      /** Of the figures; left out: things, such as files. */
      readonly unit?: "bytes" | undefined;
    };
