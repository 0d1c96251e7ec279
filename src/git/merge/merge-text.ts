/**
 * Three-way merge of file contents, byte for byte: files are cut into lines as latin1 strings, so every byte,
 * every kind of line break and a missing last one survive. A clean result holds only what one side changed
 * against the base and what neither changed. Knows nothing of paths, trees and strategies.
 */
import { diffLines, type Hunk } from "./line-diff.ts";
import { joinLines, numberLines, splitLines, type Line } from "./split-lines.ts";

/**
 * `text`: merge lines. `union`: where both sides changed the same lines, keep ours and then theirs.
 * `binary`: never merge. `ours`: keep our content.
 */
export type MergeDriver = "text" | "union" | "binary" | "ours";

export type TextMergeInput = {
  readonly base: Uint8Array;
  readonly ours: Uint8Array;
  readonly theirs: Uint8Array;
  readonly driver?: MergeDriver;
  /** What stands behind the conflict markers. */
  readonly labels?: { readonly ours: string; readonly theirs: string };
  /** Length of the conflict markers; 7 unless given. */
  readonly markerSize?: number;
};

/** `bytes` of a merge that is not clean: the lines with conflict markers, or ours when `lines` is false (binary). */
export type TextMerge =
  | { readonly clean: true; readonly bytes: Uint8Array }
  | { readonly clean: false; readonly lines: boolean; readonly bytes: Uint8Array };

/** Above this size (bytes, each side) a file is treated as binary: its lines would cost ten times the memory. */
const TEXT_LIMIT = 32 * 1024 * 1024;

export function mergeText(input: TextMergeInput): TextMerge {
  const { base, ours, theirs, driver = "text" } = input;
  if (equalBytes(ours, theirs) || equalBytes(base, theirs)) return { clean: true, bytes: ours };
  if (equalBytes(base, ours)) return { clean: true, bytes: theirs };
  if (driver === "ours") return { clean: true, bytes: ours };
  if (driver === "binary" || [base, ours, theirs].some(isBinary))
    return { clean: false, lines: false, bytes: ours };

  const files = [splitLines(base), splitLines(ours), splitLines(theirs)] as const;
  const [baseIds, ourIds, theirIds] = numberLines(files) as [Int32Array, Int32Array, Int32Array];
  const regions = pairHunks(diffLines(baseIds, ourIds), diffLines(baseIds, theirIds));
  const merged: Merged = { lines: [], clean: true };
  const sides: Sides = { input, files, ourIds, theirIds };
  let done = 0;
  for (const part of narrowConflicts(regions, sides)) {
    append(merged.lines, files[1], done, part.ourStart);
    appendPart(part, sides, merged);
    done = part.ourEnd;
  }
  append(merged.lines, files[1], done, files[1].length);
  const bytes = joinLines(merged.lines);
  return merged.clean ? { clean: true, bytes } : { clean: false, lines: true, bytes };
}

/** Git looks at the first 8,000 bytes only; a NUL further on still means that nobody reads the file as text. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.length > TEXT_LIMIT || bytes.includes(0);
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

type Merged = { lines: Line[]; clean: boolean };

/** A stretch in which at least one side differs from the base, as line ranges of both sides. */
type Region = {
  readonly changedBy: "ours" | "theirs" | "both";
  /** Both sides changed it, each by one hunk. */
  readonly isOnePair: boolean;
  readonly ourStart: number;
  readonly ourEnd: number;
  readonly theirStart: number;
  readonly theirEnd: number;
};

/**
 * Joins hunks of both sides that overlap or touch in the base into one region. Touching counts, as in git: two
 * insertions at one place, or changes of neighbouring lines, have no order that could be trusted.
 */
function pairHunks(ours: readonly Hunk[], theirs: readonly Hunk[]): Region[] {
  const regions: Region[] = [];
  let our = 0;
  let their = 0;
  // New line minus base line, for the unchanged lines before the next hunk of each side.
  let ourShift = 0;
  let theirShift = 0;
  while (our < ours.length || their < theirs.length) {
    const start = Math.min(ours[our]?.oldStart ?? Infinity, theirs[their]?.oldStart ?? Infinity);
    const before = { ourShift, theirShift, our, their };
    let end = start;
    for (;;) {
      const ourHunk = ours[our];
      const theirHunk = theirs[their];
      if (ourHunk !== undefined && ourHunk.oldStart <= end) {
        end = Math.max(end, ourHunk.oldStart + ourHunk.oldLength);
        ourShift += ourHunk.newLength - ourHunk.oldLength;
        our++;
      } else if (theirHunk !== undefined && theirHunk.oldStart <= end) {
        end = Math.max(end, theirHunk.oldStart + theirHunk.oldLength);
        theirShift += theirHunk.newLength - theirHunk.oldLength;
        their++;
      } else {
        break;
      }
    }
    const byUs = our > before.our;
    const byThem = their > before.their;
    regions.push({
      changedBy: byUs && byThem ? "both" : byUs ? "ours" : "theirs",
      isOnePair: our - before.our === 1 && their - before.their === 1,
      ourStart: start + before.ourShift,
      ourEnd: end + ourShift,
      theirStart: start + before.theirShift,
      theirEnd: end + theirShift,
    });
  }
  return regions;
}

type Sides = {
  readonly input: TextMergeInput;
  readonly files: readonly [readonly Line[], readonly Line[], readonly Line[]];
  readonly ourIds: Int32Array;
  readonly theirIds: Int32Array;
};

function appendPart(part: Region, sides: Sides, merged: Merged): void {
  const [, ours, theirs] = sides.files;
  if (part.changedBy === "ours") {
    append(merged.lines, ours, part.ourStart, part.ourEnd);
  } else if (part.changedBy === "theirs") {
    append(merged.lines, theirs, part.theirStart, part.theirEnd);
  } else if (sides.input.driver === "union") {
    appendUnion(part, sides, merged.lines);
  } else {
    merged.clean = false;
    appendMarked(part, sides, merged.lines);
  }
}

/** Equal lines fewer than this between two conflicts stay inside one: three short conflicts read worse than one. */
const MIN_COMMON = 4;

/** Takes apart what both sides changed: what is left of it are the parts in which they differ from each other. */
function narrowConflicts(regions: readonly Region[], sides: Sides): Region[] {
  const parts: Region[] = [];
  for (const region of regions) {
    if (region.changedBy !== "both") {
      parts.push(region);
      continue;
    }
    const conflicts = conflictsWithin(region, sides);
    // The same change in one piece leaves no trace, as in git: conflicts around it are neighbours.
    if (conflicts.length === 0 && !region.isOnePair) parts.push({ ...region, changedBy: "ours" });
    for (const conflict of conflicts) {
      const last = parts.at(-1);
      const isNear = last?.changedBy === "both" && conflict.ourStart - last.ourEnd < MIN_COMMON;
      if (isNear && sides.input.driver !== "union")
        parts[parts.length - 1] = { ...last, ourEnd: conflict.ourEnd, theirEnd: conflict.theirEnd };
      else parts.push(conflict);
    }
  }
  return parts;
}

function conflictsWithin(region: Region, { ourIds, theirIds }: Sides): Region[] {
  const our = ourIds.subarray(region.ourStart, region.ourEnd);
  const their = theirIds.subarray(region.theirStart, region.theirEnd);
  return diffLines(our, their).map((hunk) => {
    const ourStart = region.ourStart + hunk.oldStart;
    const theirStart = region.theirStart + hunk.newStart;
    return {
      ...region,
      ourStart,
      ourEnd: ourStart + hunk.oldLength,
      theirStart,
      theirEnd: theirStart + hunk.newLength,
    };
  });
}

function appendUnion(region: Region, { files: [, ours, theirs] }: Sides, into: Line[]): void {
  append(into, ours, region.ourStart, region.ourEnd);
  if (region.theirStart < region.theirEnd) endLastLine(into, lineBreakOf(ours));
  append(into, theirs, region.theirStart, region.theirEnd);
}

function appendMarked(region: Region, { input, files: [, ours, theirs] }: Sides, into: Line[]): void {
  const lineBreak = lineBreakOf(ours);
  const size = input.markerSize ?? 7;
  const marker = (sign: string, label: string | undefined): string =>
    `${sign.repeat(size)}${label === undefined ? "" : ` ${Buffer.from(label).toString("latin1")}`}${lineBreak}`;
  into.push(marker("<", input.labels?.ours));
  append(into, ours, region.ourStart, region.ourEnd);
  endLastLine(into, lineBreak);
  into.push(marker("=", undefined));
  append(into, theirs, region.theirStart, region.theirEnd);
  endLastLine(into, lineBreak);
  into.push(marker(">", input.labels?.theirs));
}

/** A line that was the last of its file gets a line break when something follows it now. */
function endLastLine(lines: Line[], lineBreak: string): void {
  const last = lines.at(-1);
  if (last !== undefined && !last.endsWith("\n")) lines[lines.length - 1] = last + lineBreak;
}

function lineBreakOf(lines: readonly Line[]): string {
  return lines[0]?.endsWith("\r\n") === true ? "\r\n" : "\n";
}

/** As `push(...slice)`, which overflows the stack for long files. */
function append(into: Line[], lines: readonly Line[], start: number, end: number): void {
  for (let line = start; line < end; line++) into.push(lines[line] ?? "");
}
