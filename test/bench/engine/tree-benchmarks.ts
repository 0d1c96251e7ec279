/** The engine beside git over trees of different sizes. */
import type { Benchmark } from "../benchmark.ts";
import { binaryDataset, type Dataset, textDataset } from "./dataset.ts";
import { BIG_FILES, LARGE_TREE, SMALL_TREE, USUAL_TREE } from "./goals.ts";
import { measureOperation, type OperationResult, type Turns } from "./operation.ts";
import { renderOperations } from "./operation-table.ts";
import { type Goals, looking, operations, WARM_ROUNDS } from "./operations.ts";
import { BenchPlace } from "./place.ts";

/** Of the project's root. */
export const DRIVER = "test/bench/engine/driver.ts";

type Size = {
  readonly name: string;
  readonly dataset: () => Dataset;
  readonly goals: Goals;
  readonly turns: Turns;
};

const SIZES: readonly Size[] = [
  { name: "engine-1k", dataset: () => textDataset(1000), goals: SMALL_TREE, turns: { runs: 9 } },
  { name: "engine-10k", dataset: () => textDataset(10_000), goals: USUAL_TREE, turns: { runs: 7 } },
  { name: "engine-50k", dataset: () => textDataset(50_000), goals: LARGE_TREE, turns: { runs: 3 } },
  // Git searches for deltas in noise for a minute and a half at the first push, and seconds at each other one.
  {
    name: "engine-20x20MB",
    dataset: () => binaryDataset(20),
    goals: BIG_FILES,
    turns: { runs: 2, warmUp: 0, memoryOfRuns: true },
  },
];

export const treeBenchmarks: readonly Benchmark[] = SIZES.map((size) => ({
  name: size.name,
  about: `The engine over ${size.dataset().name} beside git, over HTTP on loopback; new processes where nothing else is said ("same process": one that has looked ${WARM_ROUNDS.look} times, or committed ${WARM_ROUNDS.commit} times, before), and no gc in the background.`,
  run: async ({ binary, compile }) => {
    await using place = await BenchPlace.open(await compile(DRIVER));
    const dataset = size.dataset();
    const results: OperationResult[] = [];
    for (const operation of operations(place, dataset, size.goals)) {
      results.push(await measureOperation(operation, size.turns));
    }
    for (const operation of looking(place, dataset, size.goals, binary)) {
      // Looking is quick and noisy: three times as many turns.
      results.push(await measureOperation(operation, { runs: size.turns.runs * 3 }));
    }
    return renderOperations(results);
  },
}));
