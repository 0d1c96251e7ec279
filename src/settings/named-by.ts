/**
 * Patterns as people know them from `.gitignore`: without a slash a file or folder of that name anywhere, with one a path
 * from the root; a folder stands for all that is in it, with or without `/` or `/**` at its end.
 */

/** Whether a pattern names this very path; who walks a tree asks for each folder before what is in it. */
export type NamedBy = (path: string) => boolean;

/** @param patterns relative to the same root as the paths, `/`-separated */
export function namedBy(patterns: readonly string[]): NamedBy {
  const anywhere: Bun.Glob[] = [];
  const fromRoot: Bun.Glob[] = [];
  for (const pattern of patterns) {
    const stem = pattern.replace(/^\.?\//, "").replace(/\/(?:\*\*)?$/, "");
    if (stem === "") continue;
    (stem.includes("/") ? fromRoot : anywhere).push(new Bun.Glob(stem));
  }
  return (path) => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    return anywhere.some((glob) => glob.match(name)) || fromRoot.some((glob) => glob.match(path));
  };
}

/** As `namedBy`, also for what lies in a folder that is named. */
export function namedWithin(patterns: readonly string[]): NamedBy {
  if (patterns.length === 0) return () => false;
  const isNamed = namedBy(patterns);
  return (path) => {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1))
      if (isNamed(path.slice(0, end))) return true;
    return isNamed(path);
  };
}
