import { basename, join, sep } from "node:path";

import type { FileReader } from "./import.ts";

/** Neither a storage nor a home has more of them; a loop ends here. */
const MOST_ENTRIES = 20_000;

/**
 * The paths below the home that are links into a folder which has the same paths: what is there is not the home's own.
 * @returns paths relative to the home, a linked folder once
 */
export function linkedInto(files: FileReader, folder: string, home: string): readonly string[] {
  const linked: string[] = [];
  const open = [""];
  for (let seen = 0, path = open.pop(); path !== undefined && seen < MOST_ENTRIES; path = open.pop()) {
    for (const { name } of files.list(join(folder, path)) ?? []) {
      seen++;
      const inner = join(path, name);
      const target = files.linkTarget(join(home, inner));
      // The folder may be reached by another path, too: cloud storages move theirs and leave a link.
      const isInside =
        target?.startsWith(folder + sep) === true ||
        target?.endsWith(join(sep, basename(folder), inner)) === true;
      if (isInside) linked.push(inner);
      else if (files.kind(join(folder, inner)) === "folder" && files.kind(join(home, inner)) === "folder")
        open.push(inner);
    }
  }
  return linked.sort();
}
