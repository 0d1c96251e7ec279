import { join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import type { Timers } from "../../base/timers.ts";
import type {
  FolderWatcher,
  TreeEvent,
  TreeToWatch,
  WatchedTree,
} from "../../platform/watch/folder-watcher.ts";
import type {
  folderIdentity,
  folderIdentityAtOnce,
  mountTable,
  signatureOf,
} from "../../platform/watch/look-at-folder.ts";
import type { networkFileSystem } from "../../platform/watch/network-folder.ts";
import { alignedDelay } from "./aligned-delay.ts";
import { ChangeReporter } from "./change-reporter.ts";
import { EXCLUDE_FILE, findGitDirectories, type GitDirectories, saysNothing } from "./git-directories.ts";
import { Poller } from "./poller.ts";
import type {
  ChangedPaths,
  PollingReason,
  RunEnd,
  SourceToWatch,
  SourceWatch,
  WatchState,
  WatchTarget,
} from "./watch.ts";

export type WatchDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** One for all sources. */
  readonly watcher: FolderWatcher;
  readonly networkFileSystem: typeof networkFileSystem;
  readonly folderIdentity: typeof folderIdentity;
  readonly folderIdentityAtOnce: typeof folderIdentityAtOnce;
  readonly mountTable: typeof mountTable;
  readonly signatureOf: typeof signatureOf;
};

/** How often is looked whether the folder is still the same one: a file system mounted over it causes no event. */
const PRESENCE_MS = 30_000;
/** The same while it is gone: somebody has plugged the disk in and waits. */
const RETURN_MS = 10_000;
/** After a refusal for want of room: others may have ended, or the limit was raised. */
const RETRY_MS = 600_000;
const RULE_FILE = ".gitignore";

/** Watches a source's folder. Disposing of it ends everything it has started. */
export function watchSource(deps: WatchDeps, source: SourceToWatch, target: WatchTarget): SourceWatch {
  return new Watch(deps, source, target);
}

/** What is open for one way of noticing changes. */
type Eyes = {
  readonly handles: readonly Disposable[];
  readonly workTree: WatchedTree | undefined;
};

type Found =
  /** The folder and its repository are known again by this. */
  { readonly kind: "there"; readonly identity: string } | { readonly kind: "gone"; readonly message: string };

const NO_EYES: Eyes = { handles: [], workTree: undefined };

class Watch implements SourceWatch {
  readonly ready: Promise<void>;
  readonly #deps: WatchDeps;
  readonly #source: SourceToWatch;
  readonly #target: WatchTarget;
  readonly #reporter: ChangeReporter;
  #state: WatchState = { kind: "starting" };
  #eyes = NO_EYES;
  /** Counts attempts to start, so that what an earlier one still awaits or hears is left alone. */
  #attempt = 0;
  /** The attempt that the present eyes are of. */
  #seeing = 0;
  #identity: string | undefined;
  #hadRepository = false;
  /** What was mounted when the folder was last looked at. */
  #mounts: bigint | undefined;
  #timer: Disposable | undefined;
  #retryAt = Number.POSITIVE_INFINITY;
  #rules: "read" | "reading" | "old" = "read";

  constructor(deps: WatchDeps, source: SourceToWatch, target: WatchTarget) {
    const { clock, timers } = deps;
    const { quietMs, maxWaitMs } = source;
    this.#deps = deps;
    this.#source = source;
    this.#target = target;
    this.#reporter = new ChangeReporter({ clock, timers, quietMs, maxWaitMs, emit: target.emit });
    target.signal?.addEventListener("abort", this.#close);
    if (target.signal?.aborted === true) this.#close();
    this.ready = this.#start();
  }

  get state(): WatchState {
    return this.#state;
  }

  get dueAt(): number | undefined {
    return this.#reporter.dueAt;
  }

  startRun(): ChangedPaths {
    return this.#reporter.startRun();
  }

  endRun(end: RunEnd): void {
    this.#reporter.endRun(end);
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  readonly #close = (): void => {
    this.#target.signal?.removeEventListener("abort", this.#close);
    this.#use(NO_EYES);
    this.#attempt++;
    this.#timer?.[Symbol.dispose]();
    this.#reporter[Symbol.dispose]();
    this.#state = { kind: "closed" };
  };

  /** Chooses how to notice changes. What is in use stays so until there is something better. */
  async #start(): Promise<void> {
    if (this.#state.kind === "closed") return;
    const attempt = ++this.#attempt;
    const { directory } = this.#source;
    this.#mounts = this.#deps.mountTable();
    const found = await this.#look(this.#deps.folderIdentity);
    const network = found.kind === "gone" ? undefined : await this.#networkName();
    if (attempt !== this.#attempt) return;
    this.#identity = found.kind === "there" ? found.identity : undefined;
    if (found.kind === "gone") this.#leave(found.message);
    else if (network !== undefined) this.#poll(networkReason(directory, network));
    else await this.#watch(attempt);
    if (attempt === this.#attempt) this.#checkLater();
  }

  async #watch(attempt: number): Promise<void> {
    const { directory, gitDirectory, ignore } = this.#source;
    const { watcher } = this.#deps;
    const git = findGitDirectories(directory, gitDirectory);
    ignore?.reset();
    const open: WatchedTree[] = [];
    /** The trees tell of the attempt they were opened for, until others are in use. */
    const hear = (handle: (path: string) => void) => (event: TreeEvent) => {
      if (attempt !== this.#attempt && attempt !== this.#seeing) return;
      if (event.kind === "changed") handle(event.path);
      else if (event.kind === "lost") this.#reporter.noteAnything();
      else this.#lose(attempt, open, event);
    };
    const workTree = watcher.watchTree({
      directory,
      ...this.#workTreeLook(),
      tell: hear((path) => this.#noteFile(path)),
    });
    open.push(workTree);
    for (const folder of new Set(git === undefined ? [] : [git.own, git.common]))
      open.push(
        watcher.watchTree({
          directory: folder,
          isLeftOut: saysNothing,
          tell: hear((path) => this.#noteInGit(path)),
        }),
      );
    await Promise.all(open.map((tree) => tree.ready));
    if (attempt !== this.#attempt) return closeAll(open);
    this.#use({ handles: open, workTree });
    this.#seeing = attempt;
    this.#arrive({ kind: "events", folders: workTree.folders }, git);
  }

  #workTreeLook(): Pick<TreeToWatch, "isLeftOut" | "ruleFile"> {
    const { ignore } = this.#source;
    if (ignore === undefined) return { isLeftOut: isRepository };
    return {
      isLeftOut: (path, isFolder) => isRepository(path) || ignore.isIgnored(path, isFolder),
      ruleFile: { name: RULE_FILE, enter: (folder) => ignore.enter(folder) },
    };
  }

  /** One of an attempt's trees has ended. */
  #lose(
    attempt: number,
    open: readonly WatchedTree[],
    event: Extract<TreeEvent, { kind: "gone" | "refused" }>,
  ): void {
    closeAll(open);
    const wasSeeing = attempt === this.#seeing;
    this.#seeing = 0;
    if (attempt === this.#attempt) this.#attempt++;
    if (event.kind === "refused") this.#poll(event.refusal);
    // Removed, moved or unmounted; another one may be in its place at once.
    else if (wasSeeing) return void this.#startAgain();
    else this.#leave(`${this.#source.directory} can not be read`);
    this.#checkLater();
  }

  async #startAgain(): Promise<void> {
    this.#reporter.noteAnything();
    await this.#start();
  }

  #noteFile(path: string): void {
    this.#reporter.note(path);
    if (path === RULE_FILE || path.endsWith(`/${RULE_FILE}`)) void this.#readRules();
  }

  #noteInGit(path: string): void {
    if (path === EXCLUDE_FILE) void this.#readRules();
    else this.#reporter.noteBranch();
  }

  /** What was ignored may count now, and is not watched yet. */
  async #readRules(): Promise<void> {
    const { ignore } = this.#source;
    if (ignore === undefined) return;
    const isReading = this.#rules === "reading" || this.#rules === "old";
    this.#rules = "old";
    if (isReading) return;
    while (this.#isOld()) {
      this.#rules = "reading";
      ignore.reset();
      await this.#eyes.workTree?.rearm();
    }
    this.#rules = "read";
    this.#reporter.noteAnything();
  }

  #isOld(): boolean {
    return this.#rules === "old" && this.#state.kind !== "closed";
  }

  #leave(message: string): void {
    this.#use(NO_EYES);
    if (this.#state.kind === "gone") return;
    this.#reporter.leave();
    this.#state = { kind: "gone", message };
    this.#target.emit({ kind: "gone", message });
  }

  #poll(reason: PollingReason): void {
    this.#retryAt =
      reason.code === "NETWORK_FOLDER" ? Number.POSITIVE_INFINITY : this.#deps.clock.monotonic() + RETRY_MS;
    // The poller in use knows what it has seen; another one would begin anew.
    if (
      this.#eyes.workTree === undefined &&
      this.#state.kind === "polling" &&
      this.#state.reason.code === reason.code
    )
      return;
    const { directory, gitDirectory = join(directory, ".git") } = this.#source;
    const poller = new Poller({
      ...this.#deps,
      beforeLook: () => this.#source.ignore?.reset(),
      places: [
        { directory, look: this.#workTreeLook() },
        { directory: gitDirectory, look: { isLeftOut: saysNothing } },
      ],
      onChange: () => this.#reporter.noteAnything(),
      onPace: (everyMs) => this.#arrive({ kind: "polling", everyMs, reason }, undefined),
    });
    this.#use({ handles: [poller], workTree: undefined });
    this.#arrive({ kind: "polling", everyMs: poller.everyMs, reason }, undefined);
  }

  /** Changes are noticed from now on. */
  #arrive(state: Extract<WatchState, { kind: "events" | "polling" }>, git: GitDirectories | undefined): void {
    const before = this.#state;
    this.#state = state;
    if (state.kind === "events") this.#retryAt = Number.POSITIVE_INFINITY;
    this.#reporter.arrive({ git, all: state.kind === "events" });
    if (before.kind === "gone") this.#target.emit({ kind: "back" });
    const isSame = isAlike(before, state);
    // Nobody has looked from one to the other. Before the start that is the concern of others.
    if (!isSame && before.kind !== "starting") this.#reporter.noteAnything();
    if (state.kind === "polling") {
      const { everyMs, reason } = state;
      this.#target.emit({ kind: "mode", mode: "polling", everyMs, reason });
    } else if (!isSame) this.#target.emit({ kind: "mode", mode: "events", folders: state.folders });
  }

  #use(eyes: Eyes): void {
    const before = this.#eyes;
    this.#eyes = eyes;
    closeAll(before.handles);
  }

  #checkLater(): void {
    this.#timer?.[Symbol.dispose]();
    const { clock, timers } = this.#deps;
    const every = this.#state.kind === "gone" ? RETURN_MS : PRESENCE_MS;
    this.#timer = timers.after(alignedDelay(clock, every), () => void this.#check());
  }

  async #check(): Promise<void> {
    const attempt = this.#attempt;
    const { folderIdentity, folderIdentityAtOnce } = this.#deps;
    const mounts = this.#deps.mountTable();
    // Events come of local folders only: if it is still the same file system, it answers. Threads would be the safe way,
    // but for 20 sources they wake the process 40 times.
    const isLocal = this.#state.kind === "events" && mounts !== undefined && mounts === this.#mounts;
    const found = await this.#look(isLocal ? folderIdentityAtOnce : folderIdentity);
    if (attempt !== this.#attempt) return;
    if (this.#state.kind === "gone") return found.kind === "gone" ? this.#checkLater() : this.#start();
    if (found.kind === "gone" || found.identity !== this.#identity) return this.#startAgain();
    this.#mounts = mounts;
    if (this.#deps.clock.monotonic() >= this.#retryAt) return this.#start();
    this.#checkLater();
  }

  async #look(identityOf: WatchDeps["folderIdentity"] | WatchDeps["folderIdentityAtOnce"]): Promise<Found> {
    const { directory, gitDirectory = join(directory, ".git") } = this.#source;
    const folder = await identityOf(directory);
    if (folder === undefined) return { kind: "gone", message: `${directory} is not there` };
    const repository = await identityOf(gitDirectory);
    if (repository === undefined && this.#hadRepository) {
      const message = `${directory} has no repository any more; its file system may not be mounted`;
      return { kind: "gone", message };
    }
    this.#hadRepository = repository !== undefined;
    return { kind: "there", identity: `${folder} ${repository ?? "none"}` };
  }

  async #networkName(): Promise<string | undefined> {
    try {
      return await this.#deps.networkFileSystem(this.#source.directory);
    } catch {
      // Whoever watches it will find out.
      return undefined;
    }
  }
}

/** The repository itself, or that of a repository inside. */
function isRepository(path: string): boolean {
  const end = path.slice(-"/.git".length).toLowerCase();
  return end === "/.git" || end === ".git";
}

function networkReason(directory: string, fileSystem: string): PollingReason {
  return {
    code: "NETWORK_FOLDER",
    message: `${directory} is on ${fileSystem}, where changes by other machines cause no events`,
    hint: undefined,
  };
}

function isAlike(before: WatchState, state: WatchState): boolean {
  if (before.kind !== "polling" || state.kind !== "polling") return before.kind === state.kind;
  return before.reason.code === state.reason.code;
}

function closeAll(handles: readonly Disposable[]): void {
  for (const handle of handles) handle[Symbol.dispose]();
}
