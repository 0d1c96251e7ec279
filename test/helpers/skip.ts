const isWatched = !["", "0", "false", undefined].includes(process.env["CI"]);

/**
 * Tells why a test cannot run here, on the terminal, so that no skip goes unseen. In CI, which runs everything, it is a
 * failure.
 * @returns what `test.skipIf` takes
 */
export function cannotRun(isHindered: boolean, reason: string): boolean {
  if (isHindered && isWatched) throw new Error(`a test was to be skipped in CI: ${reason}`);
  if (isHindered) console.log(`skip  ${reason}`);
  return isHindered;
}
