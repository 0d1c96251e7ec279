/**
 * The engine as the rest of lull sees it. `sync/` and `app/` know these types only; `compose.ts` picks the
 * implementation (`create-git.ts`). It must not know sources, config, the store or who asks.
 *
 * Order within a pull, which a crash at any point survives: fetch into quarantine and verify → merge in memory →
 * check out path by path → write the index → move the branch last.
 */
import type { Connection } from "../transport/transport.ts";
import type { KeepAsideInput } from "./checkout/keep-aside.ts";
import type { MaintainInput, MaintainResult } from "./maintenance/maintenance-result.ts";
import type { LastChangeInput } from "./history/last-change.ts";
import type { ConflictResolver, ResolvedConflict } from "./merge/merge-result.ts";
import type { Commit, FileVersion, Oid, Progress, RepoPath, Signature } from "./model.ts";
import type { BranchMove } from "./refs/move-branch.ts";
import type { Head, RepositoryState } from "./refs/repository-state.ts";
import type { SignPolicy } from "./repository-config/signing-request.ts";
import type { KeepVersionsInput, Savepoint, SavepointInput, SavepointNote } from "./savepoints/savepoint.ts";
import type { RepairInput, RepairResult } from "./verify/repair/repair-result.ts";
import type { VerifyInput, VerifyResult } from "./verify/verify-result.ts";
import type { InitOptions } from "./refs/init-repository.ts";
import type { Listing } from "./wire/list-refs.ts";
import type { RecordInput, RecordLine, RecordPlace } from "./wire/records.ts";
import type { Admit, CandidateFile, WorkStat } from "./worktree/candidate-file.ts";
import type { WorkTreeChanges } from "./worktree/changes.ts";

export type {
  Admit,
  CandidateFile,
  WorkStat,
  Connection,
  MaintainInput,
  MaintainResult,
  RepairInput,
  RecordLine,
  RepairResult,
  Savepoint,
  KeepVersionsInput,
  SavepointInput,
  SavepointNote,
  SignPolicy,
  VerifyInput,
  VerifyResult,
};

export type Git = {
  /** Creates an empty repository, as `git init` does; refuses a folder that is one already. */
  init(directory: string, options: InitOptions): void;
  /** Looks without touching: what kind of place is this, and may lull work in it? */
  inspect(directory: string): RepositoryState;
  /**
   * Also one that is not ready, e.g. to be verified.
   * @throws LullError `NOT_A_REPOSITORY` (kind `unsafe`)
   */
  open(directory: string, options?: OpenOptions): Repository;
  /**
   * Asks a remote for its branches.
   * @param options.onAsked called when the question has been handed over to the connection
   */
  listRemote(connection: Connection, options?: { readonly onAsked?: () => void }): Promise<RemoteListing>;
  /** As `Repository.verify` for a folder that is a repository without files, e.g. a remote on this machine. */
  verifyBare(directory: string, input: VerifyInput): Promise<VerifyResult>;
  /**
   * What a repository without files beside it keeps. Never writes.
   * @throws LullError `NOT_A_REPOSITORY`, `UNSUPPORTED_REPOSITORY` (kind `unsafe`)
   */
  readBare(directory: string): Promise<BareContent>;
  /** Lines of a unified diff (no file header) between two contents, or undefined when one of them is binary. */
  diffText(before: Uint8Array | undefined, after: Uint8Array | undefined): readonly string[] | undefined;
};

export type BareContent = {
  /** The files of the commit that HEAD leads to, in byte order of their paths; none before the first commit. */
  readonly files: readonly { readonly path: RepoPath; readonly mode: FileVersion["mode"] }[];
  readonly remotes: readonly { readonly name: string; readonly url: string }[];
  /** Where its files lie, as its config has it: absolute, or relative to the repository. */
  readonly workTree: string | undefined;
};

export type OpenOptions = {
  /**
   * Whether the commits of the branch are signed, all that this repository makes; left out: as git's config says.
   * Savepoints and records of devices never are. A commit that must be signed and can not be fails with `SIGNING_FAILED`.
   */
  readonly sign?: SignPolicy | undefined;
};

export type Repository = {
  /** The work tree's top folder, absolute. */
  readonly directory: string;
  readonly gitDirectory: string;
  state(): RepositoryState;
  /** Returns the commit that a full ref name points to, or undefined. */
  readRef(ref: string): Oid | undefined;
  /**
   * The refs whose full names begin so, e.g. `refs/remotes/origin/`, by the rest of their names. Damaged ones are left
   * out.
   */
  branchesBelow(prefix: string): readonly { readonly name: string; readonly commit: Oid }[];
  /** Whether an object is here. */
  has(oid: Oid): boolean;
  readCommit(oid: Oid): Commit;
  /** The person that commits as git finds it (environment, config), or undefined when nothing is set. */
  identity(): { readonly name: string; readonly email: string } | undefined;
  remotes(): readonly { readonly name: string; readonly url: string }[];
  /** Writes `remote.<name>.url` and its fetch refspec into the repository's config. */
  setRemote(name: string, url: string): void;

  /**
   * Moves the branch to where a checkout wanted it that was cut off right before: to be called before the scan whose
   * findings are committed, or they hold the remote's changes too. Returns whether there was anything to finish.
   */
  finishCheckout(): boolean;
  /** Compares the work tree with the index. Never writes. */
  scan(input: ScanInput): WorkTreeChanges;
  /**
   * Commits the given paths onto the current branch: objects first, then the index, then the branch.
   * Paths that changed again since the scan are taken as they are now. Without paths it only renews stat data
   * that the last scan found stale.
   * @returns undefined when the resulting tree equals the parent's.
   * @throws LullError `UNSUPPORTED_REPOSITORY` (kind `unsafe`) when a path needs a filter and holds something new:
   *   nothing is committed then. Other paths that a scan skips stay out of the commit, as they stay out of its changes
   */
  commit(input: CommitInput): Oid | undefined;

  /** Keeps branch, index and work tree as they are now; none of them is touched. */
  savepoint(input: SavepointInput): Savepoint;
  /**
   * Keeps files of elsewhere in a savepoint: a commit upon `base` that differs from it in these paths alone. Branch, index
   * and work tree are neither looked at nor touched.
   */
  keepVersions(input: KeepVersionsInput): Savepoint;
  /** Newest first. */
  savepoints(): readonly Savepoint[];

  /**
   * Brings a remote's branches: verified pack first, then `refs/remotes/<name>/*`. Fetches from several remotes may go on
   * at once; what one of them is bringing the others do not ask for.
   */
  fetch(input: FetchInput): Promise<FetchResult>;
  /** How two commits relate. */
  relate(ours: Oid, theirs: Oid): Relation;
  /**
   * When a side itself changed a path last, seconds since 1970 UTC; undefined when all its changes are in `known` as
   * well.
   */
  lastChange(input: LastChangeInput): number | undefined;
  /** Commits that `tip` reaches and `known` does not, about newest first, at most `limit`. */
  newCommits(tip: Oid, known: Oid | undefined, limit: number): readonly LoggedCommit[];
  /** What a commit has at a path, folders included, or undefined. */
  versionAt(commit: Oid, path: RepoPath): FileVersion | undefined;
  /** Stores a commit upon another one, made in memory; no ref and no file changes until it is checked out. */
  editCommit(input: EditCommitInput): Oid;
  /** Three-way merge in memory; objects are written, no ref and no file changes. */
  merge(input: MergeInput): MergeOutcome;
  /** Makes a commit in which files are as they were before; no ref and no file changes. */
  takeBack(input: TakeBackInput): TakenBack;
  /**
   * What a revision stands for, as people write it: `HEAD`, a branch, a tag, a commit or the start of its name, each
   * also with `~3` behind it. Undefined: nothing, or no commit.
   * @throws LullError `AMBIGUOUS_REVISION` (kind `usage`) for the start of several names
   */
  findRevision(text: string): Oid | undefined;
  /**
   * Brings work tree, index and branch from the branch's current commit to `target`, in this order. A file that
   * changed meanwhile stays; then nothing of the branch moves and `blocked` names it.
   * @throws LullError `REF_CHANGED` when HEAD is not at `from` any more: the person's git was faster
   */
  checkout(input: CheckoutInput): CheckoutResult;
  /**
   * Moves a branch that no work tree has checked out.
   * @returns false when one has; nothing was moved then
   * @throws LullError `INDEX_LOCKED`, `REF_LOCKED`, `REF_CHANGED`
   */
  moveBranch(input: MoveBranchInput): boolean;
  /**
   * Copies a file of the work tree to another name in its folder, durably. Returns what the copy holds; undefined when
   * there is no plain file, when it changes right now, or when the name is taken.
   */
  keepAside(input: KeepAsideInput): FileVersion | undefined;
  push(input: PushInput): Promise<PushResult>;
  /** The records that a remote had when it was asked last, by their writer's id; see `wire/records.ts`. */
  records(remote: string): ReadonlyMap<string, RecordLine>;
  /** As `records`, of one writer. */
  record(remote: string, id: string): RecordLine | undefined;
  /** Asks a remote for its records. */
  fetchRecords(place: RecordPlace): Promise<void>;
  /** Puts a record upon the last one of a writer. */
  pushRecord(input: RecordInput): Promise<PushResult>;
  /** How many commits are reachable from one, itself included. */
  countCommits(from: Oid): number;
  /** History, newest first. */
  log(from: Oid, limit: number): readonly LoggedCommit[];
  /** Files that differ between two commits; undefined stands for the empty tree. */
  compare(from: Oid | undefined, to: Oid | undefined): readonly FileDifference[];
  /** Content of a file version; symlinks give their target. */
  readBlob(oid: Oid): Uint8Array;
  /** Content of a file in the work tree as git would store it, or undefined when there is none. */
  readWorkFile(path: RepoPath): Uint8Array | undefined;
  /** What git would store for a path as it is in the work tree, or undefined when there is nothing to store. */
  workVersion(path: RepoPath): FileVersion | undefined;
  /** What the file system says of a regular file in the work tree; undefined: there is none. */
  workStat(path: RepoPath): WorkStat | undefined;
  /** The names that the index has in a folder, of files and of folders; "" is the top. */
  namesIn(folder: RepoPath): readonly RepoPath[];
  /** What the index holds for a path. */
  indexVersion(path: RepoPath): FileVersion | undefined;
  /**
   * Packs loose objects and small packs, shortens reflogs, sweeps what crashes have left. Cheap when there is nothing
   * to do. The repository may be in use meanwhile, by lull and by git.
   */
  maintain(input: MaintainInput): Promise<MaintainResult>;
  /**
   * Checks every object, ref and log, the index, and the files that look untouched. Writes nothing and holds no lock;
   * works also where `state` is not ready, as long as HEAD, objects and refs are there. Damage is in the result.
   */
  verify(input: VerifyInput): Promise<VerifyResult>;
  /**
   * Verifies, and mends what can be mended: from copies, files, logs, savepoints and remotes. Damaged files are set
   * aside, never deleted; no file of the work tree changes. What it could not mend is in the result.
   * @throws LullError `REPOSITORY_BUSY` while git tidies up, of the locks that it needs, or of the system
   */
  repair(input: RepairInput): Promise<RepairResult>;
  /** Gives file handles and threads back; it may be used again afterwards. */
  close(): void;
};

export type ScanInput = {
  readonly signal: AbortSignal;
  /**
   * Paths that may have changed since the last scan of this object began, each with all that is below it: what a
   * watcher of the folders named. All else is taken from that scan, whose findings about it are repeated. The caller
   * vouches that nothing is missing (no event lost, no pause); an empty list says that nothing changed. They only
   * ever save work: without an earlier complete scan of this object, after any change of the index, of the settings
   * or of rules from outside the work tree, and for the path "", everything is looked at. Files whose time is as
   * young as the index are compared in every scan. Left out: everything is looked at.
   */
  readonly hints?: readonly RepoPath[] | undefined;
};

export type CommitInput = {
  readonly paths: readonly RepoPath[];
  /** As a function: asked for when it is settled which files `admit` has let in. */
  readonly message: string | (() => string);
  /**
   * Asked for each file right before its content is stored, with the very bytes: what returns false stays out, and what
   * the last commit has of it stays in, also in the index. Left out: every file is let in.
   * @throws LullError from the commit, `NOT_ADMITTED` (kind `guard`), when the person staged what is not let in and no
   *   savepoint is asked for, which would keep it
   */
  readonly admit?: Admit | undefined;
  readonly author: Signature;
  readonly signal: AbortSignal;
  /**
   * Take one in the same go, which stores nothing twice, when the commit changes branch or index. Told when it stands,
   * before either is touched.
   */
  readonly savepoint?: (SavepointNote & { readonly taken: (savepoint: Savepoint) => void }) | undefined;
};

export type RemoteRefs = {
  /** Full ref name → oid, branches and tags. */
  readonly refs: ReadonlyMap<string, Oid>;
  /** The branch that the remote's HEAD names, e.g. `refs/heads/main`; also for an empty remote when it says so. */
  readonly head: string | undefined;
};

/** What a remote answered; a fetch over the same connection can go on from it. */
export type RemoteListing = RemoteRefs & { readonly listing: Listing };

export type FetchInput = {
  readonly connection: Connection;
  /** An answer of `listRemote` over this connection, so fresh that it need not be asked for again. */
  readonly listed?: RemoteListing | undefined;
  readonly remote: string;
  readonly signal: AbortSignal;
  readonly onProgress?: Progress;
  /**
   * Awaited when everything is here and before any ref moves: for who has several fetches at once and an order among
   * them. Tags of the same name are those of the first.
   */
  readonly beforeRefs?: () => Promise<void>;
};
export type FetchResult = RemoteRefs & { readonly objects: number; readonly bytes: number };

export type Relation =
  | { readonly kind: "same" }
  | { readonly kind: "ahead"; readonly commits: number }
  | { readonly kind: "behind"; readonly commits: number }
  | {
      readonly kind: "diverged";
      readonly ahead: number;
      readonly behind: number;
      readonly bases: readonly Oid[];
    }
  | { readonly kind: "unrelated"; readonly ahead: number; readonly behind: number };

export type MergeInput = {
  readonly ours: Oid;
  readonly theirs: Oid;
  readonly resolve: ConflictResolver;
  readonly message: (conflicts: readonly ResolvedConflict[]) => string;
  readonly author: Signature;
  readonly signal: AbortSignal;
};
export type MergeOutcome = { readonly commit: Oid; readonly conflicts: readonly ResolvedConflict[] };

export type TakeBackInput = {
  /** The commit to go on from; undefined: there is none yet. */
  readonly on: Oid | undefined;
  readonly change:
    | { readonly kind: "files"; readonly files: ReadonlyMap<RepoPath, FileVersion | undefined> }
    /** What led from the commit `before` to the commit `after` is taken out; what came later stays. */
    | {
        readonly kind: "revert";
        readonly before: Oid;
        readonly after: Oid;
        readonly resolve: ConflictResolver;
      };
  readonly message: string;
  /** A commit is made also when nothing differs: its message says something. */
  readonly evenIfSame: boolean;
  readonly author: Signature;
  /** Nothing is stored. */
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
};
export type TakenBack = {
  /** Undefined in a dry run, and when nothing differs and nothing is to be said. */
  readonly commit: Oid | undefined;
  /** From the commit that it is on. */
  readonly differences: readonly FileDifference[];
  readonly conflicts: readonly ResolvedConflict[];
};
export type EditCommitInput = {
  readonly parent: Oid;
  /** What shall stand at these paths: a known version, new bytes, or nothing. */
  readonly edits: ReadonlyMap<RepoPath, FileVersion | NewFile | undefined>;
  readonly message: string;
  readonly author: Signature;
};
export type NewFile = { readonly mode: FileVersion["mode"]; readonly bytes: Uint8Array };

export type MoveBranchInput = BranchMove & {
  /** For the reflog. */
  readonly reason: string;
};

export type CheckoutInput = {
  /** Where HEAD was when `target` was chosen; what was committed since would be lost from the branch. */
  readonly from: Head;
  readonly target: Oid;
  /** Files of which `keepAside` made a copy: one that still is what the copy holds may be replaced. */
  readonly keptAside?: ReadonlyMap<RepoPath, FileVersion> | undefined;
  /** For the reflog, e.g. `lull: fast-forward`. */
  readonly reason: string;
  readonly signal: AbortSignal;
  readonly onProgress?: Progress;
};
export type CheckoutResult =
  | { readonly kind: "done"; readonly written: number; readonly removed: number }
  | {
      readonly kind: "blocked";
      readonly paths: readonly { readonly path: RepoPath; readonly reason: string }[];
    };

export type PushInput = {
  readonly connection: Connection;
  readonly remote: string;
  /** Full ref name on both sides. */
  readonly ref: string;
  readonly commit: Oid;
  readonly signal: AbortSignal;
  readonly onProgress?: Progress;
  /** Other things are done with the repository meanwhile. Left out: nothing is. */
  readonly isBesideOthers?: boolean;
};
export type PushResult =
  | { readonly kind: "pushed"; readonly objects: number; readonly bytes: number }
  | { readonly kind: "up-to-date" }
  /** The remote moved meanwhile: fetch and merge again. */
  | { readonly kind: "behind" };

export type LoggedCommit = Commit & { readonly oid: Oid };

export type FileDifference = {
  readonly path: RepoPath;
  readonly before: FileVersion | undefined;
  readonly after: FileVersion | undefined;
};
