import { throwIfAborted } from "../../base/abort.ts";
import { MAX_TREE_DEPTH, treeTooDeep } from "../history/compare-trees.ts";
import { type FileVersion, MODE, type ObjectReader, type Oid, type RepoPath } from "../model.ts";
import { joinPath } from "../paths.ts";
import {
  BASE,
  bitOf,
  type MergeEntries,
  OURS,
  type Side,
  SIDES,
  THEIRS,
  type Triple,
} from "./merge-entry.ts";
import { sameVersion } from "./merge-file.ts";
import { type NamedTriple, threeTreeDifferences } from "./three-trees.ts";

export type PathVersion = FileVersion & { readonly path: RepoPath };

/** What rename detection needs to know of one side. */
export type SideChanges = {
  readonly removed: readonly PathVersion[];
  readonly added: readonly PathVersion[];
  /** Removed files whose new place matters: for the other side's edit of them, or for where their folder went. */
  readonly relevant: ReadonlyMap<RepoPath, "content" | "location">;
  /** Folders that are gone on this side. `self`: the other side added files right there. */
  readonly removedFolders: ReadonlyMap<RepoPath, FolderRelevance>;
};

export type FolderRelevance = "self" | "ancestor" | "none";

export type Collected = {
  /** Paths at which the merge may have to do something to our tree. */
  readonly entries: MergeEntries;
  /** Folders that only one side changed, with what that side has there: nothing in them was looked at. */
  readonly folders: Readonly<Record<Side, ReadonlyMap<RepoPath, FileVersion | undefined>>>;
  readonly changes: Readonly<Record<Side, SideChanges>>;
};

export type CollectInput = {
  readonly reader: ObjectReader;
  /** Base, ours, theirs. */
  readonly trees: Readonly<Triple<Oid>>;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Walks three trees together and collects where they differ. What is alike is not read; nor is a folder that only
 * one side changed, unless a rename of that side matters: then the file may have gone into that folder.
 */
export function collectEntries({ reader, trees, signal }: CollectInput): Collected {
  const collector = new Collector(reader, signal);
  collector.walk({ path: "", trees, renameMask: 0, depth: 1 });
  for (const side of SIDES) collector.finishFolders(side);
  return collector;
}

/** A folder's rename matters when the other side put files into the folder: all three bits. */
const RENAME_MATTERS = 7;

type Folder = {
  readonly path: RepoPath;
  readonly trees: Readonly<Triple<Oid | undefined>>;
  /**
   * Bit of the side that still has this folder, or a folder around it, when the other side removed it; `RENAME_MATTERS`
   * once the side that has it added a file.
   */
  readonly renameMask: number;
  readonly depth: number;
};

type OneSided = { readonly folder: Folder; readonly versions: NamedTriple["versions"] };

type Writable = {
  removed: PathVersion[];
  added: PathVersion[];
  relevant: Map<RepoPath, "content" | "location">;
  removedFolders: Map<RepoPath, FolderRelevance>;
};

function noChanges(): Writable {
  return { removed: [], added: [], relevant: new Map(), removedFolders: new Map() };
}

class Collector implements Collected {
  readonly entries: MergeEntries = new Map();
  readonly folders = {
    [OURS]: new Map<RepoPath, FileVersion | undefined>(),
    [THEIRS]: new Map<RepoPath, FileVersion | undefined>(),
  };
  readonly changes: Record<Side, Writable> = { [OURS]: noChanges(), [THEIRS]: noChanges() };
  readonly #reader: ObjectReader;
  readonly #signal: AbortSignal | undefined;
  #oneSided: Record<Side, OneSided[]> = { [OURS]: [], [THEIRS]: [] };
  /** Once a side's renames matter, its folders are walked at once. */
  readonly #walksAll: Record<Side, boolean> = { [OURS]: false, [THEIRS]: false };

  constructor(reader: ObjectReader, signal: AbortSignal | undefined) {
    this.#reader = reader;
    this.#signal = signal;
  }

  walk(folder: Folder): void {
    throwIfAborted(this.#signal);
    if (folder.depth > MAX_TREE_DEPTH) throw treeTooDeep(folder.trees.find((oid) => oid !== undefined) ?? "");
    const differences = threeTreeDifferences(this.#reader, folder.trees);
    const addsFile =
      folder.renameMask !== 0 && differences.some(({ versions }) => filesIn(versions) === folder.renameMask);
    const renameMask = addsFile ? RENAME_MATTERS : folder.renameMask;
    for (const triple of differences) this.#visit({ ...folder, renameMask }, triple);
  }

  /** Takes the folders that only this side changed as they are, or walks them if a rename may lead there. */
  finishFolders(side: Side): void {
    this.#walksAll[side] = this.changes[side].relevant.size > 0;
    const waiting = this.#oneSided[side];
    this.#oneSided = { ...this.#oneSided, [side]: [] };
    for (const { folder, versions } of waiting) {
      if (this.#walksAll[side]) {
        this.walk(folder);
      } else {
        this.folders[side].set(folder.path, versions[side]);
        const entry = this.entries.get(folder.path);
        if (entry !== undefined) entry.settled = { version: fileOnly(versions[side]) };
      }
    }
  }

  #visit(parent: Folder, { name, versions }: NamedTriple): void {
    const path = joinPath(parent.path, name);
    const files = filesIn(versions);
    const folders = foldersIn(versions);
    const [base, ours, theirs] = versions;
    if (files === 7 && (sameVersion(ours, theirs) || sameVersion(base, theirs))) return;
    const isTheirs = files === 7 && sameVersion(base, ours);
    const stages = versions.map(fileOnly) as Triple<FileVersion | undefined>;
    this.entries.set(path, {
      stages,
      names: [path, path, path],
      folders,
      equal: equalFiles(stages),
      standing: stages[OURS],
      pathConflict: undefined,
      settled: isTheirs ? { version: theirs } : undefined,
    });
    if (isTheirs) return;
    let renameMask = parent.renameMask;
    if (renameMask !== RENAME_MATTERS && (folders === 3 || folders === 5)) renameMask = folders & ~1;
    this.#noteRenameInput({ path, parent, versions, renameMask });
    if (folders === 0) return;

    const folder: Folder = {
      path,
      trees: versions.map((version) => (isFolder(version) ? version?.oid : undefined)) as Triple<
        Oid | undefined
      >,
      renameMask,
      depth: parent.depth + 1,
    };
    const side = changedBy(versions, files, folders);
    if (side === undefined || renameMask === RENAME_MATTERS || this.#walksAll[side]) this.walk(folder);
    else this.#oneSided[side].push({ folder, versions });
  }

  #noteRenameInput({ path, parent, versions, renameMask }: RenameInput): void {
    const files = filesIn(versions);
    const folders = foldersIn(versions);
    for (const side of SIDES) {
      const { removedFolders, relevant, removed, added } = this.changes[side];
      const isFolderGone = (folders & 1) !== 0 && (folders & bitOf(side)) === 0;
      if (isFolderGone) removedFolders.set(path, renameMask === RENAME_MATTERS ? "ancestor" : "none");
      const other = side === OURS ? THEIRS : OURS;
      if (renameMask === RENAME_MATTERS && files === bitOf(other)) removedFolders.set(parent.path, "self");
      const [before, after] = [fileOnly(versions[BASE]), fileOnly(versions[side])];
      if (before !== undefined && after === undefined) {
        const isChanged = equalFiles(versions.map(fileOnly) as Triple<FileVersion | undefined>) === 0;
        if (isChanged) relevant.set(path, "content");
        else if (renameMask === RENAME_MATTERS) relevant.set(path, "location");
        removed.push({ path, mode: before.mode, oid: before.oid });
      }
      if (before === undefined && after !== undefined) added.push({ path, mode: after.mode, oid: after.oid });
    }
  }
}

type RenameInput = {
  readonly path: RepoPath;
  readonly parent: Folder;
  readonly versions: NamedTriple["versions"];
  readonly renameMask: number;
};

/** The side that changed a folder, when the other left it as it was or never had it. */
function changedBy(versions: NamedTriple["versions"], files: number, folders: number): Side | undefined {
  const [base, ours, theirs] = versions;
  if (base !== undefined && sameVersion(base, ours)) return THEIRS;
  if (base !== undefined && sameVersion(base, theirs)) return OURS;
  if (files !== 0) return undefined;
  return folders === 2 ? OURS : folders === 4 ? THEIRS : undefined;
}

function equalFiles([base, ours, theirs]: Triple<FileVersion | undefined>): number {
  if (base !== undefined && sameVersion(base, ours)) return 3;
  if (base !== undefined && sameVersion(base, theirs)) return 5;
  return ours !== undefined && sameVersion(ours, theirs) ? 6 : 0;
}

function isFolder(version: FileVersion | undefined): boolean {
  return version?.mode === MODE.directory;
}

function fileOnly(version: FileVersion | undefined): FileVersion | undefined {
  return isFolder(version) ? undefined : version;
}

function filesIn(versions: NamedTriple["versions"]): number {
  return maskOf(versions, (version) => version.mode !== MODE.directory);
}

function foldersIn(versions: NamedTriple["versions"]): number {
  return maskOf(versions, (version) => version.mode === MODE.directory);
}

function maskOf(versions: NamedTriple["versions"], test: (version: FileVersion) => boolean): number {
  let mask = 0;
  for (const [position, version] of versions.entries())
    if (version !== undefined && test(version)) mask |= 1 << position;
  return mask;
}
