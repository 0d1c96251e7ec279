/**
 * Decides what becomes of a path that both sides changed: one small function for each strategy. Nothing of either side
 * is ever dropped here: the losing version is in a parent of the merge commit, which every device gets, and with
 * `keep-both` also beside the file. Pure.
 */
import type { ConflictRule, ConflictStrategy } from "../../config/config.ts";
import type { ConflictDecision, ConflictResolver, MergeConflict } from "../../git/merge/merge-result.ts";
import { MODE, type RepoPath } from "../../git/model.ts";
import { type ConflictNames, conflictCopyPath } from "./copy-path.ts";
import { strategyFor } from "./strategy-for.ts";

export type Side = "ours" | "theirs";

export type ResolverInput = {
  /** The first whose glob matches decides. */
  readonly rules: readonly ConflictRule[];
  readonly names: ConflictNames;
  /** When a side changed a path last, seconds since 1970 UTC; undefined when that is not known. Asked by `newest` only. */
  readonly lastChange: (side: Side, path: RepoPath) => number | undefined;
};

/** The resolver of a source: each path by the strategy that its rules name. */
export function resolverFor(input: ResolverInput): ConflictResolver {
  return (conflict) => {
    const strategy = strategyFor(input.rules, conflict.path);
    const decide = DECIDERS[strategy];
    return { by: strategy, otherwiseBy: "keep-both", ...decide(conflict, input) };
  };
}

type Decider = (conflict: MergeConflict, input: ResolverInput) => ConflictDecision;

const DECIDERS = {
  "keep-both": keepBoth,
  newest,
  ours: (conflict, input) => oneSide("ours", conflict, input),
  theirs: (conflict, input) => oneSide("theirs", conflict, input),
  union: (conflict, input) => ({ ...keepBoth(conflict, input), union: true }),
  // As it was here: also when it was gone here.
  manual: (conflict, input) => oneSide("ours", conflict, input),
} satisfies Readonly<Record<ConflictStrategy, Decider>>;

/** The remote's version keeps the path; this device's is put beside it. A side that removed the file yields. */
export function keepBoth(conflict: MergeConflict, { names }: Pick<ResolverInput, "names">): ConflictDecision {
  if (conflict.theirs === undefined) return { keep: "ours" };
  if (conflict.ours === undefined || sameVersion(conflict)) return { keep: "theirs" };
  return { keep: "theirs", copyOtherTo: conflictCopyPath(conflict.path, names) };
}

/**
 * The side whose last change is younger, a removal included. Both times are those of commits: the time of a file is
 * known on one of the two devices only, and both have to come to the same result. Without a difference keep-both.
 */
export function newest(conflict: MergeConflict, input: ResolverInput): ConflictDecision {
  const at = conflict.renamed ?? conflict.sides ?? { ours: conflict.path, theirs: conflict.path };
  const ours = input.lastChange("ours", at.ours);
  const theirs = input.lastChange("theirs", at.theirs);
  if (ours === undefined || theirs === undefined || ours === theirs)
    return { by: "keep-both", ...keepBoth(conflict, input) };
  return oneSide(ours > theirs ? "ours" : "theirs", conflict, input);
}

/**
 * Where one side has a folder, the folder stays, whoever wins: it holds more than one decision. A file that wins
 * against it goes beside it.
 */
function oneSide(
  keep: Side,
  conflict: MergeConflict,
  { names }: Pick<ResolverInput, "names">,
): ConflictDecision {
  const other = keep === "ours" ? conflict.theirs : conflict.ours;
  return other?.mode === MODE.directory
    ? { keep, copyOtherTo: conflictCopyPath(conflict.path, names) }
    : { keep };
}

function sameVersion(conflict: MergeConflict): boolean {
  return conflict.ours?.oid === conflict.theirs?.oid && conflict.ours?.mode === conflict.theirs?.mode;
}
