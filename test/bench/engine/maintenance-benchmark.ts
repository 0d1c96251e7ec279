/** What a maintenance makes of a year of small commits, beside `git gc` on a copy. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { fsck } from "../../helpers/system-git.ts";
import type { Benchmark } from "../benchmark.ts";
import { type Measured, measure, runCommand } from "../measure.ts";
import { renderCells } from "../table.ts";
import { type Dataset, textDataset } from "./dataset.ts";
import { BenchPlace } from "./place.ts";
import { DRIVER } from "./tree-benchmarks.ts";

const COMMITS = 2000;
const RUNS = 3;
const HEAD = ["repository", "before", "git gc", "lull maintain", "size", "goal", "", "time", "memory lull"];
const SIZE_GOAL = 1.3;

const CASES: readonly { readonly name: string; readonly dataset: Dataset }[] = [
  { name: `${COMMITS} one-line commits, 1,000 files`, dataset: textDataset(1000) },
  { name: `${COMMITS} one-line commits, one file`, dataset: textDataset(1) },
];

export const maintenanceBenchmark: Benchmark = {
  name: "maintenance",
  about: `The \`.git\` folder after ${COMMITS} commits made by lull and one maintenance, beside what \`git gc\` makes of a copy; size and time as ratios to git's.`,
  run: async ({ compile }) => {
    await using place = await BenchPlace.open(await compile(DRIVER));
    const rows: string[][] = [];
    for (const { name, dataset } of CASES) rows.push([name, ...(await measureCase(place, dataset))]);
    return renderCells(HEAD, rows);
  },
};

async function measureCase(place: BenchPlace, dataset: Dataset): Promise<readonly string[]> {
  place.remove("year");
  place.writeDataset(dataset, "year");
  runCommand(place.git("year", "git init -q -b main"));
  runCommand(place.lull("commit", place.path("year")));
  runCommand(place.lull("auto-commits", place.path("year"), String(COMMITS)));
  const before = folderSize(place.path("year/.git"));
  const [git, lull] = await measure(
    [
      { ...place.git("by-git", "git gc -q"), before: () => place.copy("year", "by-git") },
      { ...place.lull("maintain", place.path("by-lull")), before: () => place.copy("year", "by-lull") },
    ],
    { runs: RUNS, warmUp: 0 },
  );
  if (git === undefined || lull === undefined) throw new Error("nothing was measured");
  fsck(place.path("by-lull"));
  return cells(
    before,
    { git: folderSize(place.path("by-git/.git")), lull: folderSize(place.path("by-lull/.git")) },
    lull,
  );
}

function cells(
  before: number,
  after: { readonly git: number; readonly lull: number },
  lull: Measured,
): readonly string[] {
  const size = after.lull / after.git;
  return [
    megabytes(before),
    megabytes(after.git),
    megabytes(after.lull),
    `${size.toFixed(2)} x`,
    `≤ ${SIZE_GOAL} x`,
    size <= SIZE_GOAL ? "met" : "missed",
    `${lull.ratio.toFixed(2)} x`,
    lull.peakMemory === undefined ? "" : `${(lull.peakMemory / 1e6).toFixed(0)} MB`,
  ];
}

/** Bytes of all files; what a disk's blocks add differs from disk to disk. */
function folderSize(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
