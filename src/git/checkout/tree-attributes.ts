/** The `.gitattributes` of a tree, folder by folder; each tree object on the way is read once. */
import type { ObjectReader, Oid, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import { readTree } from "../objects/tree-object.ts";
import { joinPath, parentPath } from "../paths.ts";
import { ruleText } from "../worktree/rule-file.ts";

export class TreeAttributes {
  readonly #reader: ObjectReader;
  /** Folder → its tree, for the folders in trees that were read. */
  readonly #trees = new Map<RepoPath, Oid>();
  /** Folder → its attributes file's blob; undefined for a folder without one. */
  readonly #files = new Map<RepoPath, Oid | undefined>();

  constructor(reader: ObjectReader, tree: Oid) {
    this.#reader = reader;
    this.#trees.set("", tree);
  }

  /** Returns a folder's rules; undefined where it has none. */
  read(directory: RepoPath): string | undefined {
    this.#enter(directory);
    const file = this.#files.get(directory);
    return file === undefined ? undefined : ruleText(this.#reader.read(file).bytes);
  }

  #enter(directory: RepoPath): void {
    if (this.#files.has(directory)) return;
    this.#files.set(directory, undefined);
    if (directory !== "") this.#enter(parentPath(directory));
    const tree = this.#trees.get(directory);
    if (tree === undefined) return;
    for (const { name, mode, oid } of readTree(this.#reader, tree)) {
      if (mode === MODE.directory) this.#trees.set(joinPath(directory, name), oid);
      else if (name === ".gitattributes" && (mode === MODE.file || mode === MODE.executable))
        this.#files.set(directory, oid);
    }
  }
}
