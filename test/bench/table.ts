import type { Measured } from "./measure.ts";

const HEAD = ["command", "median", "fastest", "slowest", "ratio", "peak memory"];

/** Returns the same table for the terminal and for Markdown. */
export function renderTable(rows: readonly Measured[]): string {
  return renderCells(
    HEAD,
    rows.map((row) => [
      row.name,
      ms(row.medianMs),
      ms(row.fastestMs),
      ms(row.slowestMs),
      row.ratio.toFixed(2),
      row.peakMemory === undefined ? "unknown" : `${(row.peakMemory / 1e6).toFixed(0)} MB`,
    ]),
  );
}

/** The first column to the left, the others to the right. */
export function renderCells(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells
    .map(
      (line) => `| ${line.map((cell, column) => pad(cell, widths[column] ?? 0, column === 0)).join(" | ")} |`,
    )
    .join("\n");
}

function pad(cell: string, width: number, left: boolean): string {
  if (/^-+:?$/.test(cell))
    return cell.replace(/^-+/, (dashes) => "-".repeat(width - cell.length + dashes.length));
  return left ? cell.padEnd(width) : cell.padStart(width);
}

function ms(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`;
}
