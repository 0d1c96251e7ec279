/** A pair of lines, one of each file, that are equal and that neither file has twice. */
export type LinePair = { readonly before: number; readonly after: number };

/**
 * Returns the longest sequence of such pairs that is in order in both files. Takes n log n steps whatever the files
 * are like, so it bounds the work of a diff on files in which a change stands every few lines.
 */
export function uniqueCommonLines(before: Int32Array, after: Int32Array): LinePair[] {
  const places = new Map<number, LinePair | undefined>();
  for (const [line, id] of before.entries())
    places.set(id, places.has(id) ? undefined : { before: line, after: -1 });
  for (const [line, id] of after.entries()) {
    const pair = places.get(id);
    if (pair !== undefined) places.set(id, pair.after === -1 ? { ...pair, after: line } : undefined);
  }
  const pairs: LinePair[] = [];
  for (const pair of places.values()) if (pair !== undefined && pair.after !== -1) pairs.push(pair);
  return longestRising(pairs.sort((a, b) => a.before - b.before));
}

/** Patience sorting: `ends[n]` is the pair with the lowest `after` that ends a rising sequence of n + 1 pairs. */
function longestRising(pairs: readonly LinePair[]): LinePair[] {
  const ends: number[] = [];
  const previous = new Int32Array(pairs.length).fill(-1);
  const afterOf = (index: number): number => pairs[index]?.after ?? -1;
  for (const [index, { after }] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (afterOf(ends[middle] ?? -1) < after) low = middle + 1;
      else high = middle;
    }
    previous[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const rising: LinePair[] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) rising.push(pair);
  }
  return rising.reverse();
}
