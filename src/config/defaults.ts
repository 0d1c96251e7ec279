import type { ConflictRule } from "./config.ts";

/** What holds where the file says nothing. */
export const DEFAULTS = {
  schedule: "every 6h",
  watch: false,
  /** An editor's burst of writes is over after this. */
  watchQuietMs: 5000,
  watchMaxWaitMs: 60_000,
  conflicts: { glob: "**", strategy: "keep-both" } satisfies ConflictRule,
  message: "{summary} ({device})",
  depth: 3,
} as const;
