/** What the daemon needs, as interfaces; `compose/daemon.ts` fills them in. */
import type { ConfigAccess, Deps } from "../app/deps.ts";
import type { StoryEvent } from "../app/story.ts";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { Config } from "../config/config.ts";
import type { Notifier, NotifierSettings } from "../notify/notify.ts";
import type { SendMail } from "../notify/open-channels.ts";
import type { MachineReaders } from "../platform/readings/readings.ts";
import type { ServiceNotifier } from "../platform/service-notifier.ts";
import type { JobQueue } from "../queue/queue.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { StoreLook } from "../store/database.ts";
import type { PauseStore } from "../store/pause-store.ts";
import type { ScheduleStore } from "../store/schedule-store.ts";
import type { StartWatch } from "./watching.ts";
import type { WorkerDeps } from "./worker.ts";

export type DaemonDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly onEvent: (event: StoryEvent) => void;
  readonly version: string;
  readonly pid: number;
  /** Differs from that of every other daemon, also of one with the same process id. */
  readonly owner: string;
  readonly config: Pick<ConfigAccess, "load" | "file">;
  readonly queue: JobQueue;
  readonly schedules: ScheduleStore;
  readonly pauses: PauseStore;
  readonly history: Pick<Deps, "runs" | "log">;
  readonly audit: AuditStore;
  /** Finds a database that was removed, replaced or damaged, and goes on with a good one. */
  readonly lookAtStore: () => StoreLook;
  /** See `GuardWatch`. */
  readonly isFolderBack: (directory: string, guard: string) => boolean;
  readonly readers: MachineReaders;
  readonly startWatch: StartWatch;
  readonly createNotifier: (settings: NotifierSettings, sendMail: SendMail) => Promise<Notifier>;
  /** Looks whether what others can remove is still there: the lock, the socket, the log, the config file. */
  readonly look: () => void;
  /** Shows that it works, after each turn. */
  readonly beat: () => void;
  /** Gives memory back that only the start or a burst of work needed. */
  readonly trimMemory: () => void;
  readonly service: ServiceNotifier;
  readonly worker: Pick<WorkerDeps, "startChild" | "residentBytes">;
  /** Changes the config by what the command line said: `--interval`. */
  readonly adjust: (config: Config) => Config;
};
