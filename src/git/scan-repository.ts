import { entryAt } from "./objects/entry-at.ts";
import { type FileVersion, MODE, type Oid, type RepoPath } from "./model.ts";
import { ScratchBatch } from "./scratch-batch.ts";
import { stagedChanges } from "./staged-changes.ts";
import type { WorkTreeChange, WorkTreeChanges } from "./worktree/changes.ts";
import { type Conversion, workTreeConversion, type WorkTreeInput } from "./worktree/conversion.ts";
import type { IndexTable } from "./worktree/index-table.ts";
import { readEntry } from "./worktree/read-entry.ts";
import { type ScanInput, scanWorkTree, type ScanResult } from "./worktree/scan.ts";

export type ScanRepositoryInput = Omit<ScanInput, "signal"> & {
  /** The last commit's tree. */
  readonly headTree: Oid | undefined;
  /** Trees that an interrupted checkout may have written in part. */
  readonly pendingTrees: readonly Oid[];
  readonly signal: AbortSignal;
};

/** Below this many files the faster stat costs more to load (0.3 ms) than it gains. */
const FEW_FILES = 50;

/**
 * What the next commit would hold: the work tree against the index, and the index against the last commit. Files
 * that an interrupted checkout of lull itself left behind are no changes of the person and are left out.
 */
export function scanRepository(
  input: ScanRepositoryInput,
): WorkTreeChanges & Pick<ScanResult, "refreshedPaths"> {
  const { count } = input.index;
  // Before the first commit it is not known how many there are.
  const isSmall = count > 0 && count < FEW_FILES;
  const found = scanWorkTree(isSmall ? { ...input, openFolderStats: undefined } : input);
  const seen = new Set(found.changes.map((change) => change.path));
  const staged = stagedChanges(input.index, input.headTree, input.objects).filter(
    (change) => !seen.has(change.path),
  );
  const changes = [...found.changes, ...staged].filter(notOwnDoing(input));
  return { ...found, changes: changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)) };
}

function notOwnDoing(input: ScanRepositoryInput): (change: WorkTreeChange) => boolean {
  if (input.pendingTrees.length === 0) return () => true;
  const view = viewWorkTree(input);
  return ({ path }) => {
    const now = workFileVersion(view, path);
    return !input.pendingTrees.some((tree) => {
      const found = entryAt(input.objects, tree, path);
      // Where the tree has a folder, there is no file: as the work tree says it too.
      const meant = found?.mode === MODE.directory ? undefined : found;
      return meant?.oid === now?.oid && meant?.mode === now?.mode;
    });
  };
}

/** The work tree with its index and rules, read once for many paths. */
export type WorkTreeView = WorkTreeInput & { readonly index: IndexTable; readonly conversion: Conversion };

export function viewWorkTree(input: WorkTreeInput & { readonly index: IndexTable }): WorkTreeView {
  let conversion: Conversion | undefined;
  return {
    ...input,
    /** Made on first use: most scans are followed by no look at a file. */
    get conversion() {
      return (conversion ??= workTreeConversion(input));
    },
  };
}

/** What git would store for a path as it is in the work tree; undefined when nothing can be read there. */
export function workFileVersion(
  view: WorkTreeView,
  path: RepoPath,
  batch: ScratchBatch = new ScratchBatch(view.objects),
): FileVersion | undefined {
  const reading = readEntry({ ...view, batch }, path);
  return reading.kind === "found" ? { mode: reading.update.mode, oid: reading.update.oid } : undefined;
}
