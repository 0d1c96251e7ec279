/**
 * The walk of a scan. It goes over the folders once, for tracked and untracked paths: a folder is entered only when
 * lstat says that it is a real one, so that a link never leads out of the tree and nothing below an unreadable folder is
 * taken for deleted.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { displayPath, joinPath, parentPath, toFsPath } from "../paths.ts";
import { compareEntry, isReadable } from "./compare-entry.ts";
import { storedRules, workTreeConversion } from "./conversion.ts";
import { FolderNames } from "./folder-names.ts";
import { isForbiddenName } from "./forbidden-names.ts";
import { ignoreScope, isIgnored } from "./ignore-rules.ts";
import { readRuleFile } from "./rule-file.ts";
import { kindOf, statPath } from "./stat.ts";
import { isTemporaryName } from "./temporary-names.ts";
import { countUntouched } from "./untouched.ts";
import type { RepoPath } from "../model.ts";
import type { ChangeKind, SkippedPath, WorkTreeChange } from "./changes.ts";
import type { CompareInput } from "./compare-entry.ts";
import type { WorkTreeInput } from "./conversion.ts";
import type { FolderLook } from "./folder-look.ts";
import type { IgnoreScope } from "./ignore-rules.ts";
import type { IndexTable } from "./index-table.ts";
import type { ScanHelp } from "./scan-partner.ts";
import type { FileKind } from "./stat.ts";
import type { RowRange, UntouchedInput } from "./untouched.ts";
import type { WorkTreeMemory } from "./work-tree-memory.ts";

export type WalkInput = WorkTreeInput & {
  readonly index: IndexTable;
  readonly look: FolderLook;
  /** On which the top folder lies. */
  readonly device: number;
  readonly memory: WorkTreeMemory | undefined;
  /** A second thread that looks at tracked files too. */
  readonly help?: ScanHelp | undefined;
  readonly signal: AbortSignal | undefined;
};

export type Folder = {
  readonly path: RepoPath;
  /** The index entries below it, [from, to). */
  readonly from: number;
  readonly to: number;
  /** The rules in force around it. */
  readonly scope: IgnoreScope | undefined;
  /** The rules exclude it: it is entered for the tracked files in it, and all else in it is ignored. */
  readonly isExcluded: boolean;
};

export class ScanWalk {
  readonly changes: WorkTreeChange[] = [];
  readonly skipped: SkippedPath[] = [];
  /** Same content, old stat data. */
  readonly refreshed: RepoPath[] = [];
  /** Compared by content, because their time is as young as the index. */
  readonly racy: RepoPath[] = [];
  readonly #input: WalkInput;
  readonly #index: IndexTable;
  readonly #look: FolderLook;
  readonly #names: FolderNames;
  readonly #folders: Folder[] = [];
  readonly #untouched: UntouchedInput;
  #comparing: CompareInput | undefined;

  constructor(input: WalkInput) {
    this.#input = input;
    this.#untouched = {
      index: input.index,
      fileMode: input.settings.fileMode,
    };
    this.#index = input.index;
    this.#look = input.look;
    this.#names = new FolderNames(input);
  }

  /** Goes through a folder and all below it. */
  walk(folder: Folder): void {
    this.#folders.push(folder);
    this.#walkAll();
  }

  /**
   * Goes through one name and all below it.
   * @param around the folder in which it lies, with the rules inside that folder
   */
  examine(path: RepoPath, around: Pick<Folder, "scope" | "isExcluded">): void {
    this.#look.enter(parentPath(path));
    const [from, to] = this.#index.rangeOf(path);
    const position = this.#index.find(path);
    let isTaken = false;
    if (position >= 0) isTaken = this.#visitFile(position);
    else if (to > from) isTaken = this.#visitFolder(this.#inner(path, { from, to }, around));
    if (!isTaken) this.#visitUntracked(path, around.scope, false);
    this.#walkAll();
  }

  #walkAll(): void {
    for (let folder = this.#folders.pop(); folder !== undefined; folder = this.#folders.pop()) {
      throwIfAborted(this.#input.signal);
      this.#enter(folder);
    }
  }

  #enter(folder: Folder): void {
    this.#look.enter(folder.path);
    const listing = this.#names.of(folder.path);
    if (listing.kind === "unreadable") this.#skip(folder.path, "unreadable");
    else if (listing.kind === "gone") this.#deleteFolder(folder);
    if (listing.kind !== "listed") return;
    if (folder.path !== "" && folder.to === folder.from && this.#isRepository(folder.path)) {
      this.#skip(folder.path, "nested-repository");
      return;
    }
    const scope = this.#scopeOf(folder, listing.hasRules);
    if (folder.to > folder.from || folder.path === "") {
      this.#input.memory?.scopes.set(folder.path, { scope, isExcluded: folder.isExcluded });
    }
    const { present, clashes } = this.#visitTracked(folder, scope);
    const others = this.#names.others(folder, listing, { present, clashes });
    if (!folder.isExcluded) this.#visitOthers(folder.path, others, scope);
  }

  #scopeOf(folder: Folder, hasRules: boolean): IgnoreScope | undefined {
    const { memory, root, settings } = this.#input;
    const path = joinPath(folder.path, ".gitignore");
    const place = { directory: folder.path, ignoreCase: settings.ignoreCase };
    if (hasRules && this.#exists(path)) {
      const known = memory?.recallRules(folder.path, folder.scope, this.#look);
      if (known !== undefined) return known.scope;
      const identity = memory?.identityOf(this.#look);
      const scope = ignoreScope(folder.scope, place, readRuleFile(toFsPath(root, path), "refuse"));
      memory?.rememberRules(folder.path, { identity, outer: folder.scope, scope });
      return scope;
    }
    // In a sparse checkout the rules hold although their file is absent.
    const mayBeAbsent = folder.to > folder.from && this.#index.entries.mayBeExtended;
    const position = mayBeAbsent ? this.#index.find(path) : -1;
    const isAbsentOnPurpose = position >= 0 && this.#index.isSkipWorktree(position);
    return isAbsentOnPurpose
      ? ignoreScope(folder.scope, place, storedRules(this.#input, path))
      : folder.scope;
  }

  /**
   * Goes through the folder's entries.
   * @returns how many of its names they have taken, and those that are something else now
   */
  #visitTracked(folder: Folder, scope: IgnoreScope | undefined) {
    let present = 0;
    const clashes = new Set<RepoPath>();
    const start = folder.path === "" ? 0 : folder.path.length + 1;
    const { entries } = this.#index;
    for (let at = folder.from; at < folder.to;) {
      if (entries.nameStart(at) === start) {
        const end = entries.endOfFiles(at, folder.to, start);
        present += this.#visitFiles(at, end, clashes);
        at = end;
      } else {
        const path = entries.path(at);
        const inner = path.slice(0, path.indexOf("/", start));
        const to = this.#index.endOf(inner, at);
        if (this.#visitFolder(this.#inner(inner, { from: at, to }, { ...folder, scope }))) present++;
        else clashes.add(inner.slice(start));
        at = to;
      }
    }
    return { present, clashes };
  }

  /**
   * Goes through the entries [from, to), all in the folder that was entered.
   * @returns how many of them have their names still; the other names are added to `clashes`
   */
  #visitFiles(from: number, to: number, clashes: Set<RepoPath>): number {
    let present = 0;
    const visit = (position: number): void => {
      if (this.#visitFile(position)) present++;
      else clashes.add(this.#index.entries.name(position));
    };
    for (let at = from; at < to;) {
      const known = this.#input.help?.resultsFrom(at);
      if (known !== undefined) {
        for (let offset = 0; offset < known.length; offset++) {
          if (known[offset] === 1) present++;
          else visit(at + offset);
        }
        at += known.length;
        continue;
      }
      const seen = this.#look.lookAtEntries(this.#index.entries, at, to);
      for (let row = 0; row < seen; row++) {
        const untouched = this.#countUntouched({ row, end: seen, position: at });
        present += untouched;
        row += untouched;
        if (row < seen) visit(at + row);
      }
      at += seen;
      if (seen === 0) visit(at++);
    }
    return present;
  }

  /** After `lookAtEntries`. */
  #countUntouched(range: RowRange): number {
    const { rows } = this.#look;
    return rows === undefined ? 0 : countUntouched(this.#untouched, rows, range);
  }

  #inner(
    path: RepoPath,
    range: { readonly from: number; readonly to: number },
    around: Pick<Folder, "scope" | "isExcluded">,
  ): Folder {
    const isExcluded = around.isExcluded || isIgnored(around.scope, path, true);
    return { path, ...range, scope: around.scope, isExcluded };
  }

  /** A folder with tracked files below it. True when its name belongs to it still. */
  #visitFolder(folder: Folder): boolean {
    const kind = this.#kindAt(folder.path);
    if (kind === "directory") this.#folders.push(folder);
    else if (kind === "unreadable") this.#skip(folder.path, "unreadable");
    else this.#deleteFolder(folder);
    return kind === "directory" || kind === "unreadable";
  }

  /** A tracked file. True when its name belongs to it still: it is there, and no folder. */
  #visitFile(position: number): boolean {
    const index = this.#index;
    if (index.modeAt(position) === MODE.submodule) {
      const path = index.pathAt(position);
      this.#skip(path, "submodule");
      return this.#exists(path);
    }
    if (index.isAssumeValid(position)) return this.#exists(index.pathAt(position));
    const kind = this.#kindOfEntry(position);
    // In a folder that took the file's place all content is untracked.
    if (kind === undefined || kind === "directory") {
      this.#delete(position);
      return false;
    }
    if (kind === "file" || kind === "symlink") this.#compare(position);
    else this.#skip(index.pathAt(position), kind);
    return true;
  }

  /** After a look at it. */
  #compare(position: number): void {
    if (countUntouched(this.#untouched, this.#look.row, { row: 0, end: 1, position }) === 1) return;
    const path = this.#index.pathAt(position);
    if (this.#index.isRacy(position)) this.racy.push(path);
    const found = compareEntry(this.#compareInput(), position, this.#look.stat);
    if (found.kind === "changed") this.#change(path, found.change);
    else if (found.kind === "skipped") this.#skip(path, found.reason);
    else if (found.kind === "refreshed") this.refreshed.push(path);
  }

  #visitOthers(folder: RepoPath, others: readonly RepoPath[], scope: IgnoreScope | undefined): void {
    const { memory } = this.#input;
    const known = memory?.recallVisible(folder, others, scope);
    const visible: RepoPath[] = [];
    for (const name of known ?? others) {
      if (this.#visitUntracked(joinPath(folder, name), scope, known !== undefined)) visible.push(name);
    }
    memory?.visible.set(folder, { others, scope, names: visible });
  }

  /** Returns false when the path is ignored, or nothing. */
  #visitUntracked(path: RepoPath, scope: IgnoreScope | undefined, isKnownAsVisible: boolean): boolean {
    // The repository itself.
    if (path === ".git") return false;
    const kind = this.#kindAt(path);
    if (kind === undefined) return false;
    const name = path.slice(nameStart(path));
    if (kind !== "directory" && isTemporaryName(name)) return false;
    if (!isKnownAsVisible && isIgnored(scope, path, kind === "directory")) return false;
    if (isForbiddenName(name)) this.#skip(path, "forbidden-name");
    else if (kind === "directory") this.#folders.push({ path, from: 0, to: 0, scope, isExcluded: false });
    else if (kind === "file") this.#addFile(path);
    else if (kind === "symlink") this.#change(path, "added");
    else this.#skip(path, kind);
    return true;
  }

  #addFile(path: RepoPath): void {
    const { root, settings } = this.#input;
    if (!isReadable(toFsPath(root, path), this.#look.mode, settings)) this.#skip(path, "unreadable");
    else if (this.#compareInput().conversion.refusal(path) !== undefined) this.#skip(path, "filter");
    else this.#change(path, "added");
  }

  /** Made when the first path needs it: in an unchanged work tree none does. */
  #compareInput(): CompareInput {
    this.#comparing ??= { ...this.#input, conversion: workTreeConversion(this.#input) };
    return this.#comparing;
  }

  /** A `.git` file, or a `.git` folder with a HEAD in it; an empty `.git` folder is just a forbidden name. */
  #isRepository(folder: RepoPath): boolean {
    const kind = this.#kindAt(joinPath(folder, ".git"));
    if (kind !== "directory") return kind !== undefined && kind !== "unreadable";
    try {
      return statPath(toFsPath(this.#input.root, joinPath(folder, ".git/HEAD"))) !== undefined;
    } catch {
      return true;
    }
  }

  /** What lies at a path of the folder that was entered last; undefined when nothing does. */
  #kindAt(path: RepoPath): FileKind | "unreadable" | undefined {
    try {
      return this.#look.look(path, nameStart(path)) ? kindOf(this.#look.mode) : undefined;
    } catch (error) {
      return unreadable(error, path);
    }
  }

  /** As `#kindAt` for a tracked file. */
  #kindOfEntry(position: number): FileKind | "unreadable" | undefined {
    const { entries } = this.#index;
    try {
      const path = entries.path(position);
      return this.#look.look(path, nameStart(path)) ? kindOf(this.#look.mode) : undefined;
    } catch (error) {
      return unreadable(error, entries.path(position));
    }
  }

  #exists(path: RepoPath): boolean {
    const kind = this.#kindAt(path);
    return kind !== undefined && kind !== "unreadable";
  }

  #deleteFolder({ path, from, to }: Folder): void {
    this.#input.memory?.forgetFolder(path);
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
    this.changes.push({ path, kind });
  }

  #skip(path: RepoPath, reason: SkippedPath["reason"]): void {
    this.skipped.push({ path, reason });
  }
}

/** @throws the error, when it does not say that something is there that must not be looked at */
function unreadable(error: unknown, path: RepoPath): "unreadable" {
  if (["EACCES", "EPERM"].includes(systemCode(error) ?? "")) return "unreadable";
  throw fromSystem(error, `look at ${displayPath(path)}`);
}

function nameStart(path: RepoPath): number {
  return path.lastIndexOf("/") + 1;
}
