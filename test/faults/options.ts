/** What every file of the harness reads from its environment. */
import { seededRandom, type Random } from "../helpers/random.ts";

/** `LULL_FAULTS=long`: all cases (`bun run bench:faults`); otherwise a sample of a few seconds. */
export const isLong = process.env["LULL_FAULTS"] === "long";

/** `LULL_TEST_SEED` repeats a run. */
export const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);

if (process.env["LULL_TEST_SEED"] === undefined) console.log(`LULL_TEST_SEED=${seed}`);

export function seeded(offset = 0): Random {
  return seededRandom(seed + offset);
}

/** `LULL_FAULTS_CASES` sets the number of cases of a test by hand. */
export function caseCount(short: number, long: number): number {
  return Number(process.env["LULL_FAULTS_CASES"] ?? (isLong ? long : short));
}

/** What lull is about to do when something happens to it: see `scene.ts`. */
export const SCENES = ["first sync", "pull", "push", "merge", "conflict", "restore"] as const;
export type SceneName = (typeof SCENES)[number];

/** `LULL_FAULTS_SCENE=pull`, or several with commas between them; without it all. */
export function isChosen(scene: string): boolean {
  const chosen = process.env["LULL_FAULTS_SCENE"];
  return chosen === undefined || chosen.split(",").includes(scene);
}

/** So many of them, spread over the whole list, each somewhere in its own part of it. */
export function spread<T>(all: readonly T[], count: number, random: Random): T[] {
  if (count >= all.length) return [...all];
  const part = all.length / count;
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor(index * part + (random.below(1000) / 1000) * part);
    return all[at] as T;
  });
}

/** One line of the results table; `bench.ts` gathers these. */
export function figure(name: string, text: string): void {
  console.log(`figure | ${name} | ${text} | seed ${seed}`);
}
