import { renderCells } from "../table.ts";
import type { OperationResult } from "./operation.ts";

const HEAD = ["operation", "git", "lull", "lull / git", "goal", "", "memory git", "memory lull", "goal", ""];

/** One row an operation; a goal that is missed says so. */
export function renderOperations(results: readonly OperationResult[]): string {
  return renderCells(
    HEAD,
    results.map(({ name, goal, git, lull }) => {
      const megabytes = lull.peakMemory === undefined ? undefined : lull.peakMemory / 1e6;
      return [
        name,
        milliseconds(git.medianMs),
        milliseconds(lull.medianMs),
        `${lull.ratio.toFixed(2)} x`,
        goal?.ratio === undefined ? "" : `≤ ${goal.ratio} x`,
        verdict(lull.ratio, goal?.ratio),
        git.peakMemory === undefined ? "" : `${(git.peakMemory / 1e6).toFixed(0)} MB`,
        megabytes === undefined ? "" : `${megabytes.toFixed(0)} MB`,
        goal?.megabytes === undefined ? "" : `≤ ${goal.megabytes} MB`,
        verdict(megabytes, goal?.megabytes),
      ];
    }),
  );
}

function verdict(value: number | undefined, goal: number | undefined): string {
  if (value === undefined || goal === undefined) return "";
  return value <= goal ? "met" : "missed";
}

function milliseconds(value: number): string {
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  return value < 100 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`;
}
