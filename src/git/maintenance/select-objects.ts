import { existsSync } from "node:fs";

import type { Oid } from "../model.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import type { CollectedObjects } from "./collect-objects.ts";
import { parseExpiry } from "./expiry.ts";
import { findRoots } from "./find-roots.ts";
import { findUnreachable } from "./find-reachable.ts";
import { markReached } from "./mark-reached.ts";
import type { ObjectContent } from "./object-content.ts";
import type { SourcePack, StoredObject, StoredObjects } from "./stored-objects.ts";

/** Whoever is about to refer to an object that is here already has at least that long, in seconds: git's own default. */
const SHORTEST_PRUNE_AGE = 14 * 24 * 60 * 60;

export type Selection = {
  /** What goes into the new pack. */
  readonly wanted: readonly StoredObject[];
  /** What nothing reaches and nobody has used for two weeks, or as long as gc.pruneExpire says. */
  readonly dropped: readonly StoredObject[];
  /** Packs that the new one replaces. */
  readonly packs: readonly SourcePack[];
  readonly roots: ReadonlySet<Oid>;
  readonly left: readonly string[];
};

type SelectInput = {
  readonly collected: CollectedObjects;
  readonly content: ObjectContent;
  readonly signal: AbortSignal;
};

/**
 * Decides about each object at hand. What is reached is packed. What is not, and is young, stays where it is: a loose
 * file keeps its date, and a pack with such an object in it stays whole until it is old enough itself, for a new pack
 * would make everything in it young again. What is neither young nor reached is looked for in the whole repository
 * before it is dropped.
 */
export async function selectObjects(parts: RepositoryParts, input: SelectInput): Promise<Selection> {
  const { objects, packs } = input.collected;
  const walk = { objects, content: input.content, signal: input.signal };
  const roots = findRoots(parts.gitDirectory);
  await markReached(roots.oids, walk);
  const oldest = keptSince(parts) * 1000;
  const suspects = objects.all.filter(({ isReached }) => !isReached);
  const young = new Set(suspects.filter(({ modified }) => modified > oldest));
  const old = suspects.filter((object) => !young.has(object));
  const doubts = old.length === 0 ? [] : [...roots.unsure, ...pruneHindrances(parts)];
  const unreachable =
    doubts.length > 0 ? [] : await findUnreachable(old, roots.oids, { ...walk, store: parts.store });
  const isUnreachable = new Set(unreachable);
  for (const object of old) object.isReached = !isUnreachable.has(object);
  // What a young one refers to counts as young, as in git: somebody may be about to use both.
  await markReached(
    [...young].map((object) => objects.oidOf(object)),
    walk,
  );

  const staying = packs.filter(({ members }) => members.some((object) => young.has(object)));
  const rolled = packs.filter((pack) => !staying.includes(pack));
  const inRolled = new Set(rolled.flatMap(({ members }) => members));
  return {
    wanted: objects.all.filter(
      (object) => object.isReached && !young.has(object) && (object.hasLooseCopy || inRolled.has(object)),
    ),
    dropped: unreachable.filter(({ isReached }) => !isReached),
    packs: rolled,
    roots: roots.oids,
    left: [
      ...staying.map(
        ({ name }) => `${name} holds objects that nothing reaches and that are not old enough to go`,
      ),
      ...doubts.map((doubt) => `objects that nothing reaches stay: ${doubt}`),
    ],
  };
}

/**
 * Looks again right before anything is dropped: a ref that came meanwhile may reach an old object.
 * @returns the dropped ones that nothing reaches even now
 */
export async function stillUnreachable(
  parts: RepositoryParts,
  input: Pick<Selection, "dropped" | "roots"> & {
    readonly objects: StoredObjects;
    readonly signal: AbortSignal;
  },
): Promise<readonly StoredObject[]> {
  if (input.dropped.length === 0) return [];
  const now = findRoots(parts.gitDirectory);
  if (now.unsure.length > 0) return [];
  const news = [...now.oids].filter((oid) => !input.roots.has(oid));
  if (news.length === 0) return input.dropped;
  parts.store.refresh();
  const unreachable = await findUnreachable(input.dropped, news, { ...input, store: parts.store });
  return unreachable;
}

const PRUNE_EXPIRE = "gc.pruneexpire";

/** In seconds since 1970; what was used since then stays. A person may keep things longer than git does, not shorter. */
function keptSince(parts: RepositoryParts): number {
  const now = parts.clock.now() / 1000;
  const least = now - SHORTEST_PRUNE_AGE;
  // Where nothing goes, the old ones are packed all the same.
  return Math.min(least, prunedBefore(parts, now) || least);
}

/** As git is told; 0: nothing ever goes. */
function prunedBefore(parts: RepositoryParts, now: number): number | undefined {
  const told = parts.config().get(PRUNE_EXPIRE);
  return told === undefined ? undefined : parseExpiry(told, now);
}

function pruneHindrances(parts: RepositoryParts): string[] {
  const { gitDirectory } = parts;
  const hindrances: string[] = [];
  if (prunedBefore(parts, parts.clock.now() / 1000) === 0)
    hindrances.push(`gc.pruneExpire is ${parts.config().get(PRUNE_EXPIRE)}`);
  const graphs = ["commit-graph", "commit-graphs"].map((name) => `${gitDirectory}/objects/info/${name}`);
  // `git fsck` would miss the commits that it names.
  if (graphs.some((path) => existsSync(path)))
    hindrances.push("git's commit-graph may name them; `git gc` drops both");
  return hindrances;
}
