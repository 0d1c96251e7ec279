/**
 * Three-way merge of trees. Only what differs from the base is read; what one side changed alone is taken as it
 * is, renamed files are merged under their new name, and what no rule can merge goes to the conflict decisions.
 * Knows nothing of commits, refs and the work tree, and writes objects only.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { parentPath } from "../paths.ts";
import type { ObjectBatch, Oid, RepoPath } from "../model.ts";
import {
  type ConflictDecisions,
  type DecisionInput,
  type Outcome,
  ResolverDecisions,
  VirtualDecisions,
} from "./conflict-decisions.ts";
import { editTree } from "./edit-tree.ts";
import { type FileMergeOptions, mergeFile, sameVersion } from "./merge-file.ts";
import type { ConflictResolver, MergeResult } from "./merge-result.ts";
import type { MergeDriver } from "./merge-text.ts";
import { collectSlots, type Slots } from "./path-slots.ts";

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

  const mergeOptions = fileOptions(input);
  const slots = collectSlots({ batch, base, ours, theirs, mergeOptions, signal });
  const outcome: Outcome = new Map();
  const decisions = decisionsFor(input, { batch, trees: { base, ours, theirs }, outcome });
  mergeSlots(slots, { outcome, decisions, mergeOptions, signal });
  for (const rename of slots.doubleRenames)
    decisions.doubleRename({ ...rename, path: rename.ourPath }, rename.theirPath);
  for (const path of filesThatAreFolders(outcome)) decisions.fileAndFolder(path);
  const conflicts = [...decisions.resolved].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { tree: editTree(batch, ours, editsOf(outcome, slots)), conflicts };
}

function fileOptions({ batch, conflicts, driverFor }: MergeTreesInput): (path: RepoPath) => FileMergeOptions {
  // Labels and marker length as git's, so that its virtual bases and ours are the same bytes.
  const virtual =
    "virtualDepth" in conflicts
      ? {
          labels: { ours: "Temporary merge branch 1", theirs: "Temporary merge branch 2" },
          markerSize: 7 + 2 * conflicts.virtualDepth,
        }
      : {};
  return (path) => ({ batch, driver: driverFor?.(path) ?? "text", ...virtual });
}

function decisionsFor({ conflicts }: MergeTreesInput, input: DecisionInput): ConflictDecisions {
  return "resolve" in conflicts
    ? new ResolverDecisions(input, conflicts.resolve)
    : new VirtualDecisions(input);
}

type SlotMerge = {
  readonly outcome: Outcome;
  readonly decisions: ConflictDecisions;
  readonly mergeOptions: (path: RepoPath) => FileMergeOptions;
  readonly signal: AbortSignal | undefined;
};

function mergeSlots(slots: Slots, { outcome, decisions, mergeOptions, signal }: SlotMerge): void {
  // All paths are known to the outcome before the first copy looks for a free name.
  for (const path of slots.byPath.keys()) outcome.set(path, undefined);
  for (const [path, slot] of slots.byPath) {
    throwIfAborted(signal);
    if (slot.renamedAndRemoved) {
      decisions.file(
        { ...slot, path },
        { kind: "conflict", reason: "modify-delete", mode: undefined, marked: undefined },
      );
      continue;
    }
    const merge = mergeFile(slot, mergeOptions(path));
    if (merge.kind === "clean") outcome.set(path, merge.version);
    else decisions.file({ path, base: slot.base, ours: slot.ours, theirs: slot.theirs }, merge);
  }
}

/**
 * Returns the paths at which a file and files below it would stand. Looking at changed paths is enough: no side has
 * both, so at least the file or the folder is new on one side, and the other of the two changed on the other.
 */
function filesThatAreFolders(outcome: Outcome): RepoPath[] {
  const folders = new Set<RepoPath>();
  for (const [path, version] of outcome) {
    if (version === undefined) continue;
    for (let folder = parentPath(path); folder !== "" && !folders.has(folder); folder = parentPath(folder)) {
      folders.add(folder);
    }
  }
  return [...outcome]
    .filter(([path, version]) => version !== undefined && folders.has(path))
    .map(([path]) => path);
}

/** Leaves out what our tree already has. */
function editsOf(outcome: Outcome, slots: Slots): Outcome {
  const edits: Outcome = new Map();
  for (const [path, version] of outcome) {
    if (!sameVersion(slots.byPath.get(path)?.standing, version)) edits.set(path, version);
  }
  return edits;
}
