/** Which files go back, out of all that differ. Pure. */
import type { FileDifference } from "../../git/git.ts";
import type { FileVersion, RepoPath } from "../../git/model.ts";

/** @param paths files, and folders with all below them; empty: everything */
export function isWithin(path: RepoPath, paths: readonly RepoPath[]): boolean {
  return paths.length === 0 || paths.some((one) => one === "" || path === one || path.startsWith(`${one}/`));
}

/**
 * What is to stand at each path.
 * @param removes whether files go that were not there then
 */
export function filesToBring(
  differences: readonly FileDifference[],
  paths: readonly RepoPath[],
  removes: boolean,
): ReadonlyMap<RepoPath, FileVersion | undefined> {
  const chosen = differences.filter(
    ({ path, after }) => isWithin(path, paths) && (removes || after !== undefined),
  );
  if (removes) return new Map(chosen.map(({ path, after }) => [path, after]));
  // A file of today stands where then a folder was, or the other way round: only one of them can be.
  const coming = new Set(chosen.map(({ path }) => path));
  const foldersOfComing = new Set(chosen.flatMap(({ path }) => foldersAbove(path)));
  const inTheWay = differences.filter(
    ({ path, after }) =>
      after === undefined &&
      (foldersOfComing.has(path) || foldersAbove(path).some((folder) => coming.has(folder))),
  );
  return new Map([
    ...inTheWay.map(({ path }) => [path, undefined] as const),
    ...chosen.map(({ path, after }) => [path, after] as const),
  ]);
}

function foldersAbove(path: RepoPath): readonly RepoPath[] {
  const folders: RepoPath[] = [];
  for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) folders.push(path.slice(0, at));
  return folders;
}
