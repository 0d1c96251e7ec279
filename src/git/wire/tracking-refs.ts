/** Brings `refs/remotes/<name>/*` and the tags in line with what a remote listed. */
import { LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { checkConnectivity } from "../history/connectivity.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { listRefs, readRef } from "../refs/ref-store.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import { deleteRef, updateRef } from "../refs/update-ref.ts";
import { packNewRefs } from "./pack-new-refs.ts";
import type { RefList } from "./ref-collector.ts";

export type TrackingInput = {
  readonly gitDirectory: string;
  readonly remote: string;
  /** Short branch name → oid: all that the remote has, each complete in the store. */
  readonly branches: ReadonlyMap<string, Oid>;
  readonly reflog: ReflogEntry | undefined;
};

/** @throws LullError `REF_LOCKED`, `REF_BROKEN` … as `updateRef` */
export function updateTracking({ gitDirectory, remote, branches, reflog }: TrackingInput): void {
  const prefix = `refs/remotes/${remote}/`;
  const tracked = listRefs(gitDirectory, prefix, () => {});
  // Before the others: a branch `a` that is gone would be in the way of a new `a/b`.
  for (const [name, oid] of tracked) {
    const branch = name.slice(prefix.length);
    if (branch !== "HEAD" && !branches.has(branch)) prune(gitDirectory, name, oid);
  }
  const moves = [...branches]
    .map(([branch, oid]) => [prefix + branch, oid] as const)
    .filter(([name, oid]) => tracked.get(name) !== oid);
  if (tracked.size === 0 && moves.length >= PACK_FROM) {
    packNewRefs(gitDirectory, new Map(moves));
    return;
  }
  for (const [name, next] of moves) moveTracking(gitDirectory, { name, next, reflog });
}

/**
 * So many branches of a remote that is fetched for the first time go into `packed-refs` together: as single files
 * 3,000 of them take seconds. They get no log line, as in a clone by git.
 */
const PACK_FROM = 20;

export type TrackingMove = {
  readonly name: string;
  readonly next: Oid;
  readonly reflog: ReflogEntry | undefined;
};

/** How often to look again when the person's own `git fetch` moves the same ref. */
const ATTEMPTS = 5;

/** Points a tracking ref at what the remote has; nobody's work hangs on its old value. */
export function moveTracking(gitDirectory: string, { name, next, reflog }: TrackingMove): void {
  for (let attempt = 1; ; attempt++) {
    const now = readRef(gitDirectory, name);
    const expected = now?.kind === "direct" ? now.oid : undefined;
    if (expected === next) return;
    try {
      updateRef(gitDirectory, { name, expected, next, reflog });
      return;
    } catch (error) {
      if (!isCode(error, "REF_CHANGED") || attempt === ATTEMPTS) throw error;
    }
  }
}

function prune(gitDirectory: string, name: string, oid: Oid): void {
  try {
    deleteRef(gitDirectory, name, oid);
  } catch (error) {
    // Somebody else moved or pruned it in this moment; the next fetch looks again.
    if (!isCode(error, "REF_CHANGED") && !isCode(error, "REF_IS_SYMBOLIC")) throw error;
  }
}

export type TagInput = {
  readonly gitDirectory: string;
  readonly list: RefList;
  readonly store: ObjectStore;
  /** Tips whose whole history is here. */
  readonly complete: readonly Oid[];
  readonly signal: AbortSignal;
};

/** Creates the tags whose objects are here; a tag that exists, even another one of the same name, stays. */
export async function updateTags(input: TagInput): Promise<void> {
  const { gitDirectory, list, store } = input;
  const existing = listRefs(gitDirectory, "refs/tags/", () => {});
  const candidates = [...list.refs].filter(
    ([name, oid]) => name.startsWith("refs/tags/") && !existing.has(name) && store.locate(oid) !== undefined,
  );
  for (const [name, oid] of await wholeTags(input, candidates)) {
    try {
      updateRef(gitDirectory, { name, expected: undefined, next: oid });
    } catch (error) {
      // A tag is a label that comes along; it must never stop the branches from being fetched.
      const harmless = ["REF_CHANGED", "REF_LOCKED", "REF_NAME_CONFLICT", "REF_BROKEN"];
      if (!harmless.some((code) => isCode(error, code))) throw error;
    }
  }
}

type NamedTag = readonly [name: string, oid: Oid];

/**
 * All tags in one walk: each walk goes through the history of everything that is complete, and 320 of them took 20 s
 * for a repository of 6,000 commits. Only when a tag has a hole below it, each is looked at by itself.
 */
async function wholeTags(input: TagInput, tags: readonly NamedTag[]): Promise<readonly NamedTag[]> {
  if (tags.length === 0 || (await isWhole(input, tags))) return tags;
  if (tags.length === 1) return [];
  const half = tags.length >> 1;
  return [...(await wholeTags(input, tags.slice(0, half))), ...(await wholeTags(input, tags.slice(half)))];
}

async function isWhole({ store, complete, signal }: TagInput, tags: readonly NamedTag[]): Promise<boolean> {
  try {
    await checkConnectivity(
      store,
      tags.map(([, oid]) => oid),
      complete,
      signal,
    );
    return true;
  } catch (error) {
    if (isCode(error, "BAD_PACK")) return false;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof LullError && error.code === code;
}
