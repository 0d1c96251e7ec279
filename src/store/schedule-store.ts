/** When each schedule was due last and is due next, so that no restart forgets or repeats a run. */

/** One schedule of one source. Times are wall time, milliseconds since 1970 UTC. */
export type ScheduleRow = {
  readonly source: string;
  /** `Schedule.key`: its words with its time zone. */
  readonly expression: string;
  /** The occurrence it waits for, without jitter; undefined: none (`on start`). */
  readonly nextAt: number | undefined;
  /** When a run was last asked for because of it; undefined: never yet. */
  readonly lastAt: number | undefined;
};

export type ScheduleChanges = {
  /** New and changed rows. */
  readonly saved: readonly ScheduleRow[];
  /** Rows whose schedule is gone from the config. */
  readonly lost: readonly Pick<ScheduleRow, "source" | "expression">[];
};

export type ScheduleStore = {
  /** Every row, or those of one source; ordered by source and expression. */
  list(source?: string): readonly ScheduleRow[];
  /**
   * Writes all changes or none, and in the same transaction whatever `alongside` writes through other stores of the
   * same `Store` (the requests for the runs that are due): a crash leaves both or neither.
   * @throws LullError of the store, or what `alongside` throws; nothing is written then
   */
  save(changes: ScheduleChanges, alongside?: () => void): void;
};
