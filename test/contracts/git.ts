/**
 * What every engine behind the `Git` interface promises, in the order of the interface: a description of it by
 * example. System git makes the repositories and judges the results. `createGit` gives the engine to be tested, with
 * the clock at 2027-01-15 and no config but the repository's own.
 */
import { historyContract } from "./git-history.ts";
import { placesContract } from "./git-places.ts";
import { gitScene, type GitUnderTest } from "./git-scene.ts";
import { workTreeContract } from "./git-work-tree.ts";

export function gitContract(create: () => GitUnderTest): void {
  const scene = gitScene(create);
  placesContract(scene);
  workTreeContract(scene);
  historyContract(scene);
}
