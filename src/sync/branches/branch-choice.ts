/** Which branches a source's `branches` names. Pure. */

/**
 * @param patterns names and globs: `*` stands for anything but a slash, `**` for anything; one with `!` in front takes
 *   out again what others take in. Without any that takes in, all are meant
 * @param name without `refs/heads/`
 */
export function isChosen(patterns: readonly string[], name: string): boolean {
  const takenOut = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const takenIn = patterns.filter((pattern) => !pattern.startsWith("!"));
  const matches = (pattern: string): boolean => pattern === name || new Bun.Glob(pattern).match(name);
  return !takenOut.some(matches) && (takenIn.length === 0 || takenIn.some(matches));
}
