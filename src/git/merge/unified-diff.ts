/** A unified diff between two contents, for people to read. */
import { diffLines } from "./line-diff.ts";
import { numberLines } from "./split-lines.ts";

/** Lines of context around a change, as git shows them. */
const CONTEXT = 3;
/** Beyond this nobody reads a diff on a terminal. */
const MOST_LINES = 20_000;
const BINARY_PROBE = 8000;

type Change = {
  readonly before: readonly [start: number, length: number];
  readonly after: readonly [start: number, length: number];
};

/**
 * Returns hunks (`@@ -1,3 +1,4 @@`, then lines marked ` `, `-`, `+`), or undefined when a side is binary or too
 * large to show. `undefined` as a side means that there is no file; equal contents give no lines.
 */
export function unifiedDiff(
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): readonly string[] | undefined {
  if (isBinary(before) || isBinary(after)) return undefined;
  const old = linesOf(before);
  const now = linesOf(after);
  if (old.length + now.length > MOST_LINES) return undefined;
  const changes = changesBetween(old, now);
  return hunksOf(changes).flatMap((hunk) => renderHunk(hunk, old, now));
}

/** As git guesses: a NUL in the first 8,000 bytes. */
function isBinary(content: Uint8Array | undefined): boolean {
  return content?.subarray(0, BINARY_PROBE).includes(0) ?? false;
}

/** Lines with their line feed, so that a missing one at the end is a difference. */
function linesOf(content: Uint8Array | undefined): readonly string[] {
  if (content === undefined || content.length === 0) return [];
  return Buffer.from(content)
    .toString("utf8")
    .split(/(?<=\n)/);
}

function changesBetween(old: readonly string[], now: readonly string[]): readonly Change[] {
  const [before = new Int32Array(), after = new Int32Array()] = numberLines([old, now]);
  return diffLines(before, after).map((hunk) => ({
    before: [hunk.oldStart, hunk.oldLength],
    after: [hunk.newStart, hunk.newLength],
  }));
}

/** Changes whose context would touch share a hunk. */
function hunksOf(changes: readonly Change[]): readonly (readonly Change[])[] {
  const hunks: Change[][] = [];
  for (const change of changes) {
    const last = hunks.at(-1)?.at(-1);
    const gap = last === undefined ? Infinity : change.before[0] - (last.before[0] + last.before[1]);
    if (gap <= 2 * CONTEXT) hunks.at(-1)?.push(change);
    else hunks.push([change]);
  }
  return hunks;
}

function renderHunk(
  hunk: readonly Change[],
  old: readonly string[],
  now: readonly string[],
): readonly string[] {
  const first = hunk[0];
  const last = hunk.at(-1);
  if (first === undefined || last === undefined) return [];
  const lead = Math.min(CONTEXT, first.before[0]);
  const oldStart = first.before[0] - lead;
  const nowStart = first.after[0] - lead;
  const oldEnd = Math.min(old.length, last.before[0] + last.before[1] + CONTEXT);
  const nowEnd = Math.min(now.length, last.after[0] + last.after[1] + CONTEXT);
  const lines: string[] = [`@@ -${range(oldStart, oldEnd)} +${range(nowStart, nowEnd)} @@`];
  let at = oldStart;
  for (const { before, after } of hunk) {
    lines.push(...marked(" ", old.slice(at, before[0])));
    lines.push(...marked("-", old.slice(before[0], before[0] + before[1])));
    lines.push(...marked("+", now.slice(after[0], after[0] + after[1])));
    at = before[0] + before[1];
  }
  lines.push(...marked(" ", old.slice(at, oldEnd)));
  return lines;
}

/** Line numbers as unified diffs count them: from one, and the line before for an empty range. */
function range(start: number, end: number): string {
  const length = end - start;
  const first = length === 0 ? start : start + 1;
  return length === 1 ? `${first}` : `${first},${length}`;
}

function marked(mark: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, "\\ No newline at end of file"],
  );
}
