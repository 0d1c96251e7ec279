import type { Measured } from "./measure.ts";

export type BenchmarkContext = {
  /** The compiled lull. */
  readonly binary: string;
};

export type Benchmark = {
  readonly name: string;
  /** One sentence: what is measured, and what the goal is. */
  readonly about: string;
  readonly run: (context: BenchmarkContext) => readonly Measured[] | Promise<readonly Measured[]>;
};
