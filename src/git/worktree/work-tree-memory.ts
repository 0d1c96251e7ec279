/**
 * What the scans of one open repository remember, so that the next one neither lists folders nor reads rules again:
 * git's "untracked cache", in memory. A folder's list holds as long as its times do; a time that was young when the
 * list was made holds nothing, because a further change within the same tick of the clock would not show in it.
 */
import { FIELD } from "./index-layout.ts";
import type { Clock } from "../../base/clock.ts";
import type { RepoPath } from "../model.ts";
import type { FolderLook } from "./folder-look.ts";
import type { IgnoreScope } from "./ignore-rules.ts";
import type { RememberedScan } from "./remembered-scan.ts";

/**
 * The coarsest tick of a file system that people use: FAT counts modification times in two seconds. One more, since
 * the fraction of a second is left out here.
 */
const YOUNG_MS = 3000;

/** The row of numbers by which a file or a folder is known again: its place, its times, its rights. */
export type Identity = Uint32Array;

export type FolderMemory = {
  readonly identity: Identity;
  /** How many names the folder holds. */
  readonly listed: number;
  readonly hasRules: boolean;
  /** Those of them that were not tracked. */
  readonly others: readonly RepoPath[];
};

type RulesMemory = {
  /** Of the folder's `.gitignore`; undefined: it is too young to be known again. */
  readonly identity: Identity | undefined;
  readonly outer: IgnoreScope | undefined;
  readonly scope: IgnoreScope | undefined;
};

/** Names of a folder that are neither tracked nor ignored, by the list and the rules they were taken from. */
type VisibleMemory = {
  readonly others: readonly RepoPath[];
  readonly scope: IgnoreScope | undefined;
  readonly names: readonly RepoPath[];
};

export class WorkTreeMemory {
  readonly folders = new Map<RepoPath, FolderMemory>();
  readonly visible = new Map<RepoPath, VisibleMemory>();
  /** The rules inside each folder with tracked files. */
  readonly scopes = new Map<
    RepoPath,
    { readonly scope: IgnoreScope | undefined; readonly isExcluded: boolean }
  >();
  /** The last complete scan; undefined while one runs, and after one that did not end. */
  last: RememberedScan | undefined;
  /** The rules from outside the work tree; undefined before the first scan, or when there are none. */
  outerScope: IgnoreScope | undefined;
  readonly #clock: Clock;
  readonly #rules = new Map<RepoPath, RulesMemory>();
  #youngSince = 0;
  #circumstances: string | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get circumstances(): string | undefined {
    return this.#circumstances;
  }

  /**
   * To be called before anything is looked at.
   * @param circumstances all that bears on a scan and lies outside the work tree; when it changed, nothing is known
   */
  begin(circumstances: string): void {
    this.#youngSince = this.#clock.now() - YOUNG_MS;
    this.last = undefined;
    if (circumstances === this.#circumstances) return;
    this.#circumstances = circumstances;
    for (const map of [this.folders, this.visible, this.scopes, this.#rules]) map.clear();
    this.outerScope = undefined;
  }

  /** Returns by what the last answer is known again, or undefined when it is too young for that. */
  identityOf({ answer }: FolderLook): Identity | undefined {
    const seconds = Math.max(answer[FIELD.mtimeSeconds] ?? 0, answer[FIELD.ctimeSeconds] ?? 0);
    return seconds * 1000 < this.#youngSince ? answer.slice() : undefined;
  }

  recallRules(folder: RepoPath, outer: IgnoreScope | undefined, look: FolderLook): RulesMemory | undefined {
    const known = this.#rules.get(folder);
    const isSame = known?.outer === outer && sameIdentity(known?.identity, this.identityOf(look));
    return isSame ? known : undefined;
  }

  rememberRules(folder: RepoPath, rules: RulesMemory): void {
    this.#rules.set(folder, rules);
  }

  recallVisible(
    folder: RepoPath,
    others: readonly RepoPath[],
    scope: IgnoreScope | undefined,
  ): readonly RepoPath[] | undefined {
    const known = this.visible.get(folder);
    return known?.others === others && known.scope === scope ? known.names : undefined;
  }

  /** A folder that is gone; should one of this name come back, it is another one. */
  forgetFolder(path: RepoPath): void {
    for (const map of [this.folders, this.visible, this.scopes, this.#rules]) {
      for (const folder of map.keys())
        if (folder === path || folder.startsWith(`${path}/`)) map.delete(folder);
    }
  }
}

export function sameIdentity(a: Identity | undefined, b: Identity | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
