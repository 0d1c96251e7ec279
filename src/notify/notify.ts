/**
 * Who is told what: decides which outcomes of runs and which events of the daemon are news to a person (`rules`), words
 * them, and carries them to the desktop, by mail, to webhooks and to the heartbeat URL. Owns the memory of what people
 * believe; must not know how a sync, a job or a schedule works. Nothing here may throw into the daemon or hold it up.
 */
import type { NotifyConfig } from "../config/config.ts";
import type { SyncRun } from "../sync/outcome.ts";

/** `error`: broken until a person acts. `problem`: look at it when there is time. `info`: good news. */
export type NoticeLevel = "error" | "problem" | "info";

/** One message to a person. Every text is one line, free of secrets and of control characters. */
export type Notice = {
  /** What it is about: `source:notes`, or a subject of the whole program such as `program:network`. */
  readonly subject: string;
  /** Stable lower-case word for programs, e.g. `failed`, `conflict`, `recovered`, `network`. */
  readonly kind: string;
  readonly level: NoticeLevel;
  readonly title: string;
  /** Lines; may be empty. */
  readonly body: readonly string[];
  readonly source: string | undefined;
  /** The next step, as typed in a terminal. */
  readonly command: string | undefined;
  /** Concerned files, relative to the source; the first few only. */
  readonly paths: readonly string[];
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
};

/** What the notices need of a finished run; a `SyncRun`, also one that came as JSON, is one. */
export type RunReport = Pick<
  SyncRun,
  "source" | "outcome" | "committed" | "remotes" | "conflicts" | "reason" | "error"
> &
  Partial<Pick<SyncRun, "skippedPaths">> & { readonly dryRun?: boolean };

/** What the daemon meets beside runs. Texts may come from outside; they are cleaned and freed of secrets here. */
export type DaemonEvent =
  /** A saved config file was refused; the old one holds on. */
  | { readonly kind: "config-refused"; readonly message: string; readonly hint?: string | undefined }
  | { readonly kind: "config-accepted" }
  /** A job is not tried again by itself. Over with the next good run of the source. */
  | {
      readonly kind: "parked";
      readonly source: string;
      readonly reason: string;
      readonly attempts?: number | undefined;
    }
  /** A guard has stopped a source until a person agrees. Over with the next good run of the source. */
  | {
      readonly kind: "guard";
      readonly source: string;
      readonly reason: string;
      readonly command?: string | undefined;
    }
  /** This source is looked at from time to time, as the system does not tell of changes. */
  | {
      readonly kind: "watch-polling";
      readonly source: string;
      readonly reason: string;
      readonly hint?: string | undefined;
    }
  | { readonly kind: "watch-restored"; readonly source: string }
  /** The machine as a whole has lost or found the network. */
  | { readonly kind: "network"; readonly online: boolean }
  /** The wall clock was set; schedules were counted anew. */
  | { readonly kind: "clock-jumped"; readonly byMs: number }
  /** lull's own database was lost; what it held begins anew. */
  | { readonly kind: "store-new"; readonly reason: string }
  /** Anything else that is wrong with the program until `trouble-over` with the same topic. */
  | {
      readonly kind: "trouble";
      /** Lower-case word, e.g. `store` or `api`. */
      readonly topic: string;
      readonly level: "error" | "problem";
      /** As a sentence without full stop: `the history can not be written`. */
      readonly title: string;
      readonly body?: readonly string[] | undefined;
      readonly command?: string | undefined;
    }
  | { readonly kind: "trouble-over"; readonly topic: string };

export type NotifierSettings = {
  readonly notify: NotifyConfig;
  readonly device: string;
  /** Names in the config; what is remembered of others is forgotten. */
  readonly sources: readonly string[];
};

/**
 * What the daemon calls. All methods return at once and never throw; sending goes on behind them, each channel on its
 * own with deadlines, bounded queues and bounded retries. That a channel fails is logged once, and once that it works.
 * Disposing waits at most `FAREWELL_MS` for what is being sent, then gives up.
 */
export type Notifier = AsyncDisposable & {
  afterRun(run: RunReport): void;
  event(event: DaemonEvent): void;
  /** The config was read anew: what waits goes out by the new channels. */
  configure(settings: NotifierSettings): void;
};

export const FAREWELL_MS = 3000;
