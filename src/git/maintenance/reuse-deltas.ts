import { DEEPEST } from "../objects/delta-search.ts";
import type { StoredObject } from "./stored-objects.ts";

/**
 * Keeps the deltas that there are, where the base goes into the same new pack, up to the depth that git allows: they
 * are copied as they lie. Sets `base`, `depth` and `height`.
 */
export function reuseDeltas(wanted: readonly StoredObject[]): void {
  const chosen = new Set(wanted);
  for (const object of wanted) {
    const { oldBase } = object;
    object.base = oldBase !== undefined && chosen.has(oldBase) ? oldBase : undefined;
    object.depth = -1;
    object.height = 0;
  }
  for (const object of wanted) setDepth(object);
  for (const object of [...wanted].sort((a, b) => b.depth - a.depth)) {
    if (object.base !== undefined) object.base.height = Math.max(object.base.height, object.height + 1);
  }
}

function setDepth(start: StoredObject): void {
  const chain: StoredObject[] = [];
  let at: StoredObject | undefined = start;
  for (; at !== undefined && at.depth < 0; at = at.base) chain.push(at);
  let depth = at?.depth ?? -1;
  for (let object = chain.pop(); object !== undefined; object = chain.pop()) {
    depth++;
    if (depth > DEEPEST) {
      object.base = undefined;
      depth = 0;
    }
    object.depth = depth;
  }
}
