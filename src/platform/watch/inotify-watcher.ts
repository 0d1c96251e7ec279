/** Watches trees with one inotify for all of them: the system gives a user no more than 128. */
import type { Timers } from "../../base/timers.ts";
import { FolderTable, MOST_TREES } from "./folder-table.ts";
import type { FolderWatcher, TreeToWatch, WatchedTree, WatchRefusal } from "./folder-watcher.ts";
import { IN, type Inotify, openInotify } from "./inotify.ts";
import { recordsIn } from "./inotify-records.ts";
import { InotifyTree } from "./inotify-tree.ts";
import { watchFailed, watcherLimit } from "./refusals.ts";

/** After an overflow folders may be missing; while more overflow the search would be in vain. */
const REST_AFTER_OVERFLOW_MS = 2000;
/** Overflows that never stop must not put it off for ever. */
const MOST_DELAYS = 15;

export class InotifyWatcher implements FolderWatcher {
  readonly #timers: Timers;
  readonly #table = new FolderTable();
  readonly #trees = new Map<number, InotifyTree>();
  #inotify: Inotify | undefined;
  #rearming: { readonly timer: Disposable; readonly delays: number } | undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  watchTree(tree: TreeToWatch): WatchedTree {
    const id = this.#freeId();
    const inotify = this.#open();
    if (id === undefined || typeof inotify === "string") {
      return new RefusedTree(
        tree,
        inotify === "limit" ? watcherLimit() : watchFailed("inotify can not be called"),
      );
    }
    const watched = new InotifyTree({ tree, id, inotify, table: this.#table, onClose: () => this.#drop(id) });
    this.#trees.set(id, watched);
    return watched;
  }

  [Symbol.dispose](): void {
    for (const tree of this.#trees.values()) tree[Symbol.dispose]();
  }

  #open(): Inotify | "limit" | "unavailable" {
    if (this.#inotify !== undefined) return this.#inotify;
    const opened = openInotify({
      timers: this.#timers,
      onRecords: (records) => this.#handle(records),
      onLoss: () => this.#overflow(),
      onFailure: (message) => this.#fail(message),
    });
    if (typeof opened !== "string") this.#inotify = opened;
    return opened;
  }

  #freeId(): number | undefined {
    for (let id = 0; id < MOST_TREES; id++) if (!this.#trees.has(id)) return id;
    return undefined;
  }

  #drop(id: number): void {
    this.#trees.delete(id);
    if (this.#trees.size > 0) return;
    this.#rearming?.timer[Symbol.dispose]();
    this.#rearming = undefined;
    this.#inotify?.[Symbol.dispose]();
    this.#inotify = undefined;
  }

  #handle(records: Uint8Array): void {
    for (const { watch, mask, name } of recordsIn(records)) {
      if ((mask & IN.Q_OVERFLOW) !== 0) this.#overflow();
      for (const row of this.#table.rowsOf(watch)) {
        // It may be gone by what the row before it has brought about.
        if (this.#table.watchOf(row) !== watch) continue;
        this.#trees.get(this.#table.treeOf(row))?.handle(row, mask, name);
      }
    }
  }

  #overflow(): void {
    for (const tree of this.#trees.values()) tree.lose();
    const delays = this.#rearming?.delays ?? 0;
    if (delays === MOST_DELAYS) return;
    this.#rearming?.timer[Symbol.dispose]();
    const timer = this.#timers.after(REST_AFTER_OVERFLOW_MS, () => {
      this.#rearming = undefined;
      for (const tree of this.#trees.values()) void tree.rearm().then(() => tree.lose());
    });
    this.#rearming = { timer, delays: delays + 1 };
  }

  #fail(message: string): void {
    this.#inotify?.[Symbol.dispose]();
    this.#inotify = undefined;
    const refusal = watchFailed(`the system's events can not be read: ${message}`);
    for (const tree of this.#trees.values()) tree.refuse(refusal);
  }
}

class RefusedTree implements WatchedTree {
  readonly folders = 0;
  readonly ready: Promise<void>;
  #isClosed = false;

  constructor(tree: TreeToWatch, refusal: WatchRefusal) {
    this.ready = this.#refuse(tree, refusal);
  }

  async #refuse(tree: TreeToWatch, refusal: WatchRefusal): Promise<void> {
    // Told after the caller has it in hand.
    await Promise.resolve();
    if (!this.#isClosed) tree.tell({ kind: "refused", refusal });
  }

  async rearm(): Promise<void> {
    await this.ready;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
  }
}
