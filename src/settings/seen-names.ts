import { readdirSync } from "node:fs";
import { posix } from "node:path";

import { systemCode } from "../base/errors.ts";

export type SeenNamesInput = {
  /** A folder that is there, absolute; what is above it is not looked at for what lies below it. */
  readonly home: string;
  /** Whether `A` and `a` are two names. */
  readonly isCaseSensitive: boolean;
};

/**
 * For hundreds of paths of which most are not there: whether something may be at a path, told from the names in the
 * folders above it. Each folder is listed once, and files are not looked at. True where nobody can tell.
 */
export function seenNames({ home, isCaseSensitive }: SeenNamesInput): (path: string) => boolean {
  const folded = (name: string): string => (isCaseSensitive ? name : name.toLowerCase());
  const listed = new Map<string, ReadonlySet<string> | "unknown">();
  const namesIn = (folder: string): ReadonlySet<string> | "unknown" => {
    const known = listed.get(folder);
    if (known !== undefined) return known;
    const names = list(folder);
    const found = names === "unknown" ? names : new Set(names.map(folded));
    listed.set(folder, found);
    return found;
  };
  const mayExist = (path: string): boolean => {
    const folder = posix.dirname(path);
    if (path === home || folder === path || folder === ".") return true;
    if (!mayExist(folder)) return false;
    const names = namesIn(folder);
    return names === "unknown" || names.has(folded(posix.basename(path)));
  };
  return mayExist;
}

function list(folder: string): readonly string[] | "unknown" {
  try {
    return readdirSync(folder);
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "") ? [] : "unknown";
  }
}
