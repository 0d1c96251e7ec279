/** Which names of a folder are not tracked: from its listing, or from what an earlier scan remembers of it. */
import { readdirSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import { displayPath, toFsPath } from "../paths.ts";
import { FIELD } from "./index-layout.ts";
import { lowerAscii } from "./path-pattern.ts";
import { folderMissing } from "./root-folder.ts";
import { sameIdentity } from "./work-tree-memory.ts";
import type { RepoPath } from "../model.ts";
import type { FolderNameList } from "./folder-look.ts";
import type { Folder, WalkInput } from "./scan-walk.ts";
import type { FolderMemory, Identity } from "./work-tree-memory.ts";

export type Listing =
  | {
      readonly kind: "listed";
      /** Undefined: the names are those that `known` speaks of. Otherwise valid until the next folder is listed. */
      readonly names: FolderNameList | undefined;
      readonly known: FolderMemory | undefined;
      /** A `.gitignore` lies in it. */
      readonly hasRules: boolean;
      /** By which the folder is known again. */
      readonly identity: Identity | undefined;
    }
  /** Its entries are then neither changed nor deleted. */
  | { readonly kind: "unreadable" }
  | { readonly kind: "gone" };

/** What the index's entries have taken of a folder's names. */
export type Taken = {
  readonly present: number;
  /** Tracked names that are something else now: they are not taken. */
  readonly clashes: ReadonlySet<RepoPath>;
};

/** In the top folder it is the repository itself, and no part of the work tree. */
const REPOSITORY = ".git";

type TrackedFolder = Pick<Folder, "path" | "from" | "to">;

export class FolderNames {
  readonly #input: WalkInput;

  constructor(input: WalkInput) {
    this.#input = input;
  }

  /**
   * The folder has been entered.
   * @throws LullError `FOLDER_MISSING` when the top folder can not be listed
   */
  of(folder: RepoPath): Listing {
    const identity = this.#identity();
    const known = this.#input.memory?.folders.get(folder);
    if (known !== undefined && sameIdentity(known.identity, identity)) {
      return { kind: "listed", names: undefined, known, hasRules: known.hasRules, identity };
    }
    return this.#list(folder, identity);
  }

  /** The names that are not tracked. */
  others(folder: TrackedFolder, listing: Listing, taken: Taken): readonly RepoPath[] {
    if (listing.kind !== "listed") return [];
    const { known, identity } = listing;
    if (known !== undefined) {
      const others = known.others.some((name) => this.#isTracked(folder.path, name, taken))
        ? known.others.filter((name) => !this.#isTracked(folder.path, name, taken))
        : known.others;
      // As many names as there are: none of them was tracked before and is not any more.
      if (others.length + taken.present === known.listed)
        return this.#remember(folder.path, { ...known, others });
    }
    const listed = listing.names === undefined ? this.#list(folder.path, identity) : listing;
    const names = listed.kind === "listed" ? listed.names : undefined;
    if (names === undefined) return [];
    const own = folder.path === "" && names.has(REPOSITORY) ? 1 : 0;
    const count = names.count - own;
    const others = count === taken.present ? [] : this.#untracked(folder, names.names(), taken);
    if (identity === undefined) this.#input.memory?.folders.delete(folder.path);
    else this.#remember(folder.path, { identity, listed: count, hasRules: listing.hasRules, others });
    return others;
  }

  #remember(folder: RepoPath, memory: FolderMemory): readonly RepoPath[] {
    this.#input.memory?.folders.set(folder, memory);
    return memory.others;
  }

  #isTracked(folder: RepoPath, name: RepoPath, { clashes }: Taken): boolean {
    const path = folder === "" ? name : `${folder}/${name}`;
    const { index } = this.#input;
    return !clashes.has(name) && (index.find(path) >= 0 || index.hasDirectory(path));
  }

  #untracked(folder: TrackedFolder, names: readonly RepoPath[], { clashes }: Taken): readonly RepoPath[] {
    const tracked = this.#tracked(folder);
    const others = names.filter(
      (name) => (!tracked.has(name) || clashes.has(name)) && !isRepositoryItself(folder.path, name),
    );
    if (!this.#input.settings.ignoreCase) return others;
    // Where case does not count, a name that differs from a tracked one by case alone is that file.
    const folded = new Set([...tracked].filter((name) => !clashes.has(name)).map(lowerAscii));
    return others.filter((name) => !folded.has(lowerAscii(name)));
  }

  #tracked(folder: TrackedFolder): ReadonlySet<RepoPath> {
    const { index } = this.#input;
    const start = folder.path === "" ? 0 : folder.path.length + 1;
    const names = new Set<RepoPath>();
    for (let at = folder.from; at < folder.to;) {
      const path = index.pathAt(at);
      const slash = path.indexOf("/", start);
      names.add(path.slice(start, slash < 0 ? undefined : slash));
      at = slash < 0 ? at + 1 : index.endOf(path.slice(0, slash), at);
    }
    return names;
  }

  #list(folder: RepoPath, identity: Identity | undefined): Listing {
    const { root } = this.#input;
    try {
      const names =
        this.#input.look.list() ?? nameList(readdirSync(toFsPath(root, folder), { encoding: "latin1" }));
      return { kind: "listed", names, known: undefined, hasRules: names.has(".gitignore"), identity };
    } catch (error) {
      const code = systemCode(error) ?? "";
      if (folder === "") throw folderMissing(root, `can not be read (${code})`, error);
      if (["EACCES", "EPERM"].includes(code)) return { kind: "unreadable" };
      if (["ENOENT", "ENOTDIR"].includes(code)) return { kind: "gone" };
      throw fromSystem(error, `list ${displayPath(folder)}`);
    }
  }

  #identity(): Identity | undefined {
    const { look, memory, device } = this.#input;
    if (memory === undefined || !look.tellsChanges) return undefined;
    try {
      if (!look.lookAtFolder()) return undefined;
    } catch {
      // Listing it tells why.
      return undefined;
    }
    // Another file system that is mounted inside may tell less of its changes.
    return look.answer[FIELD.device] === device ? memory.identityOf(look) : undefined;
  }
}

function nameList(names: RepoPath[]): FolderNameList {
  return { count: names.length, has: (name) => names.includes(name), names: () => names };
}

function isRepositoryItself(folder: RepoPath, name: RepoPath): boolean {
  return folder === "" && name === REPOSITORY;
}
