/** What the engine is to reach, as ratios to system git in the same run (fewer is better) and as resident memory. */
import type { Goals } from "./operations.ts";

const EVERYWHERE: Goals = {
  "first add + commit": { ratio: 0.45 },
  "first push": { ratio: 0.25 },
  clone: { ratio: 1 },
  "1 % push": { ratio: 0.75 },
  "1 % pull": { ratio: 1 },
  "1 % merge": { ratio: 1 },
  "warm status": { ratio: 0.7 },
  "hinted status": { ratio: 0.1 },
  cycle: { ratio: 0.5 },
};

export const SMALL_TREE: Goals = EVERYWHERE;
export const USUAL_TREE: Goals = { ...EVERYWHERE, "1 % commit": { ratio: 0.6 }, status: { ratio: 2.2 } };
export const LARGE_TREE: Goals = { ...EVERYWHERE, "1 % commit": { ratio: 0.6, megabytes: 120 } };
export const BIG_FILES: Goals = {
  ...EVERYWHERE,
  "first add + commit": { ratio: 0.2, megabytes: 300 },
  "first push": { ratio: 0.25, megabytes: 300 },
  clone: { ratio: 1, megabytes: 300 },
};
