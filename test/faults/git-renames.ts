/** Which files git takes for one that moved: the judge of what a merge may join. */
import { git } from "../helpers/system-git.ts";
import { type Touch, unitOf } from "./random-edits.ts";

/**
 * Of every commit since `base`, against its parents and against `base`: a removed file and a new one that are at least
 * half alike.
 */
export function renamesByGit(repository: string, base: string): readonly Touch[] {
  const lines = git(repository, "rev-list", "--parents", `${base}..main`).split("\n");
  return lines
    .filter((line) => line !== "")
    .flatMap((line) => {
      const [commit = "", ...parents] = line.split(" ");
      return [...new Set([base, ...parents])].flatMap((from) => renames(repository, from, commit));
    });
}

function renames(repository: string, from: string, to: string): readonly Touch[] {
  // NUL between the fields: names may hold everything else.
  const command = ["diff", "--name-status", "-z", "-M", "-l0", "--diff-filter=R", from, to];
  const { stdout } = Bun.spawnSync(["git", "-C", repository, ...command]);
  // As in a `TreeSnapshot`.
  const fields = Buffer.from(stdout).toString("latin1").split("\0").slice(0, -1);
  return Array.from({ length: fields.length / 3 }, (_, index) => ({
    units: fields.slice(3 * index + 1, 3 * index + 3).map(unitOf),
  }));
}
