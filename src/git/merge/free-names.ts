import { MODE, type ObjectReader, type Oid, type RepoPath } from "../model.ts";
import { baseName, joinPath, parentPath } from "../paths.ts";
import { entryAt } from "../objects/entry-at.ts";

export type FreeNamesInput = {
  readonly batch: ObjectReader;
  readonly trees: { readonly base: Oid; readonly ours: Oid; readonly theirs: Oid };
  /** Paths that the merge decides about, whether they will exist or not; what is chosen must be put in here. */
  readonly outcome: ReadonlyMap<RepoPath, unknown>;
};

/** Finds names for copies that neither a side nor the merge uses, as file or as folder. */
export class FreeNames {
  readonly #input: FreeNamesInput;
  /** Folders of all paths in the outcome; made when the first name is asked for. */
  #folders: Set<RepoPath> | undefined;

  constructor(input: FreeNamesInput) {
    this.#input = input;
  }

  /**
   * Returns the wanted name or the first numbered one that is free. A name in another folder is taken only if no file
   * stands where that folder must be; else the copy stays beside the path.
   */
  choose(path: RepoPath, wanted: RepoPath | undefined): RepoPath {
    const beside = joinPath(parentPath(path), baseName(wanted ?? path));
    const name = wanted !== undefined && this.#fits(wanted, path) ? wanted : beside;
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? name : numbered(name, number);
      if (!this.#isFree(candidate)) continue;
      this.#addFolders(this.#knownFolders(), candidate);
      return candidate;
    }
  }

  #fits(wanted: RepoPath, path: RepoPath): boolean {
    for (let folder = parentPath(wanted); folder !== ""; folder = parentPath(folder)) {
      if (path.startsWith(`${folder}/`)) return true;
      if (this.#input.outcome.has(folder) || this.#entries(folder).some((mode) => mode !== MODE.directory))
        return false;
    }
    return true;
  }

  #isFree(path: RepoPath): boolean {
    return (
      !this.#input.outcome.has(path) && !this.#knownFolders().has(path) && this.#entries(path).length === 0
    );
  }

  /** Modes of what the three sides have at a path. */
  #entries(path: RepoPath): number[] {
    const { batch, trees } = this.#input;
    return [trees.base, trees.ours, trees.theirs].flatMap((tree) => entryAt(batch, tree, path)?.mode ?? []);
  }

  #knownFolders(): Set<RepoPath> {
    if (this.#folders === undefined) {
      this.#folders = new Set();
      for (const path of this.#input.outcome.keys()) this.#addFolders(this.#folders, path);
    }
    return this.#folders;
  }

  #addFolders(folders: Set<RepoPath>, path: RepoPath): void {
    for (let folder = parentPath(path); folder !== "" && !folders.has(folder); folder = parentPath(folder)) {
      folders.add(folder);
    }
  }
}

/** `plan.md` → `plan-2.md`; a dot file keeps its leading dot. */
function numbered(path: RepoPath, number: number): RepoPath {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return joinPath(parentPath(path), `${stem}-${number}${name.slice(stem.length)}`);
}
