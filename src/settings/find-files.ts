/** Looks for what is selected: every file and link with what the system says of it, and what had to be passed over. */
import { constants, lstatSync, readdirSync, type Stats } from "node:fs";

import { fromSystem, systemCode } from "../base/errors.ts";
import { stampOf } from "./content.ts";
import { FileLook, type OpenFolderStats } from "./file-look.ts";
import { copyNameOf } from "./copy-name.ts";
import { type NamedBy, namedBy, namedWithin } from "./named-by.ts";
import { hasSecretName } from "./private-key.ts";
import { cleanPattern, isGlob, literalPart, type Selection } from "./selection.ts";

export type FoundFile = {
  readonly app: string | undefined;
  /** Absolute path of the file itself. */
  readonly path: string;
  /** Of its copy, in the repository, as text. */
  readonly copy: string;
  readonly isLink: boolean;
  readonly stat: FileStamp;
  /** It may be kept encrypted only. */
  readonly encrypt: boolean;
};

export type FileStamp = Pick<Stats, "size" | "mtimeMs" | "ctimeMs" | "ino" | "mode">;

export type PassedOver = { readonly app: string | undefined; readonly path: string; readonly reason: string };

/** Where a pattern begins to be one, and how that stands. */
export type Top = {
  readonly app: string | undefined;
  /** Absolute. */
  readonly path: string;
  /** In the repository; "" when a selection takes whatever is in its root. */
  readonly copy: string;
  readonly is: "file" | "folder" | "absent" | "unreadable";
};

export type Found = {
  /** Each copy once. */
  readonly files: readonly FoundFile[];
  readonly passedOver: readonly PassedOver[];
  /** Copies, each with all below, of which nothing can be said: what was passed over. */
  readonly unseen: readonly string[];
  readonly tops: readonly Top[];
  /** Folders whose names were all looked at, absolute. */
  readonly walked: readonly string[];
  /** Modes of the folders that were walked through, by the names of their copies. */
  readonly folderModes: ReadonlyMap<string, number>;
};

export type FindInput = {
  readonly selections: readonly Selection[];
  /** Absolute paths of folders that are never gathered: the managed repository, lull's own state. */
  readonly never: readonly string[];
  readonly home: string;
  readonly openFolderStats?: OpenFolderStats | undefined;
  readonly signal: AbortSignal;
};

export function findFiles(input: FindInput): Found {
  const walk = new Walk(input);
  for (const selection of input.selections) walk.take(selection);
  return walk.found;
}

/** What systems leave behind in every folder. */
const NOBODY_WANTS = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);
/** Of a restore that was cut off. */
const OWN_LEFTOVER = /^\.lull-\d+-\d+\.tmp$/;

function isUnwanted(name: string): boolean {
  return NOBODY_WANTS.has(name) || (name.startsWith(".lull-") && OWN_LEFTOVER.test(name));
}

type Way = {
  readonly look: FileLook;
  readonly selection: Selection;
  readonly isExcluded: NamedBy;
  readonly isEncrypted: NamedBy;
  /** Undefined: everything below is taken. */
  readonly isWanted: NamedBy | undefined;
  /** How many folders below the root the pattern can reach. */
  readonly depth: number;
};

class Walk {
  readonly #input: FindInput;
  readonly #never: ReadonlySet<string>;
  readonly #files = new Map<string, FoundFile>();
  readonly #passedOver: PassedOver[] = [];
  readonly #unseen: string[] = [];
  readonly #tops: Top[] = [];
  readonly #walked: string[] = [];
  readonly #folderModes = new Map<string, number>();

  constructor(input: FindInput) {
    this.#input = input;
    this.#never = new Set(input.never);
  }

  get found(): Found {
    return {
      files: [...this.#files.values()],
      passedOver: this.#passedOver,
      unseen: this.#unseen,
      tops: this.#tops,
      walked: this.#walked,
      folderModes: this.#folderModes,
    };
  }

  take(selection: Selection): void {
    using look = new FileLook(selection.root, this.#input.openFolderStats);
    const isExcluded = namedBy(selection.exclude);
    const isEncrypted = namedWithin(selection.encrypt);
    for (const pattern of selection.files) {
      const clean = cleanPattern(pattern);
      const isWanted = isGlob(clean) ? namedFromRoot(clean) : undefined;
      const depth = clean.includes("**") ? Number.POSITIVE_INFINITY : clean.split("/").length;
      this.#begin({ selection, isExcluded, isEncrypted, isWanted, depth, look }, literalPart(pattern));
    }
  }

  #begin(way: Way, relative: string): void {
    const { selection } = way;
    const path = relative === "" ? selection.root : `${selection.root}/${relative}`;
    const top = { app: selection.app, path, copy: copyOf(selection, relative) };
    let stat: Stats | undefined;
    try {
      stat = lstatSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if (systemCode(error) !== "ENOTDIR") {
        this.#tops.push({ ...top, is: "unreadable" });
        this.#pass(way, relative, error);
        return;
      }
    }
    if (stat === undefined) {
      this.#tops.push({ ...top, is: "absent" });
      return;
    }
    this.#above(selection, relative);
    // The root may be a link of the person's (`~/.config` on another disk); only what is below it is gathered.
    const isFolder = stat.isDirectory() || (relative === "" && stat.isSymbolicLink());
    if (!isFolder) {
      this.#tops.push({ ...top, is: "file" });
      if (way.isWanted === undefined) this.#file(way, relative, stampOf(stat));
      return;
    }
    if (relative !== "" && (way.isExcluded(relative) || this.#never.has(path))) return;
    const isRead = this.#folder(way, relative, stat.mode);
    this.#tops.push({ ...top, is: isRead ? "folder" : "unreadable" });
  }

  /** A file alone may lie in a private folder, which has to be as private on the next machine. */
  #above(selection: Selection, relative: string): void {
    // The home's own permissions are not an app's.
    if (selection.root !== this.#input.home) this.#noteMode(selection.folder, selection.root);
    for (let slash = relative.indexOf("/"); slash >= 0; slash = relative.indexOf("/", slash + 1)) {
      const folder = relative.slice(0, slash);
      this.#noteMode(copyOf(selection, folder), `${selection.root}/${folder}`);
    }
  }

  #noteMode(copy: string, path: string): void {
    if (this.#folderModes.has(copy)) return;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) this.#folderModes.set(copy, stat.mode & 0o7777);
  }

  /** Returns whether it could be read. */
  #folder(way: Way, relative: string, mode: number): boolean {
    this.#input.signal.throwIfAborted();
    const { selection, look } = way;
    const path = relative === "" ? selection.root : `${selection.root}/${relative}`;
    let names: string[];
    try {
      names = readdirSync(path);
    } catch (error) {
      this.#pass(way, relative, error);
      return false;
    }
    if (relative !== "") this.#folderModes.set(copyOf(selection, relative), mode & 0o7777);
    this.#walked.push(path);
    const folders: [name: string, mode: number][] = [];
    look.enter(relative);
    for (const name of names.sort()) {
      if (isUnwanted(name)) continue;
      const below = relative === "" ? name : `${relative}/${name}`;
      if (way.isExcluded(below)) continue;
      const folderMode = this.#entry(way, below, name);
      if (folderMode !== undefined) folders.push([below, folderMode]);
    }
    for (const [below, folderMode] of folders) this.#below(way, below, folderMode);
    return true;
  }

  /** Returns the mode of a folder, which is to be gone into. */
  #entry(way: Way, relative: string, name: string): number | undefined {
    const isTaken = way.isWanted === undefined || way.isWanted(relative);
    let stamp: FileStamp | undefined;
    try {
      stamp = way.look.look(name);
    } catch (error) {
      if (isTaken) this.#pass(way, relative, error);
      return undefined;
    }
    // It went in this moment.
    if (stamp === undefined) return undefined;
    if ((stamp.mode & constants.S_IFMT) === constants.S_IFDIR) return stamp.mode;
    if (isTaken) this.#file(way, relative, stamp);
    return undefined;
  }

  #below(way: Way, relative: string, mode: number): void {
    if (this.#never.has(`${way.selection.root}/${relative}`)) return;
    const isTaken = way.isWanted === undefined || way.isWanted(relative);
    if (relative.endsWith("/.git") || relative === ".git") {
      if (isTaken) this.#passBecause(way, relative, "the repository of a folder is not kept, only its files");
      return;
    }
    if (isTaken) this.#folder({ ...way, isWanted: undefined }, relative, mode);
    else if (relative.split("/").length < way.depth) this.#folder(way, relative, mode);
  }

  #file(way: Way, relative: string, stat: FileStamp): void {
    const kind = stat.mode & constants.S_IFMT;
    const isLink = kind === constants.S_IFLNK;
    if (kind !== constants.S_IFREG && !isLink)
      return this.#passBecause(way, relative, "it is neither a file nor a folder nor a link");
    if (relative.includes("\uFFFD")) return this.#passBecause(way, relative, "its name is no UTF-8");
    const { selection, isEncrypted } = way;
    const copy = copyOf(selection, relative);
    const known = this.#files.get(copy);
    const encrypt = !isLink && (isEncrypted(relative) || hasSecretName(relative));
    // Named twice: who wants it encrypted is right.
    if (known !== undefined) {
      if (encrypt) this.#files.set(copy, { ...known, encrypt });
      return;
    }
    const path = `${selection.root}/${relative}`;
    this.#files.set(copy, { app: selection.app, path, copy, isLink, encrypt, stat });
  }

  #pass(way: Way, relative: string, error: unknown): void {
    this.#passBecause(way, relative, fromSystem(error, "read it").message);
  }

  #passBecause({ selection }: Way, relative: string, reason: string): void {
    this.#passedOver.push({ app: selection.app, path: `${selection.root}/${relative}`, reason });
    this.#unseen.push(copyOf(selection, relative));
  }
}

function copyOf({ folder }: Selection, relative: string): string {
  return relative === "" ? folder : `${folder}/${copyNameOf(relative)}`;
}

/** A pattern of files counts from the root also without a slash: `*` in `~` is not every file below. */
function namedFromRoot(pattern: string): NamedBy {
  const glob = new Bun.Glob(pattern);
  return (path) => glob.match(path);
}
