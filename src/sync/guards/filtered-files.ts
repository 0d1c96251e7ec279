import type { RepoPath } from "../../git/model.ts";
import { type Finding, firstPaths, markOf } from "./guards.ts";

/**
 * Files behind a filter (LFS, git-crypt) hold in git what a program makes of them; without it lull would commit the
 * wrong content, or a secret in clear. The whole source stops, not only the path: a commit without it would split what
 * belongs together, unless a person says that it may.
 */
export function filteredFiles(filtered: readonly RepoPath[]): Finding | undefined {
  if (filtered.length === 0) return undefined;
  const one = filtered.length === 1;
  return {
    guard: "filter",
    message: `${firstPaths(filtered)} ${one ? "needs" : "need"} a program that lull does not run (see .gitattributes)`,
    causes: [
      `Git LFS, git-crypt or another filter stores ${one ? "this file" : "these files"} in another form`,
    ],
    // Lasting: allowed is to go on without such files, whichever they are.
    mark: markOf("filter", []),
    figures: { files: filtered.length },
    heals: false,
  };
}
