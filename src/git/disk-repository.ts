import { LullError } from "../base/errors.ts";
import { checkoutCommit } from "./checkout/checkout-commit.ts";
import { finishCheckout } from "./checkout/finish-checkout.ts";
import { keepAside, type KeepAsideInput } from "./checkout/keep-aside.ts";
import { pendingTrees } from "./checkout/journal.ts";
import { commitWorkTree } from "./commit-work-tree.ts";
import type {
  CheckoutInput,
  CheckoutResult,
  CommitInput,
  EditCommitInput,
  FetchInput,
  FetchResult,
  FileDifference,
  LoggedCommit,
  MaintainInput,
  MaintainResult,
  MergeInput,
  MoveBranchInput,
  MergeOutcome,
  PushInput,
  PushResult,
  RecordLine,
  Relation,
  RepairInput,
  RepairResult,
  Repository,
  Savepoint,
  KeepVersionsInput,
  SavepointInput,
  ScanInput,
  TakeBackInput,
  TakenBack,
  VerifyInput,
  VerifyResult,
  WorkStat,
} from "./git.ts";
import { compareTrees } from "./history/compare-trees.ts";
import { countCommits } from "./history/count-commits.ts";
import { findRevision } from "./history/find-revision.ts";
import { lastChange, type LastChangeInput } from "./history/last-change.ts";
import { listNewCommits } from "./history/list-new-commits.ts";
import { logCommits } from "./history/log.ts";
import { relateCommits } from "./history/relate.ts";
import { editCommit } from "./edit-commit.ts";
import { entryAt } from "./objects/entry-at.ts";
import { mergeIntoCommit } from "./merge-into-commit.ts";
import type { Commit, FileVersion, Oid, RepoPath, Signature } from "./model.ts";
import { toFsPath } from "./paths.ts";
import { readCommit, readCommitLinks } from "./objects/commit-object.ts";
import { recordHere, recordsHere } from "./records-here.ts";
import { breakAbandonedLocks } from "./refs/lock-marks.ts";
import { moveBranch } from "./refs/move-branch.ts";
import { listRefs, readRef } from "./refs/ref-store.ts";
import type { RepositoryState } from "./refs/repository-state.ts";
import type { ReflogEntry } from "./refs/reflog.ts";
import { findIdentity } from "./repository-config/identity.ts";
import { readRemotes, setRemote } from "./repository-config/remotes.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { listSavepoints } from "./savepoints/savepoint-ref.ts";
import { keepVersions, takeSavepoint } from "./savepoints/take-savepoint.ts";
import { scanRepository, viewWorkTree, workFileVersion, type WorkTreeView } from "./scan-repository.ts";
import { takeBack } from "./take-back.ts";
import { ScratchBatch } from "./scratch-batch.ts";
import { IncomingTips } from "./wire/incoming-tips.ts";
import type { RecordInput, RecordPlace } from "./wire/records.ts";
import type { WorkTreeChanges } from "./worktree/changes.ts";
import type { IndexTable } from "./worktree/index-table.ts";
import { statPath, workStat } from "./worktree/stat.ts";
import { ScanPartner } from "./worktree/scan-partner.ts";
import { WorkTreeMemory } from "./worktree/work-tree-memory.ts";

/**
 * One repository on disk with a work tree. Each method is one operation; what they share is in `RepositoryParts`. What
 * a look at the repository has no use for is loaded when it is asked for.
 */
export class DiskRepository implements Repository {
  readonly directory: string;
  readonly gitDirectory: string;
  readonly #parts: RepositoryParts;
  readonly #memory: WorkTreeMemory;
  readonly #partner: ScanPartner | undefined;
  readonly #incoming = new IncomingTips();
  /** Unchanged files whose stat data the last scan found stale; the next commit renews it in passing. */
  #stale: readonly RepoPath[] = [];
  /** The last commit that was asked for its tree: nearly always the same one. */
  #head: { readonly commit: Oid; readonly tree: Oid } | undefined;
  /** As of the last scan; a diff asks for many paths, and the index is not to be read for each. */
  #view: WorkTreeView | undefined;

  constructor(parts: RepositoryParts) {
    this.#parts = parts;
    this.#memory = new WorkTreeMemory(parts.clock);
    const { startScanThread } = parts;
    if (startScanThread !== undefined) this.#partner = new ScanPartner(parts.directory, startScanThread);
    this.directory = parts.directory;
    this.gitDirectory = parts.gitDirectory;
  }

  state(): RepositoryState {
    return this.#parts.state();
  }

  readRef(ref: string): Oid | undefined {
    const value = readRef(this.gitDirectory, ref);
    return value?.kind === "symbolic" ? undefined : value?.oid;
  }

  branchesBelow(prefix: string): readonly { readonly name: string; readonly commit: Oid }[] {
    return [...listRefs(this.gitDirectory, prefix, () => {})].map(([name, commit]) => ({
      name: name.slice(prefix.length),
      commit,
    }));
  }

  has(oid: Oid): boolean {
    return this.#parts.store.has(oid);
  }

  readCommit(oid: Oid): Commit {
    return readCommit(this.#parts.store, oid);
  }

  identity(): { readonly name: string; readonly email: string } | undefined {
    return findIdentity(this.#parts.config(), this.#parts.environment);
  }

  remotes(): readonly { readonly name: string; readonly url: string }[] {
    return readRemotes(this.#parts.config());
  }

  setRemote(name: string, url: string): void {
    setRemote(this.gitDirectory, this.#parts.config(), { name, url });
    this.#parts.forgetConfig();
  }

  scan({ signal, hints }: ScanInput): WorkTreeChanges {
    const { branch, commit } = this.#parts.head();
    // The person may have changed it since; another ignore file or eol setting means another scan.
    this.#parts.forgetConfig();
    const workTree = this.#workTree(this.#parts.indexOfState());
    this.#view = undefined;
    const found = scanRepository({
      ...workTree,
      openFolderStats: this.#parts.openFolderStats,
      memory: this.#memory,
      partner: this.#partner,
      hints,
      headTree: this.#treeOf(commit),
      pendingTrees: pendingTrees(this.gitDirectory, branch),
      signal,
    });
    this.#stale = found.refreshedPaths;
    this.#view = viewWorkTree(workTree);
    const { changes, skipped, refreshed, tracked } = found;
    return { changes, skipped, refreshed, tracked };
  }

  commit(input: CommitInput): Oid | undefined {
    this.#view = undefined;
    const paths = [...input.paths, ...this.#stale];
    try {
      return commitWorkTree(this.#parts, this.#parts.head(), { ...input, paths });
    } finally {
      // Whoever admits files may have looked at the index.
      this.#view = undefined;
    }
  }

  savepoint(input: SavepointInput): Savepoint {
    return takeSavepoint(this.#parts, this.#parts.head(), input);
  }

  keepVersions(input: KeepVersionsInput): Savepoint {
    return keepVersions(this.#parts, this.#parts.head(), input);
  }

  savepoints(): readonly Savepoint[] {
    return listSavepoints(this.gitDirectory, this.#parts.store);
  }

  async fetch(input: FetchInput): Promise<FetchResult> {
    const { fetchBranches } = await import("./wire/fetch.ts");
    return fetchBranches({
      ...input,
      gitDirectory: this.gitDirectory,
      store: this.#parts.store,
      reflog: this.#reflog(`lull: fetch from ${input.remote}`),
      whileWaiting: () => {
        // For the checkout of what comes.
        this.#parts.settings();
        this.#parts.index();
      },
      startReader: () => this.#parts.help.start(),
      incoming: this.#incoming,
    });
  }

  relate(ours: Oid, theirs: Oid): Relation {
    return relateCommits(this.#parts.store, ours, theirs);
  }

  lastChange(input: LastChangeInput): number | undefined {
    return lastChange(this.#parts.store, input);
  }

  newCommits(tip: Oid, known: Oid | undefined, limit: number): readonly LoggedCommit[] {
    return listNewCommits(this.#parts.store, tip, known, limit);
  }

  versionAt(commit: Oid, path: RepoPath): FileVersion | undefined {
    const tree = this.#treeOf(commit);
    return tree === undefined ? undefined : entryAt(this.#parts.store, tree, path);
  }

  editCommit(input: EditCommitInput): Oid {
    return editCommit(this.#parts, input);
  }

  merge(input: MergeInput): MergeOutcome {
    return mergeIntoCommit(this.#parts, input);
  }

  takeBack(input: TakeBackInput): TakenBack {
    return takeBack(this.#parts, input);
  }

  findRevision(text: string): Oid | undefined {
    return findRevision(this.gitDirectory, this.#parts.store, text);
  }

  checkout(input: CheckoutInput): CheckoutResult {
    this.#view = undefined;
    const result = checkoutCommit(this.#parts, {
      ...input,
      head: this.#parts.headAt(input.from),
      reflog: this.#reflog(input.reason),
    });
    if (result.kind === "done") this.#parts.endGuard();
    // What follows is smaller, or comes another day.
    this.#parts.help.stop();
    return result;
  }

  moveBranch({ reason, ...move }: MoveBranchInput): boolean {
    const hasMoved = moveBranch(this.gitDirectory, move, this.#reflog(reason));
    // Nothing else was merged meanwhile.
    this.#parts.endGuard();
    return hasMoved;
  }

  keepAside(input: KeepAsideInput): FileVersion | undefined {
    return keepAside({ root: this.directory, ...input });
  }

  finishCheckout(): boolean {
    breakAbandonedLocks(this.gitDirectory);
    return finishCheckout(this.#parts, () => ({
      head: this.#parts.head(),
      reflog: this.#reflog("lull: finish an interrupted checkout"),
    }));
  }

  async push(input: PushInput): Promise<PushResult> {
    const { pushBranch } = await import("./wire/push.ts");
    const reflog = this.#reflog(`lull: push to ${input.remote}`);
    // A pack that goes out is read piece by piece: other reads of the same store in between would change what is read.
    using own = input.isBesideOthers === true ? this.#parts.openStore() : undefined;
    const { store } = own ?? this.#parts;
    return await pushBranch({ ...input, gitDirectory: this.gitDirectory, store, reflog });
  }

  records(remote: string): ReadonlyMap<string, RecordLine> {
    return recordsHere(this.#parts, remote);
  }

  record(remote: string, id: string): RecordLine | undefined {
    return recordHere(this.#parts, remote, id);
  }

  async fetchRecords(place: RecordPlace): Promise<void> {
    const { fetchRecords } = await import("./wire/records.ts");
    return fetchRecords(this.#parts, place);
  }

  async pushRecord(input: RecordInput): Promise<PushResult> {
    const { pushRecord } = await import("./wire/records.ts");
    return pushRecord(this.#parts, input);
  }

  countCommits(from: Oid): number {
    return countCommits(this.#parts.store, from);
  }

  log(from: Oid, limit: number): readonly LoggedCommit[] {
    return logCommits(this.#parts.store, from, limit);
  }

  compare(from: Oid | undefined, to: Oid | undefined): readonly FileDifference[] {
    return compareTrees(this.#parts.store, this.#treeOf(from), this.#treeOf(to));
  }

  readBlob(oid: Oid): Uint8Array {
    return this.#parts.store.read(oid).bytes;
  }

  readWorkFile(path: RepoPath): Uint8Array | undefined {
    const scratch = new ScratchBatch(this.#parts.store);
    return workFileVersion(this.#viewed(), path, scratch) === undefined ? undefined : scratch.last;
  }

  workVersion(path: RepoPath): FileVersion | undefined {
    return workFileVersion(this.#viewed(), path);
  }

  workStat(path: RepoPath): WorkStat | undefined {
    return workStat(statPath(toFsPath(this.directory, path)));
  }

  namesIn(folder: RepoPath): readonly RepoPath[] {
    return this.#viewed().index.namesIn(folder);
  }

  indexVersion(path: RepoPath): FileVersion | undefined {
    const { index } = this.#viewed();
    const position = index.find(path);
    return position < 0 ? undefined : index.versionAt(position);
  }

  async maintain(input: MaintainInput): Promise<MaintainResult> {
    const { maintainRepository } = await import("./maintenance/maintain-repository.ts");
    return maintainRepository(this.#parts, input);
  }

  async verify(input: VerifyInput): Promise<VerifyResult> {
    const { verifyRepository } = await import("./verify/verify-repository.ts");
    return (await verifyRepository(this.#parts, input)).result;
  }

  async repair(input: RepairInput): Promise<RepairResult> {
    const { repairRepository } = await import("./verify/repair/repair-repository.ts");
    const { note, author, signal } = input;
    return repairRepository(this.#parts, input, () => {
      try {
        const paths = this.scan({ signal }).changes.map(({ path }) => path);
        return this.savepoint({ note, paths, author, signal }).name;
      } catch (error) {
        // Too much is damaged for one; the repair deletes nothing.
        if (error instanceof LullError && error.kind !== "interrupted") return undefined;
        throw error;
      }
    });
  }

  close(): void {
    this.#partner?.close();
    this.#parts.endGuard();
    this.#parts.help.stop();
    this.#parts.store.close();
  }

  #workTree(index: IndexTable) {
    const { directory: root, gitDirectory } = this;
    return { root, gitDirectory, index, objects: this.#parts.store, settings: this.#parts.settings() };
  }

  #viewed(): WorkTreeView {
    this.#view ??= viewWorkTree(this.#workTree(this.#parts.index()));
    return this.#view;
  }

  #treeOf(commit: Oid | undefined): Oid | undefined {
    if (commit === undefined) return undefined;
    if (this.#head?.commit !== commit)
      this.#head = { commit, tree: readCommitLinks(this.#parts.store, commit).tree };
    return this.#head.tree;
  }

  /** Who it was is found out when a line is written: most runs write none, and the time zone's data take 6 ms to load. */
  #reflog(message: string): ReflogEntry {
    const who = (): Signature => this.#who();
    return {
      get who() {
        return who();
      },
      message,
      policy: this.#parts.reflogPolicy(),
    };
  }

  #who(): Signature {
    const now = this.#parts.clock.now();
    const identity = this.identity() ?? { name: "lull", email: "lull@localhost" };
    return { ...identity, seconds: Math.floor(now / 1000), offsetMinutes: this.#parts.clock.utcOffset(now) };
  }
}
