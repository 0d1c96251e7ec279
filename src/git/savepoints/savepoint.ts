/** A savepoint as the rest of lull sees it. */
import type { FileVersion, Oid, RepoPath, Signature } from "../model.ts";
import type { Admit } from "../worktree/candidate-file.ts";

/** What a savepoint says of itself, each in one line. */
export type SavepointNote = {
  readonly source: string;
  /** What was about to change something, e.g. `a sync`. */
  readonly before: string;
};

export type SavepointInput = {
  readonly note: SavepointNote;
  /** What differs from the index, as a scan found it. */
  readonly paths: readonly RepoPath[];
  /** As for a commit. Left out: every file is let in. */
  readonly admit?: Admit | undefined;
  readonly author: Signature;
  readonly signal: AbortSignal;
};

export type Savepoint = SavepointNote & {
  /** The end of its ref, e.g. `20261122T031507Z`. */
  readonly name: string;
  readonly commit: Oid;
  /** The files as they were in the work tree. */
  readonly tree: Oid;
  /** Milliseconds since 1970 UTC. */
  readonly takenAt: number;
  /** Full name of the branch that was checked out. */
  readonly branch: string;
  /** Its commit; undefined: it had none yet. */
  readonly head: Oid | undefined;
  /** A commit with what was staged; undefined: nothing but what the branch's commit has. */
  readonly index: Oid | undefined;
};

export type KeepVersionsInput = {
  readonly note: SavepointNote;
  /** What the versions are about to be replaced with. */
  readonly base: Oid;
  /** Undefined: there was no file. */
  readonly versions: ReadonlyMap<RepoPath, KeptVersion | undefined>;
  readonly author: Signature;
};

export type KeptVersion = { readonly mode: FileVersion["mode"]; readonly bytes: Uint8Array };
