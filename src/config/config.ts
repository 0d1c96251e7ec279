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

/** Whether now is a good moment; `conditions/` judges. Undefined or empty: does not matter. */
export type WhenConfig = {
  readonly network: NetworkCondition | undefined;
  /** Nobody used the machine for so long. */
  readonly idleMs: number | undefined;
  readonly power: PowerCondition | undefined;
  /** Load average per processor at most. */
  readonly load: number | undefined;
  readonly quietHours: readonly QuietHours[];
  /** Free space of the disk at least. */
  readonly diskBytes: number | undefined;
  readonly minGapMs: number | undefined;
  readonly maxDeferMs: number | undefined;
  /** What a condition that can not be checked counts as: met, or not. */
  readonly unknown: "go" | "wait";
};

/** Always: that there is a network at all. */
export type NetworkCondition = {
  readonly unmetered: boolean;
  readonly wifi: boolean;
  /** Names of Wi-Fi networks, one of which it must be; empty: any. */
  readonly ssids: readonly string[];
};

export type PowerCondition = {
  readonly mains: boolean;
  /** On battery at least so many percent; on mains any charge will do. */
  readonly batteryPercent: number | undefined;
  /** The system's power-saver must be off. */
  readonly noPowerSaver: boolean;
};

/** Local times in which nothing is synced, in minutes since midnight; `to` before `from` is on the next day. */
export type QuietHours = {
  readonly from: number;
  /** Up to 1440. */
  readonly to: number;
  /** Days on which they begin, 0 is Sunday; empty: every day. */
  readonly days: readonly number[];
};

/** A glob with its strategy; the first match wins, `**` stands last. */
export type ConflictRule = { readonly glob: string; readonly strategy: ConflictStrategy };

/** What stops a dangerous sync, or leaves a file out of it; undefined or false: not looked for. */
export type GuardsConfig = {
  /** Deletions at once: more than `percent` of the files (from 10 files on), or more than `files`. */
  readonly deletions: GuardLimits | undefined;
  /** Changed contents at once: more than `percent` of at least `files` files. */
  readonly changes: GuardLimits | undefined;
  /** Bytes above which a new or changed file stays out of the commit. */
  readonly fileSize: number | undefined;
  readonly secrets: boolean;
  /** Names that another system can not hold, or would take for one: */
  readonly names: "warn" | "leave-out" | "ignore";
};

export type GuardLimits = { readonly percent: number; readonly files: number };

export type RemoteConfig = { readonly name: string; readonly url: string };

/** Where the credential of a source's main remote is; how it is read is another folder's concern. */
export type CredentialConfig =
  | { readonly kind: "env"; readonly name: string }
  /** Program and arguments. */
  | { readonly kind: "command"; readonly command: readonly string[] }
  /** Absolute path. */
  | { readonly kind: "file"; readonly path: string };

type SourceCommon = {
  readonly name: string;
  readonly enabled: boolean;
  readonly schedules: readonly ScheduleConfig[];
  readonly watch: WatchConfig | undefined;
  readonly when: WhenConfig;
  readonly conflicts: readonly ConflictRule[];
  readonly guards: GuardsConfig;
  /** Named remotes, first the main one. Empty: only local commits. */
  readonly remotes: readonly RemoteConfig[];
  /** Undefined: where credentials usually are. */
  readonly credential: CredentialConfig | undefined;
  /** Commit message template: {date} {device} {summary} {changes} {files}. */
  readonly message: string;
  /** Whether lull's commits are signed. `auto`: as git's config says. */
  readonly sign: "auto" | "always" | "never";
  /** Beside that of the daemon, which all syncs share. */
  readonly bandwidth: BandwidthConfig;
  readonly transport: TransportConfig;
  readonly direction: Direction;
  /** False: only commits of the person's own are synced. */
  readonly autoCommit: boolean;
  readonly syncDeletions: boolean;
  /** lull's own commits become one before they are pushed. */
  readonly squash: boolean;
  /** Whether the repository's own hooks are run. */
  readonly hooks: boolean;
};

export type Direction = "push" | "pull" | "both";

export type RepoSource = SourceCommon & {
  readonly kind: "repo";
  /** Absolute path of the working tree. */
  readonly directory: string;
  readonly branches: readonly string[];
};

export type SettingsSource = SourceCommon & {
  readonly kind: "settings";
  /** Absolute path of the managed repository; undefined: in the data folder. */
  readonly directory: string | undefined;
  readonly mode: "backup" | "two-way";
  readonly apps: readonly { readonly name: string; readonly encrypt: boolean }[];
  readonly files: readonly { readonly path: string; readonly encrypt: boolean }[];
  readonly exclude: readonly string[];
  /** Apps, paths and globs that are not the same everywhere. */
  readonly variants: { readonly os: readonly string[]; readonly device: readonly string[] };
};

export type DiscoverSource = SourceCommon & {
  readonly kind: "discover";
  readonly directory: string;
  readonly depth: number;
  readonly branches: readonly string[];
};

export type Source = RepoSource | SettingsSource | DiscoverSource;

export type NotifyConfig = {
  readonly level: "none" | "errors" | "problems" | "all";
  readonly desktop: boolean;
  readonly email: EmailConfig | undefined;
  readonly webhooks: readonly WebhookConfig[];
  /** Called after each good run. */
  readonly heartbeat: string | undefined;
};

export type EmailConfig = {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte, or by STARTTLS before anything else is said; there is no third. */
  readonly tls: "implicit" | "starttls";
  readonly user: string | undefined;
  /** Absolute path. */
  readonly passwordFile: string | undefined;
  readonly from: string | undefined;
  readonly to: readonly string[];
};

export type WebhookConfig = {
  readonly url: string;
  readonly format: "json" | "ntfy" | "slack" | "discord";
  /** Absolute path. */
  readonly secretFile: string | undefined;
};

/** How remotes are reached. */
export type TransportConfig = {
  /** Whose SSH: the system's, lull's own, or the system's where there is one. */
  readonly ssh: "auto" | "system" | "builtin";
  /** Of http(s) remotes. */
  readonly proxy: ProxyConfig;
  /** Absolute path of a file of PEM certificates that are trusted beside the system's. */
  readonly ca: string | undefined;
};

/** `auto`: as the person's git has it, else as the environment has it. */
export type ProxyConfig = { readonly kind: "auto" | "none" } | { readonly kind: "url"; readonly url: string };

/** Bytes per second; undefined: no limit. */
export type BandwidthConfig = { readonly upload: number | undefined; readonly download: number | undefined };

/** What the log keeps: this and what is graver. */
export type LogLevel = "debug" | "info" | "warn" | "error";

export type DaemonConfig = {
  /** Sources that are synced at once. */
  readonly concurrency: number;
  /** Of these at once from and to one host. */
  readonly perHost: number;
  /** A sync that takes longer is stopped and tried again later. */
  readonly deadlineMs: number;
  /** Bytes of resident memory at which the process of a sync is ended. */
  readonly memory: number;
  readonly logLevel: LogLevel;
  readonly api: { readonly enabled: boolean; readonly port: number };
  /** Of all syncs together. */
  readonly bandwidth: BandwidthConfig;
  readonly retention: { readonly historyMs: number; readonly savepointsMs: number };
};

/** The application that a login in the browser uses on a host. */
export type LoginConfig = {
  /** As in a URL, in lower case, with its port where that is not the usual one. */
  readonly host: string;
  readonly service: "github" | "gitlab" | undefined;
  readonly clientId: string;
  /** Where the server's pages are; undefined: at the root. */
  readonly url: string | undefined;
};

export type Config = {
  readonly version: 1;
  /** This machine's name in commit messages and conflict copies. */
  readonly device: string;
  readonly sources: readonly Source[];
  readonly notify: NotifyConfig;
  readonly daemon: DaemonConfig;
  /** What every source's own has taken in already; for what belongs to no source. */
  readonly transport: TransportConfig;
  readonly logins: readonly LoginConfig[];
};
