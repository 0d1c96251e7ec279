/** What two byte sequences share at their start or end. Long stretches are compared by native code. */

/** Below this a loop is quicker than a native call. */
const SHORT = 32;

/** Returns how many bytes are equal from the start, at most `limit`, which neither may be shorter than. */
export function commonPrefix(a: Buffer, b: Buffer, limit: number): number {
  let same = 0;
  const short = Math.min(limit, SHORT);
  while (same < short && a[same] === b[same]) same++;
  if (same < short || same === limit) return same;
  // Longer and longer stretches as long as they are equal, then halves of the one that is not.
  for (let step = SHORT; ;) {
    const length = Math.min(step, limit - same);
    if (length === 0) return limit;
    if (a.compare(b, same, same + length, same, same + length) === 0) {
      same += length;
      step *= 2;
    } else {
      return same + narrowed(a, b, same, length);
    }
  }
}

/** Returns how many bytes are equal from the end, at most `limit`. */
export function commonSuffix(a: Buffer, b: Buffer, limit: number): number {
  let same = 0;
  const short = Math.min(limit, SHORT);
  while (same < short && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  if (same < short || same === limit) return same;
  for (let step = SHORT; ;) {
    const length = Math.min(step, limit - same);
    if (length === 0) return limit;
    const inA = a.length - same - length;
    const inB = b.length - same - length;
    if (a.compare(b, inB, inB + length, inA, inA + length) === 0) {
      same += length;
      step *= 2;
      continue;
    }
    let low = 0;
    for (let high = length; low < high;) {
      const middle = (low + high + 1) >>> 1;
      const fromA = a.length - same - middle;
      const fromB = b.length - same - middle;
      if (a.compare(b, fromB, fromB + middle, fromA, fromA + middle) === 0) low = middle;
      else high = middle - 1;
    }
    return same + low;
  }
}

/** The same within a stretch that is known to differ. */
function narrowed(a: Buffer, b: Buffer, start: number, length: number): number {
  let low = 0;
  for (let high = length - 1; low < high;) {
    const middle = (low + high + 1) >>> 1;
    const end = start + middle;
    if (a.compare(b, start, end, start, end) === 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
