/**
 * Finds what changed in the work tree since the index was written. One walk over the folders serves tracked and
 * untracked paths: a folder is entered only when lstat or its parent's listing says that it is a real one, so that a
 * link never leads out of the tree and nothing below an unreadable folder is taken for deleted.
 */
import { readdirSync } from "node:fs";
import type { Dirent } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { displayPath, joinPath, parentPath, toFsPath } from "../paths.ts";
import { compareEntry, isReadable } from "./compare-entry.ts";
import { storedRules, workTreeConversion } from "./conversion.ts";
import { isForbiddenName } from "./forbidden-names.ts";
import { ignoreScope, isIgnored, outerIgnoreScope } from "./ignore-rules.ts";
import { checkSameRoot, folderMissing, rootStat } from "./root-folder.ts";
import { readRuleFile } from "./rule-file.ts";
import { statPath } from "./stat.ts";
import { isTemporaryName } from "./temporary-names.ts";
import type { RepoPath } from "../model.ts";
import type { ChangeKind, SkippedPath, WorkTreeChange, WorkTreeChanges } from "./changes.ts";
import type { CompareInput } from "./compare-entry.ts";
import type { WorkTreeInput } from "./conversion.ts";
import type { IgnoreScope } from "./ignore-rules.ts";
import type { IndexTable } from "./index-table.ts";
import type { FileKind, FileStat } from "./stat.ts";

export type ScanInput = WorkTreeInput & {
  readonly index: IndexTable;
  readonly signal?: AbortSignal | undefined;
};

/** The paths behind `refreshed` are there for `stagePaths`, which renews their stat data. */
export type ScanResult = WorkTreeChanges & { readonly refreshedPaths: readonly RepoPath[] };

/**
 * @throws LullError `FOLDER_MISSING` (kind `guard`) when the top folder is gone, no folder, unreadable, or was
 *   replaced during the scan: that is never "everything was deleted"
 */
export function scanWorkTree(input: ScanInput): ScanResult {
  return new Scan(input).run();
}

type Folder = {
  readonly path: RepoPath;
  /** The index entries below it, [from, to). */
  readonly from: number;
  readonly to: number;
  readonly scope: IgnoreScope | undefined;
  /** The rules exclude it: it is entered for the tracked files in it, and all else in it is ignored. */
  readonly isExcluded: boolean;
};

type Listing = Map<RepoPath, Dirent>;

class Scan {
  readonly #input: ScanInput;
  readonly #index: IndexTable;
  readonly #compare: CompareInput;
  readonly #folders: Folder[] = [];
  readonly #changes: WorkTreeChange[] = [];
  readonly #skipped: SkippedPath[] = [];
  readonly #refreshed: RepoPath[] = [];

  constructor(input: ScanInput) {
    this.#input = input;
    this.#index = input.index;
    this.#compare = {
      root: input.root,
      index: input.index,
      settings: input.settings,
      conversion: workTreeConversion(input),
      signal: input.signal,
    };
  }

  run(): ScanResult {
    const { root, gitDirectory, settings } = this.#input;
    const { excludesFile, ignoreCase } = settings;
    const before = rootStat(root);
    const scope = outerIgnoreScope({ gitDirectory, excludesFile, ignoreCase });
    this.#folders.push({ path: "", from: 0, to: this.#index.count, scope, isExcluded: false });
    for (let folder = this.#folders.pop(); folder !== undefined; folder = this.#folders.pop()) {
      throwIfAborted(this.#input.signal);
      this.#enter(folder);
    }
    checkSameRoot(root, before);
    return {
      changes: this.#changes.sort(byPath),
      skipped: this.#skipped.sort(byPath),
      refreshed: this.#refreshed.length,
      refreshedPaths: this.#refreshed.sort(),
    };
  }

  #enter(folder: Folder): void {
    const names = this.#list(folder);
    if (names === undefined) return;
    const isTracked = folder.to > folder.from;
    if (folder.path !== "" && !isTracked && isRepository(this.#input.root, folder.path, names)) {
      this.#skip(folder.path, "nested-repository");
      return;
    }
    const scope = this.#scopeOf(folder, names);
    this.#visitTracked(folder, names, scope);
    if (folder.isExcluded) return;
    for (const [name, entry] of names) this.#visitUntracked(joinPath(folder.path, name), entry, scope);
  }

  /** Undefined when the folder can not be listed: its entries are then neither changed nor deleted. */
  #list(folder: Folder): Listing | undefined {
    const { root } = this.#input;
    let entries: Dirent[];
    try {
      entries = readdirSync(toFsPath(root, folder.path), { encoding: "latin1", withFileTypes: true });
    } catch (error) {
      const code = systemCode(error) ?? "";
      if (folder.path === "") throw folderMissing(root, `can not be read (${code})`, error);
      if (["EACCES", "EPERM"].includes(code)) this.#skip(folder.path, "unreadable");
      else if (["ENOENT", "ENOTDIR"].includes(code)) this.#deleteRange(folder.from, folder.to);
      else throw fromSystem(error, `list ${displayPath(folder.path)}`);
      return undefined;
    }
    return new Map(entries.map((entry) => [entry.name, entry]));
  }

  #scopeOf(folder: Folder, names: Listing): IgnoreScope | undefined {
    const path = joinPath(folder.path, ".gitignore");
    const place = { directory: folder.path, ignoreCase: this.#input.settings.ignoreCase };
    if (names.has(".gitignore"))
      return ignoreScope(folder.scope, place, readRuleFile(toFsPath(this.#input.root, path), "refuse"));
    // In a sparse checkout the rules hold although their file is absent.
    const position = folder.to > folder.from ? this.#index.find(path) : -1;
    const isAbsentOnPurpose = position >= 0 && this.#index.isSkipWorktree(position);
    return isAbsentOnPurpose
      ? ignoreScope(folder.scope, place, storedRules(this.#input, path))
      : folder.scope;
  }

  /** Goes through the folder's entries and takes their names out of the listing. */
  #visitTracked(folder: Folder, names: Listing, scope: IgnoreScope | undefined): void {
    const start = folder.path === "" ? 0 : folder.path.length + 1;
    for (let at = folder.from; at < folder.to;) {
      const path = this.#index.pathAt(at);
      const slash = path.indexOf("/", start);
      if (slash < 0) {
        this.#visitFile(at, names);
        at++;
        continue;
      }
      const directory = path.slice(0, slash);
      const to = this.#index.lowerBound(`${directory}0`);
      const isExcluded = folder.isExcluded || isIgnored(scope, directory, true);
      this.#visitFolder({ path: directory, from: at, to, scope, isExcluded }, names);
      at = to;
    }
  }

  /** A folder with tracked files below it. */
  #visitFolder(folder: Folder, names: Listing): void {
    const name = folder.path.slice(folder.path.lastIndexOf("/") + 1);
    const entry = names.get(name);
    const kind = entry === undefined ? undefined : this.#kindOf(folder.path, entry);
    if (kind === "directory") {
      names.delete(name);
      this.#folders.push(folder);
    } else if (kind === "unreadable") {
      names.delete(name);
      this.#skip(folder.path, "unreadable");
    } else this.#deleteRange(folder.from, folder.to);
  }

  #visitFile(position: number, names: Listing): void {
    const path = this.#index.pathAt(position);
    const name = path.slice(parentLength(path));
    const entry = names.get(name);
    if (this.#index.modeAt(position) === MODE.submodule) {
      names.delete(name);
      this.#skip(path, "submodule");
      return;
    }
    if (this.#index.isAssumeValid(position)) {
      names.delete(name);
      return;
    }
    const stat = entry === undefined ? undefined : this.#statOf(path);
    const kind = typeof stat === "object" ? stat.kind : stat;
    // In a folder that took the file's place all content is untracked: its name stays in the listing.
    if (kind === undefined || kind === "directory") {
      this.#delete(position);
      return;
    }
    names.delete(name);
    if (typeof stat === "object" && (kind === "file" || kind === "symlink")) this.#report(position, stat);
    else if (kind !== "file" && kind !== "symlink") this.#skip(path, kind);
  }

  #report(position: number, stat: FileStat): void {
    const path = this.#index.pathAt(position);
    const found = compareEntry(this.#compare, position, stat);
    if (found.kind === "changed") this.#change(path, found.change);
    else if (found.kind === "skipped") this.#skip(path, found.reason);
    else if (found.kind === "refreshed") this.#refreshed.push(path);
  }

  #visitUntracked(path: RepoPath, entry: Dirent, scope: IgnoreScope | undefined): void {
    // The repository itself.
    if (path === ".git") return;
    const kind = this.#kindOf(path, entry);
    if (kind === undefined) return;
    if (kind !== "directory" && isTemporaryName(entry.name)) return;
    if (isIgnored(scope, path, kind === "directory")) return;
    if (isForbiddenName(entry.name)) this.#skip(path, "forbidden-name");
    else if (kind === "directory") this.#folders.push({ path, from: 0, to: 0, scope, isExcluded: false });
    else if (kind === "file") this.#addFile(path);
    else if (kind === "symlink") this.#change(path, "added");
    else this.#skip(path, kind);
  }

  #addFile(path: RepoPath): void {
    if (!isReadable(toFsPath(this.#input.root, path))) this.#skip(path, "unreadable");
    else if (this.#compare.conversion.refusal(path) !== undefined) this.#skip(path, "filter");
    else this.#change(path, "added");
  }

  /** Undefined when it vanished meanwhile. Some file systems do not tell in the listing what a name is. */
  #kindOf(path: RepoPath, entry: Dirent): FileKind | "unreadable" | undefined {
    if (entry.isDirectory()) return "directory";
    if (entry.isFile()) return "file";
    if (entry.isSymbolicLink()) return "symlink";
    const stat = this.#statOf(path);
    return typeof stat === "object" ? stat.kind : stat;
  }

  #statOf(path: RepoPath): FileStat | "unreadable" | undefined {
    try {
      return statPath(toFsPath(this.#input.root, path));
    } catch (error) {
      if (["EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "unreadable";
      throw fromSystem(error, `look at ${displayPath(path)}`);
    }
  }

  #deleteRange(from: number, to: number): void {
    for (let position = from; position < to; position++) {
      if (this.#index.modeAt(position) === MODE.submodule)
        this.#skip(this.#index.pathAt(position), "submodule");
      else this.#delete(position);
    }
  }

  #delete(position: number): void {
    // Absent on purpose, or the user asked git not to look.
    if (this.#index.isSkipWorktree(position) || this.#index.isAssumeValid(position)) return;
    this.#change(this.#index.pathAt(position), "deleted");
  }

  #change(path: RepoPath, kind: ChangeKind): void {
    this.#changes.push({ path, kind });
  }

  #skip(path: RepoPath, reason: SkippedPath["reason"]): void {
    this.#skipped.push({ path, reason });
  }
}

/** A `.git` file, or a `.git` folder with a HEAD in it; an empty `.git` folder is just a forbidden name. */
function isRepository(root: string, path: RepoPath, names: Listing): boolean {
  const entry = names.get(".git");
  if (entry === undefined) return false;
  if (!entry.isDirectory()) return true;
  try {
    return statPath(toFsPath(root, joinPath(path, ".git/HEAD"))) !== undefined;
  } catch {
    return true;
  }
}

function parentLength(path: RepoPath): number {
  const parent = parentPath(path);
  return parent === "" ? 0 : parent.length + 1;
}

function byPath(a: { readonly path: RepoPath }, b: { readonly path: RepoPath }): number {
  return a.path < b.path ? -1 : 1;
}
