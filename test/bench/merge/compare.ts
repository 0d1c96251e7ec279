import { compareTrees } from "../../../src/git/history/compare-trees.ts";
import { entryAt } from "../../../src/git/objects/entry-at.ts";
import type { MergeConflict } from "../../../src/git/merge/merge-result.ts";
import { MODE, type ObjectReader, type RepoPath } from "../../../src/git/model.ts";
import type { GitMerge } from "./git-merges.ts";
import type { Merge } from "./merge-list.ts";
import type { OurMerge } from "./our-merges.ts";

export type Verdict =
  | { readonly kind: "same"; readonly conflict: boolean }
  | { readonly kind: "git failed"; readonly message: string }
  | Difference;

export type Difference = {
  readonly kind: "different";
  readonly merge: Merge;
  readonly difference:
    | "both clean, other content"
    | "git merges, lull sees a conflict"
    | "git sees a conflict, lull merges"
    | "conflicts on other paths"
    | "same conflicts, other content elsewhere"
    | "lull failed";
  /** What git called its conflicts, and what lull called its own. */
  readonly reasons: readonly string[];
  /** Paths that differ: in content when both are clean, else those that conflict for git or lull only. */
  readonly paths: readonly string[];
};

/** @param written the objects that git wrote */
export function compareMerge(merge: Merge, git: GitMerge, our: OurMerge, written: ObjectReader): Verdict {
  if (git.kind === "failed") return { kind: "git failed", message: git.message };
  const different = (
    difference: Difference["difference"],
    paths: readonly string[],
    reasons: readonly string[] = [],
  ): Difference => ({ kind: "different", merge, difference, paths, reasons });

  if (our.kind === "failed") return different("lull failed", [], [our.message]);
  const { tree, conflicts } = our.result;
  const ourPaths = new Set(conflicts.flatMap((conflict) => conflictPaths(conflict, tree, our.objects)));
  const ourReasons = conflicts.map(({ reason }) => `lull: ${reason}`);
  const content = (): RepoPath[] => differentPaths(git.tree, tree, { ours: our.objects, written });
  if (git.kind === "clean") {
    if (conflicts.length > 0)
      return different("git merges, lull sees a conflict", [...ourPaths], unique(ourReasons));
    return git.tree === tree
      ? { kind: "same", conflict: false }
      : different("both clean, other content", content());
  }
  // A folder's move that git holds back is a conflict without a path: the files stay where they are.
  if (git.paths.length === 0 && conflicts.length === 0 && git.tree === tree)
    return { kind: "same", conflict: true };
  const reasons = unique([...git.reasons.map((reason) => `git: ${reason}`), ...ourReasons]);
  const gitPaths = new Set(git.paths.map((path) => withoutSide(path, merge)));
  if (conflicts.length === 0) return different("git sees a conflict, lull merges", [...gitPaths], reasons);
  const onlyGit = [...gitPaths].filter((path) => !ourPaths.has(path));
  const onlyOurs = [...ourPaths].filter((path) => !gitPaths.has(path));
  if (onlyGit.length + onlyOurs.length > 0) {
    const marked = [...onlyGit.map((path) => `git: ${path}`), ...onlyOurs.map((path) => `lull: ${path}`)];
    return different("conflicts on other paths", marked, reasons);
  }
  const known = new Set([...gitPaths, ...conflicts.flatMap(({ copy }) => copy ?? [])]);
  const elsewhere = content().filter((path) => !known.has(withoutSide(path, merge)));
  if (elsewhere.length > 0) return different("same conflicts, other content elsewhere", elsewhere, reasons);
  return { kind: "same", conflict: true };
}

/** Git moves a file aside as `path~<side>`, or `path~<side>_1`; lull names the path where it stood. */
function withoutSide(path: RepoPath, { ours, theirs }: Merge): RepoPath {
  return path.replace(new RegExp(`~(${ours}|${theirs})(_[0-9]+)?(?=$|/)`), "");
}

type Objects = { readonly ours: ObjectReader; readonly written: ObjectReader };

function differentPaths(gitTree: string, ourTree: string, { ours, written }: Objects): RepoPath[] {
  const reader: ObjectReader = {
    has: (oid) => ours.has(oid) || written.has(oid),
    read: (oid) => (ours.has(oid) ? ours : written).read(oid),
    header: (oid) => (ours.has(oid) ? ours : written).header(oid),
  };
  return compareTrees(reader, gitTree, ourTree).map(({ path }) => path);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Every path that git would list: of a file that was renamed twice the old one too, unless a folder is there now. */
function conflictPaths({ path, renamed }: MergeConflict, tree: string, objects: ObjectReader): RepoPath[] {
  if (renamed === undefined) return [path];
  const old = entryAt(objects, tree, renamed.from)?.mode === MODE.directory ? [] : [renamed.from];
  return [...old, renamed.ours, renamed.theirs];
}
