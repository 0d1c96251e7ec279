import { readFileSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";

/** As in git, which calls deeper nesting an error. */
const DEEPEST = 5;

/**
 * Returns the object folders that a repository borrows from: `info/alternates` of its own and, from there on, of each
 * folder that is named, nearest first and each once. Relative paths count from the folder that names them
 * (gitrepository-layout(5)). A folder that is not there is left out, as git does: its objects will be missing.
 */
export function alternateFolders(objects: string): readonly string[] {
  const found = new Set<string>();
  const visit = (folder: string, depth: number): void => {
    for (const line of alternateLines(folder)) {
      const path = isAbsolute(line) ? resolve(line) : resolve(folder, line);
      if (path === resolve(objects) || found.has(path)) continue;
      found.add(path);
      if (depth < DEEPEST) visit(path, depth + 1);
    }
  };
  visit(objects, 0);
  return [...found];
}

function alternateLines(folder: string): readonly string[] {
  const path = `${folder}/info/alternates`;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `read ${path}`);
  }
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}
