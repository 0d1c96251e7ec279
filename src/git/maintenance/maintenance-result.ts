/** What a maintenance is asked and what it says; plain data. */

export type MaintainInput = {
  /** Only look: nothing is written, removed or locked. */
  readonly dryRun: boolean;
  /** How old a savepoint may become, in milliseconds. */
  readonly savepointsMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (step: string, done: number, total: number) => void;
};

export type MaintainResult =
  | {
      readonly kind: "done";
      /** Objects that went into the new pack (with `dryRun`: that would); 0 when nothing was packed. */
      readonly objectsPacked: number;
      /** Of these, how many were found to build upon another one now. */
      readonly newDeltas: number;
      /** Objects that nothing reaches and nobody used for two weeks. */
      readonly objectsDropped: number;
      readonly before: ObjectCount;
      /** Undefined with `dryRun`. */
      readonly after: ObjectCount | undefined;
      readonly reflogEntriesExpired: number;
      readonly savepointsExpired: number;
      /** Temporary files and folders that a crash had left. */
      readonly temporaryFilesSwept: number;
      /** One line for each thing that stays as it is, with the reason. */
      readonly left: readonly string[];
    }
  | { readonly kind: "skipped"; readonly reason: string; readonly hint: string };

export type ObjectCount = {
  readonly packs: number;
  readonly loose: number;
  /** Of all packs with their indexes, and of all loose files with the blocks that they take on the disk. */
  readonly bytes: number;
};
