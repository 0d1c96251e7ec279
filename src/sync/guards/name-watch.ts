import type { GuardsConfig } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { RepoPath } from "../../git/model.ts";
import { baseName, joinPath, parentPath } from "../../git/paths.ts";
import type { WorkTreeChange } from "../../git/worktree/changes.ts";
import type { LeftOut } from "./guards.ts";
import { foldName, nameTwin, portableName } from "./portable-names.ts";

/** Looks at new names; those that are there already trouble nobody again. */
export class NameWatch {
  readonly #isOn: boolean;
  readonly #repository: Repository;
  readonly #changes: readonly WorkTreeChange[];
  #added: ReadonlySet<RepoPath> | undefined;
  #deleted: readonly RepoPath[] | undefined;
  #newNames: ReadonlyMap<RepoPath, ReadonlySet<RepoPath>> | undefined;
  /** Folder → folded name → the names that fold to it. */
  readonly #folders = new Map<RepoPath, Map<string, Set<RepoPath>>>();

  constructor(mode: GuardsConfig["names"], repository: Repository, changes: readonly WorkTreeChange[]) {
    this.#isOn = mode !== "ignore";
    this.#repository = repository;
    this.#changes = changes;
  }

  look(path: RepoPath): LeftOut | undefined {
    if (!this.#isOn || !this.#isAdded(path)) return undefined;
    return portableName(path) ?? nameTwin(path, this.#twinOf(path));
  }

  #isAdded(path: RepoPath): boolean {
    this.#added ??= this.#pathsOf("added");
    return this.#added.has(path);
  }

  #pathsOf(kind: WorkTreeChange["kind"]): ReadonlySet<RepoPath> {
    return new Set(this.#changes.flatMap((change) => (change.kind === kind ? [change.path] : [])));
  }

  /** A folder may have a twin, too. */
  #twinOf(path: RepoPath): RepoPath | undefined {
    for (let at = path; at !== ""; at = parentPath(at)) {
      const folder = parentPath(at);
      const name = baseName(at);
      const alike = this.#namesIn(folder).get(foldName(name)) ?? [];
      const twin = [...alike]
        .map((one) => joinPath(folder, one))
        .find((one) => one !== at && !this.#goes(one));
      if (twin !== undefined) return twin;
    }
    return undefined;
  }

  /** Renamed from the one case to the other, it is no twin. */
  #goes(path: RepoPath): boolean {
    this.#deleted ??= [...this.#pathsOf("deleted")];
    return this.#deleted.some((deleted) => deleted === path || deleted.startsWith(`${path}/`));
  }

  #namesIn(folder: RepoPath): ReadonlyMap<string, ReadonlySet<RepoPath>> {
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const names = new Map<string, Set<RepoPath>>();
    for (const name of [...this.#repository.namesIn(folder), ...this.#newNamesIn(folder)]) {
      const folded = foldName(name);
      const alike = names.get(folded);
      if (alike === undefined) names.set(folded, new Set([name]));
      else alike.add(name);
    }
    this.#folders.set(folder, names);
    return names;
  }

  #newNamesIn(folder: RepoPath): Iterable<RepoPath> {
    this.#newNames ??= newNames(this.#changes);
    return this.#newNames.get(folder) ?? [];
  }
}

/** Folder → names that come into it. */
function newNames(changes: readonly WorkTreeChange[]): ReadonlyMap<RepoPath, ReadonlySet<RepoPath>> {
  const names = new Map<RepoPath, Set<RepoPath>>();
  for (const { path, kind } of changes) {
    for (let at = kind === "added" ? path : ""; at !== ""; at = parentPath(at)) {
      const folder = parentPath(at);
      const known = names.get(folder);
      if (known?.has(baseName(at)) === true) break;
      if (known === undefined) names.set(folder, new Set([baseName(at)]));
      else known.add(baseName(at));
    }
  }
  return names;
}
