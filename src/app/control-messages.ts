/**
 * What a command asks the running daemon, one JSON document a line over the local socket, and what it answers. A daemon
 * of another version may be running: unknown requests are answered with `unknown`, unknown fields are left alone.
 */
import type { JobCause, JobWait } from "../queue/job.ts";

export type ControlRequest =
  | { readonly kind: "status" }
  /** Reads the config anew; answered when it is done. */
  | { readonly kind: "reload" }
  /** Pauses, the queue or the history were changed by another process. */
  | { readonly kind: "reconsider" }
  /** A person wants these synced now. */
  | { readonly kind: "sync"; readonly sources: readonly string[] }
  /** Sends each event of the story from now on, until the connection ends. */
  | { readonly kind: "follow" }
  /** Until the next reload or end. */
  | { readonly kind: "log-level"; readonly level: string }
  | { readonly kind: "stop" };

export type SourceSituation = {
  readonly name: string;
  readonly state: "running" | "waiting" | "queued" | "paused" | "parked" | "resting";
  readonly cause: JobCause | undefined;
  readonly dueSince: number | undefined;
  /** Not before this: a jitter or a back-off. */
  readonly notBefore: number | undefined;
  readonly waits: readonly JobWait[];
  /** Why it is parked, or what the last try failed with. */
  readonly reason: string | undefined;
  readonly nextAt: number | undefined;
  /** `events`, `polling`, `gone` …; undefined: it is not watched. */
  readonly watch: string | undefined;
};

export type DaemonSituation = {
  readonly pid: number;
  readonly version: string;
  readonly startedAt: number;
  readonly configFile: string;
  /** Resident bytes of the daemon alone; undefined where that can not be told. */
  readonly memory: number | undefined;
  /** A service manager started it and looks after it. */
  readonly isManaged: boolean;
  readonly sources: readonly SourceSituation[];
};

export type ControlAnswer =
  | { readonly kind: "status"; readonly situation: DaemonSituation }
  | { readonly kind: "done" }
  | {
      readonly kind: "reloaded";
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
      readonly warnings: readonly string[];
    }
  | { readonly kind: "refused"; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: "event"; readonly event: Readonly<Record<string, unknown>> }
  | { readonly kind: "unknown" };

/** The running daemon of this user, as commands reach it. */
export type DaemonLink = {
  /** Undefined: no daemon runs. @throws LullError `DAEMON_SILENT` when it does not answer in time */
  ask(request: ControlRequest, options: { readonly signal: AbortSignal }): Promise<ControlAnswer | undefined>;
  /** As `ask`, without an answer that matters: for commands that work with and without a daemon. Never throws. */
  poke(request: ControlRequest): Promise<void>;
  /** Hands on each event until the daemon ends or the signal fires. Returns false when no daemon runs. */
  follow(
    onEvent: (event: Readonly<Record<string, unknown>>) => void,
    options: { readonly signal: AbortSignal },
  ): Promise<boolean>;
};
