/** Paired runs of commands: A, B, A, B … so that a machine that slows down meets both alike. */
import { peakMemory } from "./peak-memory.ts";

export type Command = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
};

export type Measured = {
  readonly name: string;
  /** Milliseconds from start to exit. */
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  /** Of the median to the first command's; 1 for the first itself. */
  readonly ratio: number;
  /** Bytes that were resident at most, in a run of its own; undefined where that can not be measured. */
  readonly peakMemory: number | undefined;
};

export type MeasureOptions = {
  readonly runs: number;
  /** Runs before counting starts, to warm the file cache. Default 2. */
  readonly warmUp?: number;
};

/** Runs all commands in turn, `runs` times. A command that fails ends the benchmark: its time would mean nothing. */
export function measure(commands: readonly Command[], options: MeasureOptions): readonly Measured[] {
  const samples = commands.map((): number[] => []);
  const warmUp = options.warmUp ?? 2;
  for (let turn = 0; turn < options.runs + warmUp; turn++) {
    for (const [position, command] of commands.entries()) {
      const ms = timeOnce(command);
      if (turn >= warmUp) samples[position]?.push(ms);
    }
  }
  const medians = samples.map(median);
  return commands.map((command, position) => {
    const times = samples[position] ?? [];
    const own = medians[position] ?? Number.NaN;
    return {
      name: command.name,
      medianMs: own,
      fastestMs: Math.min(...times),
      slowestMs: Math.max(...times),
      ratio: own / (medians[0] ?? Number.NaN),
      peakMemory: peakMemory(command),
    };
  });
}

/** Returns milliseconds. */
function timeOnce(command: Command): number {
  const started = performance.now();
  const ended = Bun.spawnSync([...command.argv], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const ms = performance.now() - started;
  if (ended.exitCode !== 0) {
    throw new Error(`${command.argv.join(" ")} ended with ${ended.exitCode}: ${ended.stderr.toString()}`);
  }
  return ms;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
