/** Conflicts of sources, open and resolved, as use-cases see them. */

export type StoredConflict = ConflictKey & {
  /** Milliseconds since 1970 UTC. */
  readonly metAt: number;
  /** Undefined: it is open. */
  readonly resolvedAt: number | undefined;
  /** What became of it, in a word. */
  readonly resolution: string | undefined;
  /** The record as JSON. */
  readonly detail: string;
};

export type ConflictKey = {
  readonly source: string;
  /** The merge that met it. */
  readonly commit: string;
  /** One character for each byte. */
  readonly path: string;
};

export type Learned = {
  readonly source: string;
  /** The commit up to which the history was read. */
  readonly tip: string;
  /** Those that are known already stay as they are. */
  readonly conflicts: readonly StoredConflict[];
};

export type ConflictStore = {
  /** The commit up to which the history of a source has been read. */
  mark(source: string): string | undefined;
  /** Takes in what was read of the history, all of it or nothing. */
  learn(learned: Learned): void;
  /** Returns whether it was open. */
  resolve(key: ConflictKey, end: { readonly at: number; readonly resolution: string }): boolean;
  /** Returns whether it was resolved. */
  reopen(key: ConflictKey): boolean;
  /** Newest first. */
  list(filter: { readonly source: string; readonly open: boolean }): readonly StoredConflict[];
  /** How many are open, by source; sources without any are left out. */
  countOpen(): ReadonlyMap<string, number>;
  /** Another source may get the name one day. */
  forget(source: string): void;
};
