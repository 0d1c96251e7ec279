/**
 * What the use-cases need, as interfaces; `compose.ts` fills them in. A use-case is one exported function a file,
 * `(deps, input, context)`, that returns plain data: it prints nothing and knows no SDK.
 */
import type { Clock } from "../base/clock.ts";
import type { LullError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Verdict } from "../conditions/conditions.ts";
import type { AppDefinition } from "../config/app-definition.ts";
import type { BandwidthConfig, Config, Source } from "../config/config.ts";
import type { Git } from "../git/git.ts";
import type { LogFiles } from "../platform/log-files.ts";
import type { SendMail } from "../notify/open-channels.ts";
import type { Way } from "../notify/notice-access.ts";
import type { Notifier, NotifierSettings } from "../notify/notify.ts";
import type { Places } from "../platform/paths.ts";
import type { SecretFiles } from "../platform/secret-file.ts";
import type { JobQueue } from "../queue/queue.ts";
import type { Store } from "../store/database.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { ConflictStore } from "../store/conflict-store.ts";
import type { PauseStore } from "../store/pause-store.ts";
import type { ServiceManager, ServiceScope } from "../service/service.ts";
import type { UpcomingInput, UpcomingSchedule } from "../schedule/upcoming.ts";
import type { RunStore } from "../store/run-store.ts";
import type { ScheduleStore } from "../store/schedule-store.ts";
import type { Registration } from "../sync/run-context.ts";
import type { SyncEvent } from "../sync/outcome.ts";
import type { Age } from "../secrets/age/age.ts";
import type { Credentials } from "../secrets/credentials.ts";
import type { DeviceLogins } from "../secrets/device-login.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import type { Catalogue } from "../settings/catalogue/catalogue.ts";
import type { OpenFolderStats } from "../settings/file-look.ts";
import type { PreferencesMeans } from "../settings/preferences/preferences.ts";
import type { SettingsMachine } from "../settings/places.ts";
import type { PutBackPlace } from "../settings/put-back.ts";
import type { CopyPlace } from "../settings/copy-in.ts";
import type { Transport } from "../transport/transport.ts";
import type { MergeTool } from "./conflicts/merge-with-tool.ts";
import type { DaemonLink } from "./control-messages.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import type { ImportMeans } from "./import/import.ts";

export type Deps = {
  readonly places: Places;
  readonly clock: Clock;
  readonly log: Log;
  readonly git: Git;
  readonly transport: Transport;
  /** What is wrong with a file of `transport.ca`, in words that go on after its path; undefined: nothing. */
  readonly authoritiesProblem: (path: string) => Promise<string | undefined>;
  /** Which credential goes to a remote. */
  readonly credentials: Credentials;
  readonly secrets: SecretStore;
  readonly deviceLogins: () => Promise<DeviceLogins>;
  /** Encryption of files; its library is loaded with the first call. */
  readonly age: () => Promise<Age>;
  readonly secretFiles: SecretFiles;
  /** Of all that goes through `transport`; a process syncs one source at a time. */
  readonly bandwidth: { limits: BandwidthConfig };
  readonly config: ConfigAccess;
  /** Opened on first use; a command that needs no history never touches the database. */
  readonly runs: RunStore;
  /** The database behind it and behind all that is kept beside it. */
  readonly store: Store;
  readonly schedules: ScheduleStore;
  /** Loads the calendar, which nobody else needs at start-up. */
  readonly upcoming: (input: UpcomingInput) => Promise<readonly UpcomingSchedule[]>;
  readonly locks: SourceLocks;
  readonly queue: JobQueue;
  readonly pauses: PauseStore;
  readonly conflicts: ConflictStore;
  readonly audit: AuditStore;
  readonly daemon: DaemonLink;
  readonly daemonProcess: DaemonProcess;
  /** The daemon's log. */
  readonly logs: LogFiles;
  /** Loads what judges whether now is a good moment for a source; all calls share one set of readings. */
  readonly openJudge: (signal: AbortSignal) => Promise<JudgeSource>;
  readonly notices: NoticeAccess;
  /** The user's home folder and the folder the command was started in, absolute. */
  readonly home: string;
  readonly cwd: string;
  /** This machine's name when the config does not give one. */
  readonly hostName: string;
  readonly userName: string;
  /** How this machine is known in the remotes of its sources. */
  readonly registration: Registration;
  /** Tells whether a folder holds nothing yet; undefined when it does not exist. */
  readonly isEmptyDirectory: (path: string) => boolean | undefined;
  readonly makeDirectory: (path: string) => void;
  readonly services: Services;
  readonly mergeTool: MergeTool;
  readonly settings: SettingsMeans;
  /** Loads what looks at the settings of other tools. */
  readonly importMeans: () => Promise<ImportMeans>;
};

/** What gathering and restoring need of the system. */
export type SettingsMeans = Pick<CopyPlace, "openSync"> & {
  /** Whether files have permission bits. */
  readonly hasModes: boolean;
  readonly rename: PutBackPlace["rename"];
  readonly openFolderStats: OpenFolderStats;
  readonly machine: SettingsMachine;
  /** Undefined where the system keeps none for apps. */
  readonly preferences: PreferencesMeans | undefined;
  /** Names of the processes of this user, as the system has them; undefined where that can not be told. */
  readonly processNames: (signal: AbortSignal) => Promise<ReadonlySet<string> | undefined>;
  /** An app's definition as the YAML file that says it. */
  readonly definitionText: (app: AppDefinition) => Promise<string>;
  /** Lists what is on PATH, and tells a program's absolute path by its name. */
  readonly findPrograms: () => (name: string) => string | undefined;
  /** The built-in apps and the person's own; loaded on first use. */
  readonly openCatalogue: () => Promise<{
    readonly catalogue: Catalogue;
    /** Why definitions of the person's own were left out. */
    readonly problems: readonly LullError[];
  }>;
};

export type JudgeSource = (
  source: Source,
  times: { readonly dueSince: number; readonly lastRunAt: number | undefined },
) => Promise<Verdict>;

export type Context = {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: SyncEvent) => void;
};

/** The YAML file behind an interface: reads give resolved values, edits keep comments and are checked first. */
export type ConfigAccess = {
  readonly file: string;
  exists(): boolean;
  /** @throws LullError kind `config` with every problem in `causes`; code `CONFIG_MISSING` when there is no file. */
  load(): Promise<LoadedConfig>;
  /** The file as it stands. */
  text(): Promise<string>;
  create(starter: { readonly device: string }): Promise<void>;
  /** With `dryRun` the edit is only checked; the file need not exist then. */
  addSource(
    name: string,
    entry: Readonly<Record<string, unknown>>,
    options: { readonly dryRun: boolean },
  ): Promise<void>;
  /** All of them or none. */
  addSources(sources: readonly NewSource[], options: { readonly dryRun: boolean }): Promise<void>;
  /** The lines that `addSources` writes. */
  textOfSources(sources: readonly NewSource[]): Promise<string>;
  removeSource(name: string): Promise<void>;
  /** Value at a dotted path as written in the file, or the default when the file does not say. */
  get(path: string): Promise<unknown>;
  /** Returns the value as the file says it afterwards; with `dryRun` the edit is only checked. */
  set(path: string, value: string, options: { readonly dryRun: boolean }): Promise<unknown>;
  /** Adds items to a list, after others were changed, or taken out by undefined. */
  editList(
    path: readonly string[],
    edit: { readonly add?: readonly unknown[]; readonly change?: (item: unknown) => unknown },
    options: { readonly dryRun: boolean },
  ): Promise<void>;
  jsonSchema(): Promise<unknown>;
};

/** A source as the file has it: its name and its keys. */
export type NewSource = { readonly name: string; readonly entry: Readonly<Record<string, unknown>> };

export type LoadedConfig = { readonly config: Config; readonly warnings: readonly string[] };

/** How the system keeps the daemon running, and what a service has to know of this process. */
export type Services = {
  /** Asks the system what starts programs there. */
  open(scope: ServiceScope, signal: AbortSignal): Promise<ServiceManager>;
  /** The real path of the compiled binary; undefined when run from sources, where there is none. */
  readonly program: string | undefined;
  /** When the daemon wrote its last sign of life, whoever started it; undefined: never, or it has ended. */
  lastHeartbeat(): number | undefined;
  facts(): ServiceFacts;
};

export type ServiceFacts = {
  /** Variables that are set here and move lull's places or name this device. Absolute paths; no secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** What else is set here and is left behind; the address may hold a password. */
  readonly ofTheShell: {
    readonly proxy: { readonly variable: string; readonly url: string } | undefined;
    /** Path of a file of certificates. */
    readonly authorities: string | undefined;
  };
  readonly umask: number;
  /** Who runs this command; on Windows with the domain. */
  readonly user: string;
  /** Who became root by sudo to run it. */
  readonly behindSudo: string | undefined;
  readonly notifies: "directly" | "by-program";
};

export type SourceLocks = {
  /** @throws LullError `SOURCE_LOCKED` (kind `locked`) naming the process that holds it. */
  acquire(source: string): Disposable;
};

/** How people are told; the parts are loaded on first use. */
export type NoticeAccess = {
  /** Every channel of the config and its heartbeat, whatever the level. */
  ways(settings: Pick<NotifierSettings, "notify" | "device">): Promise<readonly Way[]>;
  /** For the daemon, which disposes of it. */
  openNotifier(settings: NotifierSettings, sendMail?: SendMail): Promise<Notifier>;
};
