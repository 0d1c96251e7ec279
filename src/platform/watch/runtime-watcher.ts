/**
 * Watches trees by the runtime's recursive watcher: FSEvents on macOS, ReadDirectoryChangesW on Windows, and on a Linux
 * whose C library can not be called. The system watches all that is below; what is left out is only not told.
 */
import { type FSWatcher, watch } from "node:fs";
import { sep } from "node:path";

import { messageOf, systemCode } from "../../base/errors.ts";
import type { FolderWatcher, TreeEvent, TreeToWatch, WatchedTree } from "./folder-watcher.ts";
import { watcherLimit, watchFailed, watchLimit } from "./refusals.ts";

/** Rule files are looked for once in each folder that something changes in; a set of more folders is started anew. */
const MOST_FOLDERS = 10_000;

export class RuntimeWatcher implements FolderWatcher {
  readonly #trees = new Set<RuntimeTree>();

  watchTree(tree: TreeToWatch): WatchedTree {
    const watched: RuntimeTree = new RuntimeTree(tree, () => this.#trees.delete(watched));
    this.#trees.add(watched);
    return watched;
  }

  [Symbol.dispose](): void {
    for (const tree of this.#trees) tree[Symbol.dispose]();
  }
}

class RuntimeTree implements WatchedTree {
  readonly folders = undefined;
  readonly ready: Promise<void>;
  readonly #tree: TreeToWatch;
  readonly #onClose: () => void;
  readonly #entered = new Set<string>();
  #watcher: FSWatcher | undefined;
  #isClosed = false;

  constructor(tree: TreeToWatch, onClose: () => void) {
    this.#tree = tree;
    this.#onClose = onClose;
    // Whoever asked for the watch gets it first, and then what it tells.
    this.ready = Promise.resolve().then(() => this.#start());
  }

  async rearm(): Promise<void> {
    await this.ready;
    this.#entered.clear();
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watcher?.close();
    this.#onClose();
  }

  #start(): void {
    if (this.#isClosed) return;
    try {
      this.#watcher = watch(this.#tree.directory, { recursive: true }, (_, name) => this.#handle(name));
      this.#watcher.on("error", (error) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #handle(name: string | null): void {
    if (this.#isClosed) return;
    if (name === null) return this.#tree.tell({ kind: "lost" });
    const path = asBytes(name);
    if (path === undefined) return this.#tree.tell({ kind: "lost" });
    if (!this.#isLeftOut(path)) this.#tree.tell({ kind: "changed", path });
  }

  #isLeftOut(path: string): boolean {
    this.#enter("");
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      if (this.#tree.isLeftOut(folder, true)) return true;
      this.#enter(folder);
    }
    // The system does not say which it is; rules for folders only then leave a folder's own name in.
    return this.#tree.isLeftOut(path, false);
  }

  #enter(folder: string): void {
    if (this.#entered.has(folder)) return;
    if (this.#entered.size === MOST_FOLDERS) this.#entered.clear();
    this.#entered.add(folder);
    this.#tree.ruleFile?.enter(folder);
  }

  #fail(error: unknown): void {
    this.#end(eventOf(error));
  }

  #end(event: TreeEvent): void {
    if (this.#isClosed) return;
    this[Symbol.dispose]();
    this.#tree.tell(event);
  }
}

function eventOf(error: unknown): TreeEvent {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
    // Windows says so of a watched folder that is removed.
    case "EPERM":
      return { kind: "gone" };
    case "ENOSPC":
      return { kind: "refused", refusal: watchLimit() };
    case "EMFILE":
    case "ENFILE":
      return { kind: "refused", refusal: watcherLimit() };
    case undefined:
    default:
      return {
        kind: "refused",
        refusal: watchFailed(`the system refused to watch the folder: ${messageOf(error)}`),
      };
  }
}

/**
 * The runtime's text as bytes in latin1. Bytes that are no UTF-8 came through it as U+FFFD: then the folder above.
 * Undefined: it cannot be told where.
 */
function asBytes(name: string): string | undefined {
  const path = name.replaceAll(sep, "/");
  const lost = path.indexOf("\uFFFD");
  if (lost < 0) return Buffer.from(path, "utf8").toString("latin1");
  const slash = path.lastIndexOf("/", lost);
  return slash < 0 ? undefined : Buffer.from(path.slice(0, slash), "utf8").toString("latin1");
}
