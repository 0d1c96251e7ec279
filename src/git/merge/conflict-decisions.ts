import { type FileVersion, MODE, type ObjectBatch, type Oid, type RepoPath } from "../model.ts";
import { FreeNames } from "./free-names.ts";
import { entryAt } from "../objects/entry-at.ts";
import type { DoubleRename } from "./follow-renames.ts";
import type { FileConflict, FileTriple } from "./merge-file.ts";
import type { ConflictResolver, MergeConflict, ResolvedConflict } from "./merge-result.ts";

/** Final content of the merged paths; a path that shall not exist is `undefined`. */
export type Outcome = Map<RepoPath, FileVersion | undefined>;

type ConflictAt = FileTriple & Pick<MergeConflict, "path" | "sides">;

/** What is done about conflicts; every method leaves its decision in the outcome. */
export type ConflictDecisions = {
  readonly resolved: readonly ResolvedConflict[];
  /** Both sides have a version, or one removed what the other changed. */
  file(conflict: ConflictAt, merge: FileConflict): void;
  /** Both sides renamed one file; each path already holds its side's version in the outcome. */
  doubleRename(rename: DoubleRename): void;
  /** One side put a file into a folder that the other side renamed; it already went along. */
  followedFolder(conflict: ConflictAt): void;
  /** A file stands where files below it stand too. */
  fileAndFolder(path: RepoPath): void;
};

export type DecisionInput = {
  readonly batch: ObjectBatch;
  readonly trees: { readonly base: Oid; readonly ours: Oid; readonly theirs: Oid };
  readonly outcome: Outcome;
};

/** The decisions of a real merge: the resolver chooses, and copies get free names. */
export class ResolverDecisions implements ConflictDecisions {
  readonly resolved: ResolvedConflict[] = [];
  readonly #input: DecisionInput;
  readonly #names: FreeNames;
  readonly #resolve: ConflictResolver;

  constructor(input: DecisionInput, resolve: ConflictResolver) {
    this.#input = input;
    this.#names = new FreeNames(input);
    this.#resolve = resolve;
  }

  file(at: ConflictAt, merge: FileConflict): void {
    const { path, ours, theirs } = at;
    const { outcome } = this.#input;
    const conflict: MergeConflict = { ...at, reason: merge.reason };
    const decision = this.#resolve(conflict);
    const united = decision.union === true ? merge.union?.() : undefined;
    if (united !== undefined && merge.mode !== undefined) {
      outcome.set(path, { mode: merge.mode, oid: united });
      this.resolved.push({ ...conflict, kept: "union", copy: undefined, by: decision.by });
      return;
    }
    const by = decision.union === true ? decision.otherwiseBy : decision.by;
    // Two commits of a submodule cannot be told apart or put side by side here, and a submodule that replaces a
    // file would need its own checkout: what is there stays.
    const touchesSubmodule = [ours, theirs].some((version) => version?.mode === MODE.submodule);
    const keep = touchesSubmodule && ours !== undefined ? "ours" : decision.keep;
    const standing = keep === "ours" ? ours : theirs;
    const other = keep === "ours" ? theirs : ours;
    const isCopied =
      decision.copyOtherTo !== undefined && other !== undefined && other.mode !== MODE.submodule;
    const copy = isCopied ? this.#names.choose(path, decision.copyOtherTo) : undefined;
    outcome.set(
      path,
      standing === undefined || merge.mode === undefined ? standing : { ...standing, mode: merge.mode },
    );
    if (copy !== undefined) outcome.set(copy, other);
    this.resolved.push({ ...conflict, kept: copy === undefined ? keep : "both", copy, by });
  }

  /** The other name serves as the copy; without a copy only the kept name stays. */
  doubleRename({ from, ourPath: path, theirPath, base, ours, theirs }: DoubleRename): void {
    const { outcome } = this.#input;
    const renamed = { from, ours: path, theirs: theirPath };
    const conflict: MergeConflict = { path, reason: "rename", base, ours, theirs, renamed };
    const decision = this.#resolve(conflict);
    const { keep, copyOtherTo } = decision;
    const by = decision.union === true ? decision.otherwiseBy : decision.by;
    if (copyOtherTo !== undefined) {
      this.resolved.push({ ...conflict, kept: "both", copy: theirPath, by });
      return;
    }
    const [dropped, version] = keep === "ours" ? [theirPath, theirs] : [path, ours];
    // Something else may have merged into that name; only the renamed file itself goes.
    if (outcome.get(dropped)?.oid === version.oid) outcome.set(dropped, undefined);
    this.resolved.push({
      ...conflict,
      path: keep === "ours" ? path : theirPath,
      kept: keep,
      copy: undefined,
      by,
    });
  }

  followedFolder({ path, base, ours, theirs }: ConflictAt): void {
    const kept = theirs === undefined ? "ours" : "theirs";
    this.resolved.push({ path, reason: "location", base, ours, theirs, kept, copy: undefined });
  }

  /**
   * The folder stays, because it holds more than one decision. The file moves aside, unless the resolver keeps the
   * folder's side and wants no copy.
   */
  fileAndFolder(path: RepoPath): void {
    const { batch, trees, outcome } = this.#input;
    const [base, ours, theirs] = [trees.base, trees.ours, trees.theirs].map((tree) =>
      entryAt(batch, tree, path),
    );
    const conflict: MergeConflict = { path, reason: "type", base, ours, theirs };
    const { keep, copyOtherTo, union, by: decider, otherwiseBy } = this.#resolve(conflict);
    const by = union === true ? otherwiseBy : decider;
    const fileSide = ours === undefined || ours.mode === MODE.directory ? "theirs" : "ours";
    const copy =
      copyOtherTo !== undefined || keep === fileSide ? this.#names.choose(path, copyOtherTo) : undefined;
    if (copy !== undefined) outcome.set(copy, outcome.get(path));
    outcome.set(path, undefined);
    // The file may have been a conflict before its place turned out to be a folder: one conflict a path.
    const earlier = this.resolved.findIndex((known) => known.path === path && known.reason !== "rename");
    if (earlier >= 0) this.resolved.splice(earlier, 1);
    const renamed = this.resolved.findIndex((known) => known.reason === "rename" && known.copy === path);
    const rename = this.resolved[renamed];
    if (rename !== undefined)
      this.resolved[renamed] = { ...rename, kept: copy === undefined ? "ours" : "both", copy };
    this.resolved.push({ ...conflict, kept: copy === undefined ? keep : "both", copy, by });
  }
}

/** The decisions of a merge of merge bases, whose result only serves as the base of another merge: git's own. */
export class VirtualDecisions implements ConflictDecisions {
  readonly resolved: readonly ResolvedConflict[] = [];
  readonly #input: DecisionInput;

  constructor(input: DecisionInput) {
    this.#input = input;
  }

  file({ path }: ConflictAt, merge: FileConflict): void {
    this.#input.outcome.set(path, merge.virtualBase());
  }

  doubleRename(): void {
    // Both names stay.
  }

  followedFolder(): void {
    // Folders are not followed here.
  }

  /** The name is git's too, so that the sides' own moves of such a file meet it. */
  fileAndFolder(path: RepoPath): void {
    const { batch, trees, outcome } = this.#input;
    const folderOfOurs = entryAt(batch, trees.ours, path)?.mode === MODE.directory;
    const name = `${path}~Temporary merge branch ${folderOfOurs ? 2 : 1}`;
    let free = name;
    for (let number = 0; outcome.has(free); number++) free = `${name}_${number}`;
    outcome.set(free, outcome.get(path));
    outcome.set(path, undefined);
  }
}
