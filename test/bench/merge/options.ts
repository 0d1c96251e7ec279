import { basename, resolve } from "node:path";
import { parseArgs } from "node:util";

export type Options = {
  /** The `.git` folder, or a bare repository. */
  readonly repository: string;
  /** What the repository is called in the results. */
  readonly name: string;
  /** Revision whose history is replayed; every ref when undefined. */
  readonly from: string | undefined;
  /** So many of the newest merges. */
  readonly limit: number;
  /** So many more, taken at random from the older ones. */
  readonly sample: number;
  readonly seed: number;
  /** Whether the result goes into `merge-results.md`. */
  readonly keep: boolean;
};

export const USAGE =
  "bun run bench:merge -- <repository> [--name owner/name] [--limit N] [--sample N] [--seed N] [--from <rev>] [--no-keep]";

/** @throws Error with what is wrong with the command line */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      name: { type: "string" },
      from: { type: "string" },
      limit: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string" },
      "no-keep": { type: "boolean" },
    },
  });
  const [repository, ...more] = positionals;
  if (repository === undefined || more.length > 0) throw new Error("name one repository");
  return {
    repository: resolve(repository),
    name: values.name ?? basename(resolve(repository)).replace(/\.git$/, ""),
    from: values.from,
    limit: count(values.limit, Infinity),
    sample: count(values.sample, 0),
    seed: count(values.seed, 1),
    keep: values["no-keep"] !== true,
  };
}

function count(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${text} is no count`);
  return value;
}
