/**
 * Line coverage of `src` as one figure. Bun's own threshold counts each file by itself and leaves out the files that
 * no test loads; here those count with all their lines.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export type FileCoverage = { readonly path: string; readonly lines: number; readonly hit: number };

export type Coverage = {
  /** 0 to 100. */
  readonly percent: number;
  /** Worst first, by lines not run. */
  readonly files: readonly FileCoverage[];
};

/** @param lcov text of the lcov report; paths relative to the root */
export function measureCoverage(root: string, lcov: string): Coverage {
  const files = new Map(readLcov(lcov).map((file) => [file.path, file]));
  for (const path of new Bun.Glob("src/**/*.{ts,tsx}").scanSync({ cwd: root })) {
    const name = path.replaceAll("\\", "/");
    if (files.has(name) || name.endsWith(".d.ts")) continue;
    files.set(name, { path: name, lines: codeLines(readFileSync(join(root, path), "utf8")), hit: 0 });
  }
  const counted = [...files.values()];
  const lines = counted.reduce((total, file) => total + file.lines, 0);
  const hit = counted.reduce((total, file) => total + file.hit, 0);
  return {
    percent: lines === 0 ? 100 : (100 * hit) / lines,
    files: counted.sort((a, b) => b.lines - b.hit - (a.lines - a.hit)),
  };
}

/** Returns the files of `src` in the report, or in several one after the other: a line that one of them hit is hit. */
export function readLcov(lcov: string): readonly FileCoverage[] {
  const files = new Map<string, Map<string, boolean>>();
  for (const record of lcov.split("end_of_record")) {
    const path = (/^SF:(.+)$/m.exec(record)?.[1] ?? "").replaceAll("\\", "/");
    if (!path.startsWith("src/")) continue;
    const lines = files.get(path) ?? new Map<string, boolean>();
    files.set(path, lines);
    for (const [, line = "", times] of record.matchAll(/^DA:(\d+),(\d+)/gm))
      lines.set(line, lines.get(line) === true || times !== "0");
  }
  return [...files].map(([path, lines]) => ({
    path,
    lines: lines.size,
    hit: [...lines.values()].filter(Boolean).length,
  }));
}

/** Lines that a report would hold for a file: what is left without types, comments, imports and lone brackets. */
export function codeLines(text: string): number {
  const code = new Bun.Transpiler({ loader: "tsx" }).transformSync(text);
  return code.split("\n").filter((line) => /\w/.test(line) && !/^(?:import|export \{)/.test(line)).length;
}
