/** Paired runs: A, B, A, B … so that a machine that slows down meets both alike. */
import { peakMemory } from "./peak-memory.ts";

export type Command = {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs before each run, untimed: puts back what a run uses up. */
  readonly before?: () => void | Promise<void>;
};

/** Work inside a process that runs already. */
export type WarmWork = {
  readonly name: string;
  readonly before?: () => void | Promise<void>;
  /** Does it once and returns how long it took, in milliseconds. */
  readonly once: () => Promise<number>;
  /** Bytes that the process had resident at most. */
  readonly peak: () => Promise<number | undefined>;
};

export type Subject = Command | WarmWork;

export type Measured = {
  readonly name: string;
  /** Milliseconds from start to exit. */
  readonly medianMs: number;
  readonly fastestMs: number;
  readonly slowestMs: number;
  /** To the first subject: the median of the ratios of all turns; 1 for the first itself. */
  readonly ratio: number;
  /** Bytes that were resident at most, in a run of its own; undefined where that can not be measured. */
  readonly peakMemory: number | undefined;
};

export type MeasureOptions = {
  readonly runs: number;
  /** Runs before counting starts, to warm the file cache. Default 2. */
  readonly warmUp?: number;
  /**
   * Takes the memory of commands from their timed runs instead of one more run each: where a run takes seconds, the
   * millisecond that this adds is nothing. Default false.
   */
  readonly memoryOfRuns?: boolean;
};

/** Runs all subjects in turn, `runs` times. One that fails ends the benchmark: its time would mean nothing. */
export async function measure(
  subjects: readonly Subject[],
  options: MeasureOptions,
): Promise<readonly Measured[]> {
  const samples = subjects.map((): number[] => []);
  const peaks = subjects.map((): number | undefined => undefined);
  const warmUp = options.warmUp ?? 2;
  for (let turn = 0; turn < options.runs + warmUp; turn++) {
    for (const [position, subject] of subjects.entries()) {
      await subject.before?.();
      const started = performance.now();
      let ms: number | undefined;
      if (!("argv" in subject)) ms = await subject.once();
      else if (options.memoryOfRuns !== true) runCommand(subject);
      else peaks[position] = larger(peaks[position], peakMemory(subject));
      if (turn >= warmUp) samples[position]?.push(ms ?? performance.now() - started);
    }
  }
  const first = samples[0] ?? [];
  const measured: Measured[] = [];
  for (const [position, subject] of subjects.entries()) {
    const times = samples[position] ?? [];
    measured.push({
      name: subject.name,
      medianMs: median(times),
      fastestMs: Math.min(...times),
      slowestMs: Math.max(...times),
      ratio: median(times.map((ms, turn) => ms / (first[turn] ?? Number.NaN))),
      peakMemory: peaks[position] ?? (await peakOf(subject)),
    });
  }
  return measured;
}

async function peakOf(subject: Subject): Promise<number | undefined> {
  if (!("argv" in subject)) return subject.peak();
  await subject.before?.();
  return peakMemory(subject);
}

function larger(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

/** @throws Error with the command's own words when it fails */
export function runCommand(command: Command): void {
  const ended = Bun.spawnSync([...command.argv], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  if (ended.exitCode !== 0) {
    throw new Error(`${command.argv.join(" ")} ended with ${ended.exitCode}: ${ended.stderr.toString()}`);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
