/**
 * How the system keeps the daemon running: systemd, launchd, Task Scheduler. This folder renders their files, plans what
 * an installation changes and reads how a service stands. It knows what command to run, not what that command does; it
 * must not know config, store or who asks. Effects come in as `ServiceEffects`; the rest is pure.
 */
import type { RunProgram } from "../base/program.ts";
import type { Timers } from "../base/timers.ts";

export type ServiceManagerKind = "systemd" | "launchd" | "task-scheduler" | "none";

/** `user`: belongs to one person and runs while the system lets it; `system`: from boot on, under a person's name. */
export type ServiceScope = "user" | "system";

/** What is to run. Two equal specs give the same text, byte by byte. */
export type ServiceSpec = {
  /** The program by its absolute path, then its words. Never a secret: other users can read it. */
  readonly command: readonly [program: string, ...words: string[]];
  /** On top of what the manager gives; only what moves lull's places. */
  readonly environment: Readonly<Record<string, string>>;
  /** Rights that new files do not get, as in the shell of the person who installs: `0o077`. */
  readonly umask: number;
  /** Whose service it is; a system service runs under this name. */
  readonly user: string;
  /** Absolute; where launchd puts what a dying daemon says, and Windows the task's text. */
  readonly stateDirectory: string;
  /** Whether the daemon can tell systemd by itself that it is ready, or only by `systemd-notify`. */
  readonly notifies: "directly" | "by-program";
};

/** One step of an installation, in order; `--dry-run` shows them, and nothing else is ever done. */
export type ServiceAction =
  | {
      readonly kind: "write";
      readonly file: string;
      readonly text: string;
      readonly encoding: ServiceEncoding;
    }
  | { readonly kind: "remove"; readonly file: string }
  | { readonly kind: "make-folder"; readonly folder: string }
  | {
      readonly kind: "run";
      readonly command: readonly [string, ...string[]];
      /** What its failure means: `stop`: the installation ends with an error; `go-on`: it was not needed. */
      readonly onFailure: "stop" | "go-on";
    }
  /** Runs a command that changes nothing again and again until it fails: what it asks for is gone then. */
  | { readonly kind: "wait-until-fails"; readonly command: readonly [string, ...string[]] };

/** Task Scheduler takes its files as UTF-16 with a byte order mark. */
export type ServiceEncoding = "utf-8" | "utf-16le";

export type ServiceOptions = {
  /** Only plan: nothing is written and no program is run that changes anything. */
  readonly dryRun: boolean;
  /** Replace or remove a file of this name that lull did not write. */
  readonly force: boolean;
  readonly signal: AbortSignal;
};

/** Something that does not stand as it should, and what to do about it. */
export type ServiceProblem = { readonly what: string; readonly next: string };

export type ServiceInstalled = {
  readonly manager: ServiceManagerKind;
  readonly scope: ServiceScope;
  /** `started`: the text was right already, but the service was not enabled or not running. */
  readonly outcome: "installed" | "updated" | "started" | "unchanged";
  readonly file: string;
  readonly text: string;
  /** What was done, or would be; empty when `unchanged`. */
  readonly actions: readonly ServiceAction[];
  readonly dryRun: boolean;
  /** What the person should know although it worked: lingering is off. */
  readonly problems: readonly ServiceProblem[];
};

export type ServiceUninstalled = {
  readonly manager: ServiceManagerKind;
  readonly scope: ServiceScope;
  readonly outcome: "uninstalled" | "not-installed";
  readonly file: string;
  readonly actions: readonly ServiceAction[];
  readonly dryRun: boolean;
};

export type ServiceStatus = {
  readonly manager: ServiceManagerKind;
  readonly scope: ServiceScope;
  /** Undefined where there is no manager. */
  readonly file: string | undefined;
  /** `differs`: lull wrote it, but would write another text now, for the same words; `foreign`: somebody else did. */
  readonly installed: "no" | "yes" | "differs" | "foreign";
  /** What it was installed to run; undefined: nothing, or unknown. */
  readonly command: readonly string[] | undefined;
  /** Starts by itself at log-on or boot; undefined: the manager does not tell. */
  readonly enabled: boolean | undefined;
  /** In the manager's words: `active`, `activating`, `failed`, `waiting to restart`, `running` …; undefined: unknown. */
  readonly state: string | undefined;
  /** `since` in milliseconds since 1970 UTC; each undefined when the manager does not tell. */
  readonly running: { readonly pid: number | undefined; readonly since: number | undefined } | undefined;
  /** systemd's user services only: whether it runs on after the person has logged out. */
  readonly lingering: boolean | undefined;
  readonly problems: readonly ServiceProblem[];
};

/**
 * The service of one scope on one system. All three reject with `LullError`: `FOREIGN_SERVICE` (no `--force`),
 * `NEEDS_ROOT`, `NO_SUCH_USER`, `NO_SERVICE_MANAGER`, `NO_USER_MANAGER`, `SERVICE_ENVIRONMENT`, `SERVICE_TOOL_FAILED`, `BAD_SERVICE_TEXT` (a path that can
 * not be written into the file), `INTERRUPTED`. `status` rejects only with the last one: what it can not learn is a
 * problem in its result.
 */
export type ServiceManager = {
  readonly kind: ServiceManagerKind;
  readonly scope: ServiceScope;
  /** Brings the system to what the spec says; a second call changes nothing. */
  install(spec: ServiceSpec, options: ServiceOptions): Promise<ServiceInstalled>;
  uninstall(options: ServiceOptions): Promise<ServiceUninstalled>;
  /** @param options `program`: what an installation would run now; undefined: run from sources, where there is none */
  status(options: {
    readonly program: string | undefined;
    readonly signal: AbortSignal;
  }): Promise<ServiceStatus>;
};

export type FoundFile =
  | { readonly kind: "absent" }
  | { readonly kind: "text"; readonly text: string }
  /** A folder, a link that leads nowhere, a device … */
  | { readonly kind: "other" };

/** What a manager may touch. */
export type ServiceEffects = {
  readonly run: RunProgram;
  readonly read: (file: string) => FoundFile;
  readonly write: (file: string, text: string, encoding: ServiceEncoding) => void;
  readonly remove: (file: string) => void;
  readonly makeFolder: (folder: string) => void;
  /** True also for a link that leads nowhere. */
  readonly exists: (path: string) => boolean;
  readonly timers: Timers;
};
