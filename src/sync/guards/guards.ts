/**
 * Guards stop what is probably a mistake before it happens. Each is a pure function in a file of its own, from facts to
 * a finding. There are two classes. A *stopping* guard ends the run before anything is written, and the source rests
 * until a person agrees (`lull allow`) or the reason is gone. A *leaving-out* guard keeps single files out of the
 * commit, and the rest goes on. `run-guards.ts` runs them; what tripped and what is allowed is kept by
 * `guard-memory.ts`. This folder knows the engine's interface and the config's limits; not the store, nor who is told.
 */
import { displayPath } from "../../git/paths.ts";
import type { RepoPath } from "../../git/model.ts";

export type StoppingGuard =
  | "repository"
  | "emptied"
  | "deletions"
  | "incoming-deletions"
  | "changes"
  | "filter";
export type LeavingOutGuard = "file-size" | "secret" | "key-file" | "name" | "name-twin";
export type GuardName = StoppingGuard | LeavingOutGuard;

/** Why a run must not go on. */
export type Finding = {
  readonly guard: StoppingGuard;
  /** What would happen, with figures. */
  readonly message: string;
  readonly causes: readonly string[];
  /** Names exactly the state that was seen: what a person allows is this and nothing beyond it. */
  readonly mark: string;
  readonly figures: Readonly<Record<string, number>>;
  /** It goes by itself when the reason is gone, as a disk that is mounted again. */
  readonly heals: boolean;
};

/** Why one path stays out of a commit. */
export type LeftOut = {
  readonly guard: LeavingOutGuard;
  readonly path: RepoPath;
  /** In words, never with the secret itself. */
  readonly reason: string;
  /** What `lull allow` writes down; one for each thing that was found. */
  readonly marks: readonly string[];
};

const MOST_NAMES = 3;

/** `a.md, b.md, c.md and 184 more`. */
export function firstPaths(paths: readonly RepoPath[]): string {
  const shown = paths.slice(0, MOST_NAMES).map(displayPath).join(", ");
  return paths.length > MOST_NAMES ? `${shown} and ${paths.length - MOST_NAMES} more` : shown;
}

/** Names a set of paths; the order does not matter. */
export function markOf(guard: GuardName, values: readonly string[]): string {
  const hasher = new Bun.CryptoHasher("sha256");
  hasher.update(guard);
  for (const value of values.toSorted()) hasher.update(`\0${value}`);
  return hasher.digest("hex");
}
