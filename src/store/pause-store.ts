/** Sources that rest, by a person's wish or by a guard. Times are milliseconds since 1970 UTC. */

/** Stands for all sources. */
export const ALL_SOURCES = "*";

export type Pause = {
  /** A source's name, or `*` for all of them. */
  readonly source: string;
  readonly since: number;
  /** Undefined: until it is resumed. */
  readonly until: number | undefined;
  readonly reason: string;
  /** The guard that made it; left out: a person did. */
  readonly guard?: string | undefined;
};

export type PauseStore = {
  /** Replaces a pause that the source has already. */
  pause(pause: Pause): void;
  /** Returns whether it was paused. `*` ends the pause of all only; a source's own pause stays. */
  resume(source: string, now: number): boolean;
  /** What is paused now, `*` first; pauses that have run out are left out, and swept by the next `pause`. */
  list(now: number): readonly Pause[];
  /** The pause that holds a source now: the one that ends last of its own and that of all. */
  find(source: string, now: number): Pause | undefined;
};
