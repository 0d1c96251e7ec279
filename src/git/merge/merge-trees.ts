/**
 * Three-way merge of trees. Only what differs from the base is read; what one side changed alone is taken as it
 * is, renamed files are merged under their new name, and what no rule can merge goes to the conflict decisions.
 * The rules are those of git's own merge (`ort`), as `bun run bench:merge` checks over the merges of repositories.
 * Knows nothing of commits, refs and the work tree, and writes objects only.
 */
import { throwIfAborted } from "../../base/abort.ts";
import type { FileVersion, ObjectBatch, Oid, RepoPath } from "../model.ts";
import { parentPath } from "../paths.ts";
import { type Collected, collectEntries } from "./collect-entries.ts";
import {
  type ConflictDecisions,
  type DecisionInput,
  type Outcome,
  ResolverDecisions,
  VirtualDecisions,
} from "./conflict-decisions.ts";
import { editTree } from "./edit-tree.ts";
import { followRenames } from "./follow-renames.ts";
import { bitOf, filesOf, type MergeEntry, OURS, THEIRS, type Triple } from "./merge-entry.ts";
import { fileConflict, type FileMerge, type FileMergeOptions, mergeFile, sameVersion } from "./merge-file.ts";
import type { ConflictResolver, MergeConflict, MergeResult } from "./merge-result.ts";
import type { MergeDriver } from "./merge-text.ts";

export type MergeTreesInput = {
  readonly batch: ObjectBatch;
  readonly base: Oid;
  readonly ours: Oid;
  readonly theirs: Oid;
  /** `virtualDepth`: the result is only a base for another merge, so many levels above this one. */
  readonly conflicts: { readonly resolve: ConflictResolver } | { readonly virtualDepth: number };
  /** What `.gitattributes` say about merging a path; lines are merged unless given. */
  readonly driverFor?: ((path: RepoPath) => MergeDriver) | undefined;
  readonly signal?: AbortSignal | undefined;
};

export function mergeTrees(input: MergeTreesInput): MergeResult {
  const { batch, base, ours, theirs, signal } = input;
  if (ours === theirs || base === theirs) return { tree: ours, conflicts: [] };
  if (base === ours) return { tree: theirs, conflicts: [] };

  const trees: Triple<Oid> = [base, ours, theirs];
  const collected = collectEntries({ reader: batch, trees, signal });
  const isVirtual = "virtualDepth" in input.conflicts;
  const optionsFor = fileOptions(input);
  const { doubleRenames, vacated } = followRenames({
    ...collected,
    reader: batch,
    trees,
    isVirtual,
    // One more marker: this merge may become part of another one at the new path.
    mergeContent: ([before, our, their], names) =>
      mergeFile({ base: before, ours: our, theirs: their }, optionsFor({ path: names[0], names, nested: 1 })),
    signal,
  });

  const outcome: Outcome = new Map(vacated.map((path) => [path, undefined]));
  const decisions = decisionsFor(input, { batch, trees: { base, ours, theirs }, outcome });
  // All paths are known to the outcome before the first copy looks for a free name.
  for (const path of collected.entries.keys()) outcome.set(path, undefined);
  for (const path of [...collected.entries.keys()].sort()) {
    throwIfAborted(signal);
    const entry = collected.entries.get(path);
    if (entry !== undefined) settle(path, entry, { outcome, decisions, optionsFor });
  }
  for (const rename of doubleRenames) decisions.doubleRename(rename);
  for (const path of filesThatAreFolders(outcome, collected)) decisions.fileAndFolder(path);

  const conflicts = [...decisions.resolved].sort((a, b) => (a.path < b.path ? -1 : 1));
  const standing = (path: RepoPath): FileVersion | undefined => collected.entries.get(path)?.standing;
  const edits = new Map(
    [...outcome].filter(([path, version]) => vacated.includes(path) || !sameVersion(standing(path), version)),
  );
  return { tree: editTree(batch, ours, edits, collected.folders[THEIRS]), conflicts };
}

type PathInput = {
  readonly path: RepoPath;
  readonly names: Readonly<Triple<RepoPath>>;
  /** Levels by which the conflict markers are longer. */
  readonly nested?: number;
};

function fileOptions({
  batch,
  conflicts,
  driverFor,
}: MergeTreesInput): (input: PathInput) => FileMergeOptions {
  const driverOf = (path: RepoPath): MergeDriver => driverFor?.(path) ?? "text";
  if (!("virtualDepth" in conflicts)) return ({ path }) => ({ batch, driver: driverOf(path) });
  const depth = conflicts.virtualDepth;
  return ({ path, names, nested = 0 }) => {
    // Labels and marker length as git's, so that its virtual bases and ours are the same bytes.
    const isMoved = names.some((name) => name !== names[0]);
    const label = (side: 1 | 2): string =>
      `Temporary merge branch ${side}${isMoved ? `:${Buffer.from(names[side], "latin1").toString()}` : ""}`;
    return {
      batch,
      driver: driverOf(path),
      labels: { ours: label(OURS), theirs: label(THEIRS) },
      markerSize: 7 + 2 * depth + nested,
    };
  };
}

function decisionsFor({ conflicts }: MergeTreesInput, input: DecisionInput): ConflictDecisions {
  return "resolve" in conflicts
    ? new ResolverDecisions(input, conflicts.resolve)
    : new VirtualDecisions(input);
}

type Settling = {
  readonly outcome: Outcome;
  readonly decisions: ConflictDecisions;
  readonly optionsFor: (input: PathInput) => FileMergeOptions;
};

function settle(path: RepoPath, entry: MergeEntry, { outcome, decisions, optionsFor }: Settling): void {
  if (entry.settled !== undefined) {
    outcome.set(path, entry.settled.version);
    return;
  }
  const [base, ours, theirs] = entry.stages;
  const conflict = { path, base, ours, theirs, ...sidesOf(path, entry) };
  const merge = mergeEntry(entry, optionsFor({ path, names: entry.names }));
  if (merge.kind === "conflict") {
    decisions.file(conflict, merge);
    return;
  }
  outcome.set(path, merge.version);
  if (merge.version === undefined || entry.pathConflict === undefined) return;
  if (entry.pathConflict === "folder renamed") decisions.followedFolder(conflict);
  else if (entry.pathConflict === "renamed and removed")
    decisions.file(conflict, fileConflict("modify-delete", merge.version));
}

function sidesOf(path: RepoPath, { names }: MergeEntry): Pick<MergeConflict, "sides"> {
  const [, ours, theirs] = names;
  return ours === path && theirs === path ? {} : { sides: { ours, theirs } };
}

/** As `mergeFile`, for what is left of a path after renames were followed. */
function mergeEntry(entry: MergeEntry, options: FileMergeOptions): FileMerge {
  const [base, ours, theirs] = entry.stages;
  const files = filesOf(entry);
  if (entry.equal !== 0) {
    // Two were equal before anything moved here: the third is the change.
    const version = entry.equal === 6 || entry.equal === 5 ? ours : theirs;
    return { kind: "clean", version };
  }
  if (files === (1 | bitOf(OURS)) || files === (1 | bitOf(THEIRS)))
    return fileConflict("modify-delete", base);
  return mergeFile({ base, ours, theirs }, options);
}

/**
 * Returns the paths at which a file and files below it would stand. Looking at changed paths is enough: no side has
 * both, so at least the file or the folder is new on one side, and the other of the two changed on the other.
 */
function filesThatAreFolders(outcome: Outcome, { folders: oneSided }: Collected): RepoPath[] {
  const folders = new Set<RepoPath>();
  for (const [path, version] of [...outcome, ...oneSided[OURS], ...oneSided[THEIRS]]) {
    if (version === undefined) continue;
    for (let folder = parentPath(path); folder !== "" && !folders.has(folder); folder = parentPath(folder)) {
      folders.add(folder);
    }
  }
  return [...outcome]
    .filter(([path, version]) => version !== undefined && folders.has(path))
    .map(([path]) => path);
}
