/**
 * The configuration as the rest of lull sees it: every default filled in, paths absolute, durations in
 * milliseconds, sizes in bytes. This folder owns the YAML file: its schema, reading (`load.ts`), editing with
 * comments kept (`edit-text.ts`), errors that show the line. It must not know what a sync is, nor where the file
 * lies: paths come in as values.
 */

export type ConflictStrategy = "keep-both" | "newest" | "ours" | "theirs" | "union" | "manual";

/** When a source is due. The texts are the user's own; `schedule/` gives them their meaning. */
export type ScheduleConfig = {
  readonly expression: string;
  readonly timezone: string | undefined;
  readonly jitterMs: number;
  readonly catchUp: boolean;
};

export type WatchConfig = { readonly quietMs: number; readonly maxWaitMs: number };

/** Whether now is a good moment. The texts are the user's own; `conditions/` gives them their meaning. */
export type WhenConfig = {
  readonly network: string | undefined;
  readonly idleMs: number | undefined;
  readonly power: string | undefined;
  readonly load: number | undefined;
  readonly maxDeferMs: number | undefined;
};

/** A glob with its strategy; the first match wins, `**` stands last. */
export type ConflictRule = { readonly glob: string; readonly strategy: ConflictStrategy };

export type RemoteConfig = { readonly name: string; readonly url: string };

type SourceCommon = {
  readonly name: string;
  readonly enabled: boolean;
  readonly schedules: readonly ScheduleConfig[];
  readonly watch: WatchConfig | undefined;
  readonly when: WhenConfig;
  readonly conflicts: readonly ConflictRule[];
  /** Named remotes, first the main one. Empty: only local commits. */
  readonly remotes: readonly RemoteConfig[];
  /** Commit message template: {date} {device} {summary} {changes} {files}. */
  readonly message: string;
};

export type RepoSource = SourceCommon & {
  readonly kind: "repo";
  /** Absolute path of the working tree. */
  readonly directory: string;
  readonly branches: readonly string[];
};

export type SettingsSource = SourceCommon & {
  readonly kind: "settings";
  readonly apps: readonly string[];
  readonly files: readonly { readonly path: string; readonly encrypt: boolean }[];
  readonly exclude: readonly string[];
};

export type DiscoverSource = SourceCommon & {
  readonly kind: "discover";
  readonly directory: string;
  readonly depth: number;
  readonly branches: readonly string[];
};

export type Source = RepoSource | SettingsSource | DiscoverSource;

export type Config = {
  readonly version: 1;
  /** This machine's name in commit messages and conflict copies. */
  readonly device: string;
  readonly sources: readonly Source[];
};
