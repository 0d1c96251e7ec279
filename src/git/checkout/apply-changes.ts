/** The second pass: does to each path what was decided, after looking at it once more. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem } from "../../base/errors.ts";
import type { FileVersion, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import { displayPath, parentPath, toFsPath } from "../paths.ts";
import { removeEmptyDirectories } from "../refs/empty-directories.ts";
import type { IndexUpdate, StatData } from "../worktree/index-model.ts";
import type { Timestamp } from "../worktree/index-table.ts";
import type { FileStat } from "../worktree/stat.ts";
import { sameStat, statHandle, statPath } from "../worktree/stat.ts";
import { blockingReason } from "./blocking-reason.ts";
import type { Decision, DecisionRules } from "./decide.ts";
import { decide, isRepair } from "./decide.ts";
import type { Durability } from "./durability.ts";
import { EnteredFolder } from "./folder-states.ts";
import type { BlockedPath, PlannedPath } from "./plan-checkout.ts";
import type { LookInput } from "./present-file.ts";
import { lookAt } from "./present-file.ts";
import type { FileWriter, PreparedFile } from "./write-file.ts";
import type { WritingLane } from "./writing-lane.ts";

/** `recheck` comes before the last look at a path; the others right before they happen. */
export type CheckoutStep =
  | "journal"
  | "folder"
  | "prepare"
  | "sync-files"
  | "recheck"
  | "place"
  | "set-mode"
  | "remove"
  | "sync"
  | "complete"
  | "index"
  | "branch"
  | "clear";

export type Trace = (step: CheckoutStep, path: RepoPath) => void;

export type ApplyInput = {
  readonly look: LookInput;
  readonly rulesOf: (path: RepoPath) => DecisionRules;
  /** Stat data from before this moment vouches for content. */
  readonly lockedAt: Timestamp;
  /** Throws when the top folder is another one now. */
  readonly checkRoot: () => void;
  readonly trace: Trace | undefined;
};

/** What a checkout needs from its first write on. */
export type WriteTools = {
  readonly writer: FileWriter;
  readonly durability: Durability;
  /** A second thread makes one batch of new versions while another is put in place. */
  readonly lane?: WritingLane | undefined;
};

/** A batch of new versions in temporary files: at most this many of them or this many bytes and one file more. */
const MOST_WAITING = 500;
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/**
 * Nothing here waits, so the collector hardly comes to it by itself. A clone of 50,000 files peaked at 352 MB without a
 * nudge, at 305 MB with one each so many files, in the same time.
 */
const FILES_PER_COLLECTION = 10_000;

type NewVersion = {
  readonly planned: PlannedPath;
  readonly after: FileVersion;
  /** The file that stood there when the path was surveyed. */
  readonly present: FileStat | undefined;
};
type Waiting = NewVersion & { readonly prepared: PreparedFile };

/** The paths' order is the caller's. Disposing removes the temporary files of what was not put in place. */
export class ApplyChanges implements Disposable {
  readonly updates = new Map<RepoPath, IndexUpdate | undefined>();
  /** Folders in which names changed. */
  readonly touched = new Set<RepoPath>();
  written = 0;
  removed = 0;
  readonly #input: ApplyInput;
  readonly #start: () => WriteTools;
  #tools: WriteTools | undefined;
  /** New versions that wait: the batch that is being put in place, the one behind it, and the one that grows. */
  #placing: readonly Waiting[] = [];
  #next: readonly Waiting[] = [];
  #growing: Waiting[] = [];
  #growingBytes = 0;
  #sinceCollection = 0;
  /** The folder of the last file put in place from this batch: its neighbours need not make it again. */
  #madeFolder: RepoPath | undefined;

  readonly #entered: EnteredFolder;

  /** @param start called once, before the first write */
  constructor(input: ApplyInput, start: () => WriteTools) {
    this.#input = input;
    this.#start = start;
    this.#entered = new EnteredFolder(input.look.root);
  }

  /**
   * Takes one path in hand; a new version of a file may wait for `finish`. Returns what turned out to be blocked, this
   * path or one that waited, undefined when all went well (or is none of lull's business).
   */
  path(planned: PlannedPath, surveyed: Decision): BlockedPath | undefined {
    const { after } = planned;
    if (surveyed.kind === "leave") return undefined;
    if (surveyed.kind === "done") {
      this.#settle(planned, surveyed.stat);
      return undefined;
    }
    const tools = (this.#tools ??= this.#start());
    if (after !== undefined && after.mode !== MODE.submodule)
      return this.#write({ planned, after, present: presentStat(surveyed) }, tools);
    this.#input.checkRoot();
    return this.#attempt(planned, () =>
      after === undefined ? this.#remove(planned, tools.writer) : this.#makeSubmodule(planned),
    );
  }

  /** Puts in place what waits. */
  finish(): BlockedPath | undefined {
    this.#tools?.lane?.callOut();
    return this.#placeNext() ?? this.#placeNext();
  }

  /** A crash of the machine must not take back a rename after the branch has moved. */
  syncFolders(): void {
    this.#tools?.durability.syncFolders(this.touched, (folder) => this.#trace("sync", folder));
  }

  [Symbol.dispose](): void {
    this.#tools?.lane?.[Symbol.dispose]();
    this.#discardWaiting();
    this.#tools?.durability[Symbol.dispose]();
  }

  /** @param act returns what blocks the path */
  #attempt(planned: PlannedPath, act: () => string | undefined): BlockedPath | undefined {
    const { path, after } = planned;
    let reason: string | undefined;
    try {
      reason = act();
    } catch (error) {
      reason = blockingReason(error);
      if (reason === undefined)
        throw fromSystem(error, `${after === undefined ? "remove" : "write"} ${displayPath(path)}`);
    }
    return reason === undefined || isRepair(planned) ? undefined : { path, reason };
  }

  #write(file: NewVersion, { writer, durability, lane }: WriteTools): BlockedPath | undefined {
    const { planned, after, present } = file;
    const blocked = this.#attempt(planned, () => {
      this.#trace("prepare", planned.path);
      const prepared = writer.prepare(planned.path, after, present);
      this.#growing.push({ ...file, prepared });
      this.#growingBytes += prepared.size;
      return undefined;
    });
    if (blocked !== undefined) return blocked;
    if (!durability.isDeferring) return this.finish();
    if (this.#growing.length < MOST_WAITING && this.#growingBytes < MOST_WAITING_BYTES) return undefined;
    return lane === undefined ? this.finish() : this.#placeNext();
  }

  /** Puts the next batch in place; all of it is on disk before the first of it takes the place of an old version. */
  #placeNext(): BlockedPath | undefined {
    this.#placing = this.#next;
    this.#next = this.#growing;
    this.#growing = [];
    this.#growingBytes = 0;
    if (this.#tools === undefined || this.#placing.length === 0) return undefined;
    const { durability } = this.#tools;
    for (const { planned, prepared } of this.#placing.toReversed()) {
      const blocked = this.#attempt(planned, () => {
        prepared.complete();
        return undefined;
      });
      if (blocked !== undefined) return blocked;
    }
    if (durability.isDeferring) this.#trace("sync-files", "");
    if (!durability.syncWritten()) return this.#writeAgain(this.#tools);
    this.#madeFolder = undefined;
    for (const waiting of this.#placing) {
      throwIfAborted(this.#input.look.signal);
      const blocked = this.#attempt(waiting.planned, () => this.#replace(waiting));
      if (blocked !== undefined) return blocked;
    }
    discard(this.#placing);
    this.#collectAfter(this.#placing.length);
    this.#placing = [];
    return undefined;
  }

  #collectAfter(files: number): void {
    this.#sinceCollection += files;
    if (this.#sinceCollection < FILES_PER_COLLECTION) return;
    this.#sinceCollection = 0;
    Bun.gc(true);
  }

  /** Something did not reach the disk: from now on each file is synced, and answers, for itself. */
  #writeAgain(tools: WriteTools): BlockedPath | undefined {
    const again = [...this.#placing, ...this.#next, ...this.#growing];
    this.#discardWaiting();
    for (const { planned, after, present } of again) {
      const blocked = this.#write({ planned, after, present }, tools);
      if (blocked !== undefined) return blocked;
    }
    return undefined;
  }

  #discardWaiting(): void {
    for (const batch of [this.#placing, this.#next, this.#growing]) discard(batch);
    this.#placing = [];
    this.#next = [];
    this.#growing = [];
    this.#growingBytes = 0;
  }

  #replace({ planned, after, prepared }: Waiting): string | undefined {
    const { path } = planned;
    const folder = parentPath(path);
    // Where folders are above, one that was unmounted shows itself by their absence.
    if (folder === "" || folder !== this.#madeFolder) this.#input.checkRoot();
    const obstacle = folder === this.#madeFolder ? undefined : this.#makeFolders(path);
    if (obstacle !== undefined) return obstacle;
    this.#madeFolder = folder;
    const decision = this.#lookAgain(planned);
    if (decision.kind === "replace-folder" && !removeEmptyDirectories(toFsPath(this.#root, path)))
      return "a folder is in the way";
    if (decision.kind === "write" || decision.kind === "replace-folder") {
      this.#trace("place", path);
      const placed = prepared.place(presentStat(decision));
      if (placed.kind === "changed") return "changed meanwhile";
      this.updates.set(path, { ...after, stat: placed.stat });
      this.touched.add(folder);
      this.written++;
      return undefined;
    }
    if (decision.kind === "set-mode") return this.#setMode(path, after, decision.stat);
    return this.#otherwise(planned, decision);
  }

  #makeSubmodule(planned: PlannedPath): string | undefined {
    const { path } = planned;
    const obstacle = this.#makeFolders(path);
    if (obstacle !== undefined) return obstacle;
    const decision = this.#lookAgain(planned);
    if (decision.kind !== "write") return this.#otherwise(planned, decision);
    this.#trace("folder", path);
    if (decision.present.kind !== "missing") unlinkSync(toFsPath(this.#root, path));
    mkdirSync(toFsPath(this.#root, path));
    this.touched.add(parentPath(path));
    this.written++;
    this.#settle(planned, undefined);
    return undefined;
  }

  #remove(planned: PlannedPath, writer: FileWriter): string | undefined {
    const { path } = planned;
    const decision = this.#lookAgain(planned);
    if (decision.kind !== "remove") return this.#otherwise(planned, decision);
    this.#trace("remove", path);
    if (!writer.remove(path, decision.stat)) return "changed meanwhile";
    this.#removeEmptyParents(path);
    this.removed++;
    this.#settle(planned, undefined);
    return undefined;
  }

  /** Through a handle that was opened without following a link, and only if it is still the file that was looked at. */
  #setMode(path: RepoPath, after: FileVersion, expected: FileStat): string | undefined {
    this.#trace("set-mode", path);
    const handle = openSync(
      toFsPath(this.#root, path),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    try {
      if (!sameStat(statHandle(handle).data, expected.data)) return "changed meanwhile";
      const mode = fstatSync(handle).mode & 0o777;
      fchmodSync(
        handle,
        after.mode === MODE.executable ? mode | 0o100 | ((mode >> 2) & 0o111) : mode & 0o666,
      );
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    this.updates.set(path, { ...after, stat: undefined });
    this.written++;
    return undefined;
  }

  #lookAgain(planned: PlannedPath): Decision {
    this.#trace("recheck", planned.path);
    const folders = this.#entered.states(parentPath(planned.path));
    return decide(
      planned,
      lookAt(this.#input.look, planned.path, folders),
      this.#input.rulesOf(planned.path),
    );
  }

  /** The decision is another one than in the first pass: there is nothing left to do, or it must not be done. */
  #otherwise(planned: PlannedPath, decision: Decision): string | undefined {
    if (decision.kind === "leave") return undefined;
    if (decision.kind === "blocked") return decision.reason;
    if (decision.kind !== "done") return "changed meanwhile";
    this.#settle(planned, decision.stat);
    return undefined;
  }

  #settle({ path, after }: PlannedPath, stat: FileStat | undefined): void {
    this.updates.set(path, after === undefined ? undefined : { ...after, stat: this.#vouching(stat) });
  }

  #vouching(stat: FileStat | undefined): StatData | undefined {
    if (stat === undefined) return undefined;
    const { seconds, nanoseconds } = this.#input.lockedAt;
    const { mtimeSeconds, mtimeNanoseconds } = stat.data;
    const isOlder = mtimeSeconds < seconds || (mtimeSeconds === seconds && mtimeNanoseconds < nanoseconds);
    return isOlder ? stat.data : undefined;
  }

  /** One by one, so that no link among them is followed. Returns what is in the way. */
  #makeFolders(path: RepoPath): string | undefined {
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      const stat = statPath(toFsPath(this.#root, folder));
      if (stat?.kind === "directory") continue;
      if (stat !== undefined) return "a file or link stands where its folder must be";
      this.#trace("folder", folder);
      mkdirSync(toFsPath(this.#root, folder));
      this.touched.add(parentPath(folder));
    }
    return undefined;
  }

  /** Never the top folder; rmdir itself refuses one that still holds something. */
  #removeEmptyParents(path: RepoPath): void {
    let parent = parentPath(path);
    for (; parent !== ""; parent = parentPath(parent)) {
      try {
        rmdirSync(toFsPath(this.#root, parent));
      } catch {
        break;
      }
    }
    this.touched.add(parent);
  }

  get #root(): string {
    return this.#input.look.root;
  }

  #trace(step: CheckoutStep, path: RepoPath): void {
    this.#input.trace?.(step, path);
  }
}

function discard(batch: readonly Waiting[]): void {
  for (const { prepared } of batch) prepared.discard();
}

function presentStat(decision: Decision): FileStat | undefined {
  if (decision.kind === "set-mode") return decision.stat;
  if (decision.kind !== "write") return undefined;
  const { present } = decision;
  return present.kind === "file" || present.kind === "symlink" ? present.stat : undefined;
}
