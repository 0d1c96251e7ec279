import type { LooseFile, ObjectSurvey, PackFiles } from "./survey.ts";

/** What is to become one new pack. */
export type RepackPlan = {
  readonly loose: readonly LooseFile[];
  readonly packs: readonly PackFiles[];
  /** Why something stays as it is. */
  readonly left: readonly string[];
};

/**
 * A loose object takes a block of the disk (4 KB for a hundred bytes) and a file to open. Below this many it is less
 * than a megabyte, and a pack a day would be no better.
 */
export const LOOSE_FROM = 256;
/** Each look for an object asks the packs one after the other; git's own limit (gc.autoPackLimit) is 50. */
export const PACKS_FROM = 10;
/** Larger packs stay as they are: writing them anew would cost more than what it saves, on each day that it is done. */
export const LARGEST_ROLLED = 256 * 1024 * 1024;
/**
 * The smallest packs are taken as long as each is at most this many times as large as everything taken before it. So
 * the packs that stay form a geometric row: there are few of them, and a byte is written anew only when what is below
 * it has grown to half of its pack. In all that is about once for each doubling of the repository. Git's
 * `repack --geometric=2` is the same idea by number of objects.
 */
const FACTOR = 2;

export function planRepack({ loose, packs }: ObjectSurvey): RepackPlan {
  const left = packs
    .filter(({ protectedBy }) => protectedBy !== undefined)
    .map(({ name, protectedBy }) => `${name} ${protectedBy}`);
  const free = packs.filter(({ protectedBy, bytes }) => protectedBy === undefined && bytes <= LARGEST_ROLLED);
  if (loose.length < LOOSE_FROM && free.length < PACKS_FROM) {
    const few = `${loose.length} loose objects and ${packs.length} packs are few: nothing would be gained`;
    return { loose: [], packs: [], left: [...left, few] };
  }
  const rolled = smallOnes(loose, free);
  if (loose.length === 0 && rolled.length < 2) {
    return {
      loose: [],
      packs: [],
      left: [...left, "the packs are of very different size: nothing would be gained"],
    };
  }
  return { loose, packs: rolled, left };
}

function smallOnes(loose: readonly LooseFile[], packs: readonly PackFiles[]): PackFiles[] {
  const taken: PackFiles[] = [];
  let sum = loose.reduce((total, { bytes }) => total + bytes, 0);
  for (const pack of [...packs].sort((a, b) => a.bytes - b.bytes)) {
    if (sum > 0 && pack.bytes > sum * FACTOR) break;
    taken.push(pack);
    sum += pack.bytes;
  }
  return taken;
}
