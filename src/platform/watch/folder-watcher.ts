/**
 * Tells which paths below a folder change, by whatever the system has for it: inotify on Linux, else the runtime's
 * recursive watcher (FSEvents, ReadDirectoryChangesW). Here is no git and no judgement on what a change is worth.
 */

export type FolderWatcher = Disposable & {
  /** Starts to watch; what is told before `ready` counts already. */
  watchTree(tree: TreeToWatch): WatchedTree;
};

/** Paths are below the tree's folder, `/`-separated, as bytes in latin1; "" is the folder itself. */
export type TreeToWatch = {
  /** Absolute. A link to a folder is followed here, never below. */
  readonly directory: string;
  /** True for what is neither watched nor told; nothing below such a folder is asked about. */
  readonly isLeftOut: (path: string, isFolder: boolean) => boolean;
  /** `enter` is called for each folder that holds a file of this name, before its names are asked about. */
  readonly ruleFile?: { readonly name: string; readonly enter: (folder: string) => void } | undefined;
  readonly tell: (event: TreeEvent) => void;
};

export type TreeEvent =
  /** This path has changed, or anything below it if it is a folder. */
  | { readonly kind: "changed"; readonly path: string }
  /** Events were lost: anything may have changed. */
  | { readonly kind: "lost" }
  /** The last event: the folder is gone, was moved away or unmounted. */
  | { readonly kind: "gone" }
  /** The last event: the system refuses to watch (all of) it. */
  | { readonly kind: "refused"; readonly refusal: WatchRefusal };

export type WatchRefusal = {
  readonly code: "WATCH_LIMIT" | "WATCHER_LIMIT" | "WATCH_FAILED";
  /** Lower-case start, no full stop. */
  readonly message: string;
  readonly hint: string | undefined;
};

export type WatchedTree = Disposable & {
  /** Settles when every folder is watched, or when the last event was told. */
  readonly ready: Promise<void>;
  /** How many folders are watched; undefined where the system does not say. */
  readonly folders: number | undefined;
  /** Looks through the tree again, since other paths are left out now. Settles when all is watched again. */
  rearm(): Promise<void>;
};
