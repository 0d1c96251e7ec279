/**
 * Tells why a test cannot run here, on the terminal, so that no skip goes unseen.
 * @returns what `test.skipIf` takes
 */
export function cannotRun(isHindered: boolean, reason: string): boolean {
  if (isHindered) console.log(`skip  ${reason}`);
  return isHindered;
}
