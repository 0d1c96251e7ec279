import { ownNameOf } from "./copy-name.ts";
import { namedWithin } from "./named-by.ts";
import { cleanPattern, isGlob, type Selection } from "./selection.ts";

/**
 * Whether a file that another device has gathered is one that this device's selections would gather, too. By names only:
 * the file need not be here.
 */
export function covering(selections: readonly Selection[]): (copy: string) => boolean {
  const each = selections.map((selection) => {
    const isExcluded = namedWithin(selection.exclude);
    const wanted = selection.files.map(wantedBy);
    return (copy: string): boolean => {
      if (!copy.startsWith(`${selection.folder}/`)) return false;
      const path = ownNameOf(copy.slice(selection.folder.length + 1));
      return wanted.some((isWanted) => isWanted(path)) && !isExcluded(path);
    };
  });
  return (copy) => each.some((isCovered) => isCovered(copy));
}

/** The path itself, or a folder that it lies in. */
function wantedBy(pattern: string): (path: string) => boolean {
  const clean = cleanPattern(pattern);
  if (!isGlob(clean)) return (path) => path === clean || path.startsWith(`${clean}/`);
  const glob = new Bun.Glob(clean);
  return (path) => {
    for (let end = path.indexOf("/"); end >= 0; end = path.indexOf("/", end + 1))
      if (glob.match(path.slice(0, end))) return true;
    return glob.match(path);
  };
}
