import type { RepoPath } from "../model.ts";
import { baseName, joinPath, parentPath } from "../paths.ts";
import type { FolderRelevance } from "./collect-entries.ts";

/** Where the files of folders went that are gone on one side, as far as their renames are known. */
export class FolderMoves {
  /** Old folder → new folder → how many files went there. */
  readonly counts = new Map<RepoPath, Map<RepoPath, number>>();
  /** What a folder's move is needed for; `self` becomes `ancestor` once more renames cannot change the answer. */
  readonly #relevance: Map<RepoPath, FolderRelevance>;

  constructor(removedFolders: ReadonlyMap<RepoPath, FolderRelevance>) {
    this.#relevance = new Map(removedFolders);
  }

  /**
   * Counts a renamed file for its folder, and for the folders around it as far as the names between are alike: moving
   * `a/b/c/x` to `a/d/c/x` moves `a/b/c` to `a/d/c` and `a/b` to `a/d`, but says nothing of `a`.
   */
  note(from: RepoPath, to: RepoPath): void {
    let [oldFolder, newFolder] = [parentPath(from), parentPath(to)];
    for (let isFirst = true; ; isFirst = false) {
      const relevance = this.#relevance.get(oldFolder);
      if (relevance === undefined) return;
      if (relevance === "self" || isFirst) this.#add(oldFolder, newFolder);
      if (relevance === "none" || oldFolder === "" || newFolder === "") return;
      if (baseName(oldFolder) !== baseName(newFolder)) return;
      [oldFolder, newFolder] = [parentPath(oldFolder), parentPath(newFolder)];
    }
  }

  /** For each folder where most of its renamed files went; of equals, the one that was seen first. */
  guesses(): Map<RepoPath, RepoPath> {
    const guesses = new Map<RepoPath, RepoPath>();
    for (const [folder, targets] of this.counts) {
      let most = 0;
      for (const [target, count] of targets) {
        if (count <= most) continue;
        most = count;
        guesses.set(folder, target);
      }
    }
    return guesses;
  }

  /**
   * Says for which of these files, whose rename is not known yet, it still can matter: files that are sought only for
   * their folder's sake are dropped once the majority of each folder around them is certain.
   */
  stillNeeded(files: readonly RepoPath[]): (file: RepoPath) => boolean {
    const unknown = new Map<RepoPath, number>();
    for (const file of files) {
      for (let folder = parentPath(file); this.#isRelevant(folder); folder = parentPath(folder)) {
        unknown.set(folder, (unknown.get(folder) ?? 0) + 1);
        if (!this.counts.has(folder)) this.counts.set(folder, new Map());
      }
    }
    for (const [folder, targets] of this.counts) {
      if (this.#relevance.get(folder) !== "self") continue;
      const [first = 0, second = 0] = [...targets.values()].sort((a, b) => b - a);
      if (first > second + (unknown.get(folder) ?? 0)) this.#relevance.set(folder, "ancestor");
    }
    return (file) => {
      for (let folder = parentPath(file); this.#isRelevant(folder); folder = parentPath(folder)) {
        if (this.#relevance.get(folder) === "self") return true;
      }
      return false;
    };
  }

  /** The counts of the folders whose move was asked for. */
  relevant(): ReadonlyMap<RepoPath, ReadonlyMap<RepoPath, number>> {
    return new Map([...this.counts].filter(([folder]) => this.#isRelevant(folder)));
  }

  #isRelevant(folder: RepoPath): boolean {
    return folder !== "" && (this.#relevance.get(folder) ?? "none") !== "none";
  }

  #add(oldFolder: RepoPath, newFolder: RepoPath): void {
    let targets = this.counts.get(oldFolder);
    if (targets === undefined) this.counts.set(oldFolder, (targets = new Map<RepoPath, number>()));
    targets.set(newFolder, (targets.get(newFolder) ?? 0) + 1);
  }
}

/** Puts a path of one folder into another. */
export function moveInto(path: RepoPath, oldFolder: RepoPath, newFolder: RepoPath): RepoPath {
  return joinPath(newFolder, path.slice(oldFolder.length + 1));
}
