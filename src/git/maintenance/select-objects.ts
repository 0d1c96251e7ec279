import { existsSync } from "node:fs";

import type { Oid } from "../model.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import type { CollectedObjects } from "./collect-objects.ts";
import { findRoots } from "./find-roots.ts";
import { findUnreachable } from "./find-reachable.ts";
import { markReached } from "./mark-reached.ts";
import type { ObjectContent } from "./object-content.ts";
import type { SourcePack, StoredObject, StoredObjects } from "./stored-objects.ts";

/** As git's gc.pruneExpire: whoever is about to refer to an object that is here already has that long. */
const PRUNE_AGE_MS = 14 * 24 * 60 * 60 * 1000;

export type Selection = {
  /** What goes into the new pack. */
  readonly wanted: readonly StoredObject[];
  /** What nothing reaches and nobody has used for two weeks. */
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
  const oldest = parts.clock.now() - PRUNE_AGE_MS;
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
        ({ name }) => `${name} holds objects that nothing reaches and that are not two weeks old`,
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

function pruneHindrances(parts: RepositoryParts): string[] {
  const { gitDirectory } = parts;
  const hindrances: string[] = [];
  if (parts.config().get("gc.pruneexpire")?.toLowerCase() === "never")
    hindrances.push("gc.pruneExpire is never");
  const graphs = ["commit-graph", "commit-graphs"].map((name) => `${gitDirectory}/objects/info/${name}`);
  // `git fsck` would miss the commits that it names.
  if (graphs.some((path) => existsSync(path)))
    hindrances.push("git's commit-graph may name them; `git gc` drops both");
  return hindrances;
}
