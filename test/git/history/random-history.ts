/** Random histories with wrong clocks, made by one `git fast-import` each. */
import { join } from "node:path";

import { type ObjectStore, openObjectStore } from "../../../src/git/objects/object-store.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";

/** Returns a generator of whole numbers below `bound`; the same seed gives the same numbers. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
  };
}

export type RandomHistory = {
  readonly directory: string;
  readonly store: ObjectStore;
  /** Oldest first: parents before children. */
  readonly commits: readonly string[];
};

const opened: ObjectStore[] = [];

/** Gives back the file handles of all histories of a test file. */
export function closeHistories(): void {
  for (const store of opened.splice(0)) store.close();
}

/** @param skew seconds by which a commit's clock may be wrong in either direction */
export function randomHistory(
  seed: number,
  options: { readonly commits: number; readonly skew: number; readonly isLine?: boolean },
): RandomHistory {
  const random = seeded(seed);
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "--template=");
  const stream: string[] = [];
  for (let index = 0; index < options.commits; index++) {
    const seconds = 1_700_000_000 + index * 60 + random(2 * options.skew + 1) - options.skew;
    stream.push(
      `commit refs/heads/c${index}`,
      `mark :${index + 1}`,
      `committer Ada <ada@example.com> ${seconds} +0000`,
    );
    stream.push(`data ${String(index).length}`, String(index));
    const parents =
      options.isLine === true ? [index - 1].filter((parent) => parent >= 0) : pickParents(random, index);
    for (const [place, parent] of parents.entries()) {
      stream.push(`${place === 0 ? "from" : "merge"} :${parent + 1}`);
    }
    stream.push("");
  }
  gitRaw(directory, ["fast-import", "--quiet"], { input: `${stream.join("\n")}\n` });
  const names = Array.from({ length: options.commits }, (_, index) => `refs/heads/c${index}`);
  const commits = git(directory, "rev-parse", ...names).split("\n");
  const store = openObjectStore(join(directory, ".git"));
  opened.push(store);
  return { directory, store, commits };
}

/** Mostly one recent parent, often two, now and then three or none (a second root). */
function pickParents(random: (bound: number) => number, index: number): number[] {
  if (index === 0 || random(25) === 0) return [];
  const parents = new Set<number>();
  for (let count = [1, 1, 1, 2, 2, 3][random(6)] ?? 1; count > 0; count--) {
    parents.add(Math.max(0, index - 1 - random(Math.min(index, 6))));
  }
  return [...parents];
}
