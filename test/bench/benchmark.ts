export type BenchmarkContext = {
  /** The compiled lull. */
  readonly binary: string;
  /** Compiles another entry of the project with the product's flags and returns the binary. */
  readonly compile: (entry: string) => Promise<string>;
  /** Public repositories to measure with, by their public names: `--repository owner/name=path`. */
  readonly repositories: ReadonlyMap<string, string>;
};

export type Benchmark = {
  readonly name: string;
  /** One sentence: what is measured, and what the goal is. */
  readonly about: string;
  /** Returns a table in Markdown. */
  readonly run: (context: BenchmarkContext) => Promise<string>;
};
