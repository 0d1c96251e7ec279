/** What the test files cost, from the lines that `test/helpers/file-cost.ts` writes. */
import { existsSync, readFileSync } from "node:fs";

export type FileCost = {
  readonly file: string;
  /** By the clock, and of processors. */
  readonly seconds: number;
  readonly cpu: number;
};

const SHOWN = 10;

/** None when no line was written. */
export function readCosts(report: string): readonly FileCost[] {
  if (!existsSync(report)) return [];
  return readFileSync(report, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FileCost);
}

/** A table of the dearest files by processor time: that of the clock says more about what else the machine did. */
export function dearest(costs: readonly FileCost[]): string {
  if (costs.length === 0) return "";
  const total = costs.reduce((sum, { cpu }) => sum + cpu, 0);
  const rows = costs
    .toSorted((a, b) => b.cpu - a.cpu)
    .slice(0, SHOWN)
    .map(
      ({ file, cpu, seconds }) => `${cpu.toFixed(1).padStart(6)} ${seconds.toFixed(1).padStart(7)}  ${file}`,
    );
  return [
    `${costs.length} files took ${total.toFixed(0)} s of processors; the dearest (processors, clock):`,
    ...rows,
  ].join("\n");
}
