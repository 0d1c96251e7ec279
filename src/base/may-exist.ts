import { lstatSync } from "node:fs";

/**
 * False when nothing is at a path. For what is mostly absent: to open it and fail costs three times as much as this
 * look, most of it for the error's stack. True also where nobody can tell: whoever opens it then learns why.
 */
export function mayExist(path: string | Buffer): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
