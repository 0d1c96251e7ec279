/** What the operations of one open repository share. */
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import type { SignCommit } from "../base/signing.ts";
import type { DiskCalls } from "./checkout/durability.ts";
import type { StartDeflater } from "./objects/deflate-lane.ts";
import { openObjectStore, type ObjectStore } from "./objects/object-store.ts";
import { commonDirectory } from "./refs/common-directory.ts";
import { PullHelp, type StartPullThread } from "./pull-help.ts";
import { refuseOtherPlace } from "./refs/held-head.ts";
import { requireGitDirectory } from "./refs/find-repository.ts";
import { inspectRepository } from "./refs/inspect-repository.ts";
import { readRef } from "./refs/ref-store.ts";
import type { Head, RepositoryState } from "./refs/repository-state.ts";
import type { ReflogPolicy } from "./refs/reflog.ts";
import type { GitConfig } from "./repository-config/git-config.ts";
import { type Environment, loadConfig } from "./repository-config/load-config.ts";
import type { SignPolicy } from "./repository-config/signing-request.ts";
import { workTreeSettings } from "./work-tree-settings.ts";
import type { OpenFolderStats } from "./worktree/folder-look.ts";
import { readIndex } from "./worktree/index-file.ts";
import type { GuardedRename } from "./checkout/put-in-place.ts";
import type { IndexTable } from "./worktree/index-table.ts";
import type { StartScanThread } from "./worktree/scan-partner.ts";
import type { WorkTreeSettings } from "./worktree/settings.ts";

export type GitOptions = {
  readonly clock: Clock;
  /** For git's own config files and identity: HOME, XDG_CONFIG_HOME, GIT_CONFIG_GLOBAL, GIT_AUTHOR_NAME … */
  readonly environment: Environment;
  /** Windows' rules for names and line ends hold. */
  readonly windows: boolean;
  /** One call that brings a whole file system to the disk; left out: each file is synced by itself. */
  readonly openFileSystem?: DiskCalls["openFileSystem"];
  /** Renames that overwrite nothing by mistake; left out: plain ones. */
  readonly guardedRename?: () => GuardedRename | undefined;
  /** A second thread for the many objects of a large commit; left out: one thread does it all. */
  readonly startDeflater?: StartDeflater;
  /** A second thread for a large fetch and its checkout; left out: one thread does it all. */
  readonly startPullThread?: StartPullThread;
  /** A second thread for the scans of a repository that stays open; left out: one thread does it all. */
  readonly startScanThread?: StartScanThread;
  /** Signs commits; left out: where they must be signed, none is made. */
  readonly signer?: SignCommit;
  /** A faster lstat for the many files of a scan; left out: each file is asked for by itself. */
  readonly openFolderStats?: OpenFolderStats;
};

export class RepositoryParts {
  readonly directory: string;
  /** The own one of this work tree; what is shared with others lies in its `commonDirectory`. */
  readonly gitDirectory: string;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly help: PullHelp;
  readonly signPolicy: SignPolicy;
  readonly #options: GitOptions;
  #config: GitConfig | undefined;
  #index: IndexTable | undefined;
  #unguard: (() => void) | undefined;

  /** @param opened `index`: read just before, for a look at the repository */
  constructor(
    directory: string,
    options: GitOptions,
    opened: { readonly index?: IndexTable | undefined; readonly sign?: SignPolicy | undefined } = {},
  ) {
    this.directory = directory;
    this.gitDirectory = requireGitDirectory(directory);
    this.store = openObjectStore(commonDirectory(this.gitDirectory));
    this.clock = options.clock;
    this.help = new PullHelp(options.startPullThread);
    this.#options = options;
    this.signPolicy = opened.sign ?? "auto";
    this.#index = opened.index;
  }

  get environment(): Environment {
    return this.#options.environment;
  }

  get windows(): boolean {
    return this.#options.windows;
  }

  get signer(): SignCommit | undefined {
    return this.#options.signer;
  }

  get startDeflater(): GitOptions["startDeflater"] {
    return this.#options.startDeflater;
  }

  get startScanThread(): GitOptions["startScanThread"] {
    return this.#options.startScanThread;
  }

  get openFileSystem(): GitOptions["openFileSystem"] {
    return this.#options.openFileSystem;
  }

  get guardedRename(): GitOptions["guardedRename"] {
    return this.#options.guardedRename;
  }

  get openFolderStats(): GitOptions["openFolderStats"] {
    return this.#options.openFolderStats;
  }

  /** For reading only. Read again when the file is another one than last time. */
  index(): IndexTable {
    this.#index = readIndex(this.gitDirectory, { known: this.#index, isUnverified: true });
    return this.#index;
  }

  /** As the last `state` or `head` found it, a moment ago. */
  indexOfState(): IndexTable {
    return this.#index ?? this.index();
  }

  /** Read once; `forgetConfig` after an edit. */
  config(): GitConfig {
    this.#config ??= loadConfig({
      gitDirectory: this.gitDirectory,
      branch: () => this.#currentBranch(),
      environment: this.#options.environment,
    });
    return this.#config;
  }

  forgetConfig(): void {
    this.#config = undefined;
  }

  /** The same objects over file handles of their own; closed with the returned object. */
  openStore(): { readonly store: ObjectStore } & Disposable {
    const store = openObjectStore(this.store.gitDirectory);
    return { store, [Symbol.dispose]: () => store.close() };
  }

  /** Takes over the guard of objects that no ref names yet; an earlier one ends, as what it guarded was given up. */
  guard(release: () => void): void {
    this.endGuard();
    this.#unguard = release;
  }

  /** As `guard`, for what is built upon what is guarded already. */
  guardMore(release: () => void): void {
    const earlier = this.#unguard;
    this.#unguard = () => {
      earlier?.();
      release();
    };
  }

  /** To be called when refs name what is guarded, or never will. */
  endGuard(): void {
    this.#unguard?.();
    this.#unguard = undefined;
  }

  settings(): WorkTreeSettings {
    return workTreeSettings(this.config(), this.#options.environment, this.#options.windows ? "crlf" : "lf");
  }

  reflogPolicy(): ReflogPolicy {
    const value = this.config().get("core.logallrefupdates")?.toLowerCase();
    if (value === "always") return "always";
    return this.config().boolean("core.logallrefupdates") === false ? "existing" : "usual";
  }

  state(): RepositoryState {
    return inspectRepository(this.directory, this.clock, () => this.index());
  }

  /** @throws LullError as `head`; `REF_CHANGED` when HEAD is elsewhere by now */
  headAt(expected: Head): Head {
    const head = this.head();
    refuseOtherPlace(head, expected);
    return head;
  }

  /** For `[includeIf "onbranch:…"]`. */
  #currentBranch(): string | undefined {
    const head = readRef(this.gitDirectory, "HEAD");
    return head?.kind === "symbolic" ? head.target : undefined;
  }

  /**
   * @throws LullError `REPOSITORY_BUSY` (kind `unsafe`) when the repository is no longer ready; `isBrief` in its `data`
   *   as in `RepositoryState`
   */
  head(): Head {
    const state = this.state();
    if (state.kind === "ready") return state.head;
    const [message, hint, isBrief = false] =
      state.kind === "busy"
        ? [state.reason, state.hint, state.isBrief]
        : [`${this.directory} is not ready any more`, "run the command again"];
    throw new LullError({ kind: "unsafe", code: "REPOSITORY_BUSY", message, hint, data: { isBrief } });
  }
}
