import type { Oid } from "../model.ts";
import { BaseCache } from "../objects/base-cache.ts";
import { DamagedData } from "../objects/damaged-data.ts";
import { hashObject } from "../objects/hash-object.ts";
import { Packfile } from "../objects/packfile.ts";
import type { RepackPlan } from "./plan.ts";
import type { ObjectSurvey } from "./survey.ts";

const CACHE_BYTES = 16 * 1024 * 1024;
/** A larger one is packed once more rather than read whole to see that it need not be. */
const LARGEST_CHECKED = 32 * 1024 * 1024;

/**
 * Finds loose objects that a pack that stays holds as well, as `git prune-packed` does: one crash between the new pack
 * and the removal of what it replaces leaves many of them. The packed copy is read and compared with its name.
 */
export function findDuplicates(
  gitDirectory: string,
  survey: ObjectSurvey,
  plan: RepackPlan,
): ReadonlySet<Oid> {
  const rolled = new Set(plan.packs.map(({ name }) => name));
  const duplicates = new Set<Oid>();
  const cache = new BaseCache<string>(CACHE_BYTES);
  for (const { name } of survey.packs) {
    if (rolled.has(name)) continue;
    const pack = new Packfile(`${gitDirectory}/objects/pack/${name}`, cache);
    try {
      for (const { oid } of plan.loose) if (!duplicates.has(oid) && holds(pack, oid)) duplicates.add(oid);
    } catch (error) {
      // A damaged pack holds nothing that could be relied on.
      if (!(error instanceof DamagedData)) throw error;
    } finally {
      pack.close();
    }
  }
  return duplicates;
}

function holds(pack: Packfile, oid: Oid): boolean {
  const position = pack.index.find(Buffer.from(oid, "hex"));
  if (position < 0 || pack.header(position).size > LARGEST_CHECKED) return false;
  const { kind, bytes } = pack.read(position, oid);
  return hashObject(kind, bytes) === oid;
}
