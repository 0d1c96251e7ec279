/** Finds the word a person most likely meant, for "did you mean" hints. */

/** Returns the candidate closest to `word`, or undefined when none is close enough to be a likely slip. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  // One slip per three letters, at least one: `jsno` finds `json`, `sync` does not find `diff`. But never as many as
  // there are letters: `a` is no slip for `b`.
  const allowed = Math.min(Math.max(1, Math.floor(word.length / 3)), word.length - 1);
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Damerau-Levenshtein distance (optimal string alignment): a swap of two neighbours counts as one slip. */
function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const cells = new Uint16Array((a.length + 1) * width);
  const at = (row: number, column: number): number => cells[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row++) {
    for (let column = 0; column <= b.length; column++) {
      if (row === 0 || column === 0) {
        cells[row * width + column] = row + column;
        continue;
      }
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let value = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + cost);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) value = Math.min(value, at(row - 2, column - 2) + 1);
      cells[row * width + column] = value;
    }
  }
  return at(a.length, b.length);
}
