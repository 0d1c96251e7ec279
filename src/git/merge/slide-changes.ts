/**
 * A run of added or removed lines can often be moved up or down without changing the diff (`a b [a b]` is
 * `[a b] a b`). Where it stands decides whether it touches a change of the other side, so every diff must
 * choose alike: as far down as possible, but back up to stand opposite a change in the other file.
 * @param lines the file whose runs move
 * @param changed one mark per line of that file; moved in place
 * @param otherChanged the marks of the file it is compared with
 */
export function slideChanges(lines: Int32Array, changed: Uint8Array, otherChanged: Uint8Array): void {
  const opposite = gapTable(otherChanged);
  // Unchanged lines of both files correspond one to one, so "the n-th gap between unchanged lines" names the
  // same place in both. `gap` is the number of unchanged lines before the run.
  let gap = 0;
  for (let line = 0; line < lines.length; line++) {
    if (changed[line] !== 1) {
      gap++;
      continue;
    }
    const run = settle({ start: line, end: endOfRun(changed, line), gap }, lines, changed, opposite);
    gap = run.gap;
    line = run.end - 1;
  }
}

type Run = { start: number; end: number; gap: number };

function settle(run: Run, lines: Int32Array, changed: Uint8Array, opposite: Uint8Array): Run {
  let highest: number;
  let aligned: number;
  for (;;) {
    const length = run.end - run.start;
    while (slideUp(run, lines, changed));
    highest = run.end;
    aligned = opposite[run.gap] === 1 ? run.gap : -1;
    while (slideDown(run, lines, changed)) {
      if (opposite[run.gap] === 1) aligned = run.gap;
    }
    // A run that swallowed a neighbour on its way may be able to move further.
    if (run.end - run.start === length) break;
  }
  if (run.end !== highest && aligned >= 0) {
    while (run.gap > aligned && slideUp(run, lines, changed));
  }
  return run;
}

function slideUp(run: Run, lines: Int32Array, changed: Uint8Array): boolean {
  if (run.start === 0 || lines[run.start - 1] !== lines[run.end - 1]) return false;
  changed[--run.start] = 1;
  changed[--run.end] = 0;
  run.gap--;
  while (run.start > 0 && changed[run.start - 1] === 1) run.start--;
  return true;
}

function slideDown(run: Run, lines: Int32Array, changed: Uint8Array): boolean {
  if (run.end >= lines.length || lines[run.start] !== lines[run.end]) return false;
  changed[run.start++] = 0;
  changed[run.end++] = 1;
  run.gap++;
  run.end = endOfRun(changed, run.end);
  return true;
}

function endOfRun(changed: Uint8Array, from: number): number {
  let end = from;
  while (changed[end] === 1) end++;
  return end;
}

/** For each gap between unchanged lines (gap 0 is before the first): 1 when changed lines stand in it. */
function gapTable(changed: Uint8Array): Uint8Array {
  const table = new Uint8Array(changed.length + 1);
  let gap = 0;
  for (const mark of changed) {
    if (mark === 1) table[gap] = 1;
    else gap++;
  }
  return table;
}
