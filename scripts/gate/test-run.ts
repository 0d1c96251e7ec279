/** Runs `bun test` and reads its own summary. */
import { tmpdir } from "node:os";
import { join } from "node:path";

import { dearest, readCosts } from "./costs.ts";
import { run, type Ended } from "./process.ts";
import { makeScratch } from "./scratch.ts";

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

export type TestRun = Counts & {
  readonly ok: boolean;
  /** What a person needs to see: the failures and the summary. */
  readonly output: string;
};

/** With a table of what cost most. */
export type CostedRun = TestRun & { readonly costs: string };

export type TestRunOptions = {
  /** Folders or files; none: all tests. */
  readonly paths?: readonly string[];
  readonly coverageDirectory?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Bun grants five seconds and reads no other figure from bunfig.toml; a busy machine needs more for large packs (52 s once). */
const TEST_TIMEOUT_MS = 120_000;

/**
 * Files at once. Three for two processors: of the time of an e2e file less than half is work, the rest is waiting for
 * disks, daemons and connections (20 files one after the other: 476 s, of which 182 s of all their processes).
 */
const AT_ONCE = Math.max(2, Math.min(8, Math.ceil(navigator.hardwareConcurrency * 1.5)));

/**
 * Each file runs in a process that is shared with few others (`--parallel`): twice as fast on two cores, and a test
 * that ends its process by `process.exit(0)` fails instead of passing all tests after it.
 */
export async function runTests(options: TestRunOptions = {}): Promise<CostedRun> {
  const coverage = options.coverageDirectory;
  const scratch = makeScratch();
  const report = join(scratch.path, "costs");
  try {
    const ended = await run(
      [
        process.execPath,
        "test",
        `--parallel=${AT_ONCE}`,
        "--only-failures",
        `--timeout=${TEST_TIMEOUT_MS}`,
        ...(coverage === undefined
          ? []
          : ["--coverage", "--coverage-reporter=lcov", `--coverage-dir=${coverage}`]),
        ...(options.paths ?? []),
      ],
      {
        env: {
          ...options.env,
          TMPDIR: scratch.path,
          LULL_TEST_DISK: tmpdir(),
          LULL_TEST_COSTS: report,
        },
      },
    );
    return { ...judge(ended), costs: dearest(readCosts(report)) };
  } finally {
    scratch.remove();
  }
}

/** A run whose exit code and summary disagree has failed, whatever the summary says. */
export function judge(ended: Ended): TestRun {
  const counts = countsIn(ended.output);
  if (counts === undefined) {
    return {
      passed: 0,
      failed: 1,
      skipped: 0,
      ok: false,
      output: `${ended.output}\nbun test ended with ${ended.code} and no summary`,
    };
  }
  const failed = ended.code === 0 ? counts.failed : Math.max(1, counts.failed);
  return { ...counts, failed, ok: failed === 0, output: ended.output };
}

/** Reads the last summary in the output: `12 pass`, `1 skip`, `1 todo`, `0 fail`, then `Ran 14 tests across …`. */
export function countsIn(output: string): Counts | undefined {
  const summary = [...output.matchAll(/(?:^ *\d+ [a-z][a-z() ]*\n)+Ran \d+ tests? across/gm)].at(-1)?.[0];
  if (summary === undefined) return undefined;
  const number = (word: string): number =>
    Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(summary)?.[1] ?? 0);
  return { passed: number("pass"), failed: number("fail"), skipped: number("skip") + number("todo") };
}

/** Joins the numbers of several runs. */
export function sum(runs: readonly Counts[]): Counts {
  return {
    passed: runs.reduce((total, { passed }) => total + passed, 0),
    failed: runs.reduce((total, { failed }) => total + failed, 0),
    skipped: runs.reduce((total, { skipped }) => total + skipped, 0),
  };
}
