/**
 * Everything but the engine: what lull keeps on this machine, the running daemon, the system. The daemon itself is made
 * of these parts alone, so that it never loads what only its workers need.
 */
import { join, resolve } from "node:path";

import { createDaemonLink } from "../app/daemon-link.ts";
import type { Deps, SourceLocks } from "../app/deps.ts";
import { buildId } from "../base/build-id.ts";
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { LOG_FILES } from "../base/rotating-file.ts";
import { systemTimers } from "../base/timers.ts";
import type { ConfigCachePlace } from "../config/checked-config-cache.ts";
import { ConfigAccess } from "../config/config-access.ts";
import { localClock } from "../platform/local-clock.ts";
import { connectLocal, socketPath } from "../platform/local-socket.ts";
import { acquireLock } from "../platform/lock.ts";
import { openLogFiles } from "../platform/log-files.ts";
import { type Places, resolvePlaces } from "../platform/paths.ts";
import { assertPrivate } from "../platform/private-files.ts";
import { selfCommand } from "../platform/self-command.ts";
import { currentSystem, deviceName, homeDirectory, type System, userName } from "../platform/system.ts";
import { createJobQueue } from "../queue/sqlite-queue.ts";
import { createStore } from "../store/database.ts";
import { createAuditStore } from "../store/sqlite-audit-store.ts";
import { createConflictStore } from "../store/sqlite-conflict-store.ts";
import { acquireSqliteLock } from "../store/sqlite-lock.ts";
import { createPauseStore } from "../store/sqlite-pause-store.ts";
import { createRunStore } from "../store/sqlite-run-store.ts";
import { createScheduleStore } from "../store/sqlite-schedule-store.ts";
import { createDaemonProcess } from "./daemon-process.ts";
import { mergeTool } from "./merge-tool.ts";
import { noticeAccess } from "./notices.ts";
import { createRegistration } from "./registration.ts";
import { services } from "./services.ts";

export type KeptInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Default: the system's, with its local time. */
  readonly clock?: Clock | undefined;
  readonly log: Log;
  /** As typed; undefined: the usual place. */
  readonly configFile: string | undefined;
  /** How long another process that writes into the database is waited for; default: as long as a command can wait. */
  readonly storePatienceMs?: number | undefined;
};

export type KeptDeps = Omit<
  Deps,
  | "git"
  | "transport"
  | "authoritiesProblem"
  | "bandwidth"
  | "settings"
  | "secrets"
  | "credentials"
  | "deviceLogins"
  | "age"
  | "secretFiles"
  | "isEmptyDirectory"
  | "makeDirectory"
>;

/** @throws LullError `NO_HOME`, `BAD_LULL_HOME`, `UNSAFE_PERMISSIONS` (kind `config`) */
export function composeKept(input: KeptInput): KeptDeps {
  const { env, cwd, clock = localClock, log } = input;
  const system = currentSystem();
  const home = homeDirectory(env, system);
  const places = resolvePlaces({ environment: env, home, system });
  const file = input.configFile === undefined ? places.configFile : resolve(cwd, input.configFile);
  const hostName = env["LULL_DEVICE"] ?? deviceName();
  const userId = process.getuid?.();
  const checkPrivate = (path: string, what: string): void => assertPrivate(path, what, { system, userId });
  const store = createStore(databaseFile(places, checkPrivate), input.storePatienceMs);
  const config = new ConfigAccess({
    file,
    home,
    device: hostName,
    assertPrivate: (path) => checkPrivate(path, "the config file"),
    // Of the usual file only: two files in turn would only overwrite each other's.
    cache: file === places.configFile ? configCache(places) : undefined,
  });
  return {
    places,
    clock,
    log,
    home,
    cwd,
    hostName,
    userName: userName(env),
    config,
    registration: createRegistration({ stateDirectory: places.stateDirectory, clock, system }),
    runs: createRunStore(store),
    store,
    schedules: createScheduleStore(store),
    upcoming: async (schedules) => {
      const { listUpcoming } = await import("../schedule/upcoming.ts");
      return listUpcoming(schedules);
    },
    locks: sourceLocks({ places, clock, checkPrivate, system }),
    queue: createJobQueue(store),
    pauses: createPauseStore(store),
    conflicts: createConflictStore(store),
    audit: createAuditStore(store),
    daemon: createDaemonLink({
      connect: (onLine) => connectLocal(socketPath(places.stateDirectory), onLine),
      timers: systemTimers,
    }),
    daemonProcess: createDaemonProcess({
      path: join(places.stateDirectory, "daemon.lock"),
      clock,
      command: selfCommand(),
      env,
    }),
    logs: openLogFiles(logFile(places), LOG_FILES),
    openJudge: async (signal) => {
      const { createJudge } = await import("./judge.ts");
      return createJudge({ clock, signal, environment: env, system });
    },
    notices: noticeAccess({ store, config, places, home, clock, log, env, system, userId }),
    services: services({ env, home, places, system }),
    mergeTool: mergeTool(env),
    importMeans: async () => (await import("./import-means.ts")).importMeans({ env, home }),
  };
}

export function logFile(places: Places): string {
  return join(places.stateDirectory, "logs", "lull.log");
}

function configCache(places: Places): ConfigCachePlace | undefined {
  const build = buildId();
  return build === undefined ? undefined : { file: join(places.stateDirectory, "checked-config"), build };
}

type PrivacyCheck = (path: string, what: string) => void;

function databaseFile(places: Places, checkPrivate: PrivacyCheck): string {
  const file = join(places.stateDirectory, "lull.db");
  checkPrivate(file, "the database");
  return file;
}

type LockInput = {
  readonly places: Places;
  readonly clock: Clock;
  readonly checkPrivate: PrivacyCheck;
  readonly system: System;
};

function sourceLocks({ places, clock, checkPrivate }: LockInput): SourceLocks {
  return {
    acquire(source) {
      const path = join(places.stateDirectory, "locks", source);
      checkPrivate(path, "the lock");
      const owner = { pid: process.pid, since: clock.now() };
      const result = acquireLock({ path, owner, fallback: acquireSqliteLock });
      if (result.kind === "held") return result.lock;
      throw new LullError({
        kind: "locked",
        code: "SOURCE_LOCKED",
        message: `"${source}" is being synced by another lull${result.owner === undefined ? "" : ` (process ${result.owner.pid})`}`,
        hint: "wait until it is done, then run the command again",
        data: { source },
      });
    },
  };
}
