/**
 * The composition root: the only file that picks concrete parts and wires them. Everything is made on first use, so
 * that a command pays for what it needs only.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

import { createDaemonLink } from "./app/daemon-link.ts";
import type { Deps, SourceLocks } from "./app/deps.ts";
import { buildId } from "./base/build-id.ts";
import type { Clock } from "./base/clock.ts";
import { LOG_FILES } from "./base/rotating-file.ts";
import { fromSystem, LullError, systemCode } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import { systemTimers } from "./base/timers.ts";
import type { ConfigCachePlace } from "./config/checked-config-cache.ts";
import { createDaemonProcess } from "./compose/daemon-process.ts";
import { noticeAccess } from "./compose/notices.ts";
import { services } from "./compose/services.ts";
import { ConfigAccess } from "./config/config-access.ts";
import { createJobQueue } from "./queue/sqlite-queue.ts";
import { createGit } from "./git/create-git.ts";
import { keepRepositories } from "./git/keep-repositories.ts";
import { openFileSystemSync } from "./platform/file-system-sync.ts";
import { localClock } from "./platform/local-clock.ts";
import { openFolderStats } from "./platform/folder-stats.ts";
import { startDeflateThread, startPullThread, startScanThread } from "./platform/threads.ts";
import { acquireLock } from "./platform/lock.ts";
import { type Places, resolvePlaces } from "./platform/paths.ts";
import { openLogFiles } from "./platform/log-files.ts";
import { connectLocal, socketPath } from "./platform/local-socket.ts";
import { selfCommand } from "./platform/self-command.ts";
import { assertPrivate } from "./platform/private-files.ts";
import { currentSystem, deviceName, homeDirectory, type System, userName } from "./platform/system.ts";
import { acquireSqliteLock } from "./store/sqlite-lock.ts";
import { createAuditStore } from "./store/sqlite-audit-store.ts";
import { createPauseStore } from "./store/sqlite-pause-store.ts";
import { createStore } from "./store/database.ts";
import { createRunStore } from "./store/sqlite-run-store.ts";
import { createScheduleStore } from "./store/sqlite-schedule-store.ts";
import { environmentCredentials } from "./transport/environment-credentials.ts";
import { createTransport } from "./transport/open-transport.ts";

export type ComposeInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Default: the system's, with its local time. */
  readonly clock?: Clock | undefined;
  readonly log: Log;
  /** As typed; undefined: the usual place. */
  readonly configFile: string | undefined;
  /** The process syncs again and again: repositories stay open between the runs. */
  readonly staysOpen?: boolean | undefined;
};

/** @throws LullError `NO_HOME`, `BAD_LULL_HOME`, `UNSAFE_PERMISSIONS` (kind `config`) */
export function compose(input: ComposeInput): Deps {
  const { env, cwd, clock = localClock, log } = input;
  const system = currentSystem();
  const home = homeDirectory(env, system);
  const places = resolvePlaces({ environment: env, home, system });
  const file = input.configFile === undefined ? places.configFile : resolve(cwd, input.configFile);
  const hostName = env["LULL_DEVICE"] ?? deviceName();
  const userId = process.getuid?.();
  const checkPrivate = (path: string, what: string): void => assertPrivate(path, what, { system, userId });
  const store = createStore(databaseFile(places, checkPrivate));
  const git = createGit({
    clock,
    environment: env,
    windows: system === "windows",
    openFileSystem: openFileSystemSync,
    startDeflater: startDeflateThread,
    startPullThread,
    startScanThread,
    openFolderStats,
  });
  return {
    places,
    clock,
    log,
    home,
    cwd,
    hostName,
    userName: userName(env),
    git: input.staysOpen === true ? keepRepositories(git) : git,
    transport: createTransport({
      credentials: environmentCredentials(env),
      createResponder: async (directory) => {
        const { createResponder } = await import("./git/serve/responder.ts");
        return createResponder(directory, { clock });
      },
      clock,
      homeDirectory: home,
      memory: {
        file: join(places.stateDirectory, "servers.json"),
        assertPrivate: (path) => checkPrivate(path, "the memory of servers"),
      },
    }),
    config: new ConfigAccess({
      file,
      home,
      device: hostName,
      assertPrivate: (path) => checkPrivate(path, "the config file"),
      // Of the usual file only: two files in turn would only overwrite each other's.
      cache: file === places.configFile ? configCache(places) : undefined,
    }),
    runs: createRunStore(store),
    store,
    schedules: createScheduleStore(store),
    upcoming: async (schedules) => {
      const { listUpcoming } = await import("./schedule/upcoming.ts");
      return listUpcoming(schedules);
    },
    locks: sourceLocks({ places, clock, checkPrivate, system }),
    queue: createJobQueue(store),
    pauses: createPauseStore(store),
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
      const { createJudge } = await import("./compose/judge.ts");
      return createJudge({ clock, signal, environment: env, system });
    },
    notices: noticeAccess({ store, clock, log, env, system, userId }),
    isEmptyDirectory,
    makeDirectory,
    services: services({ env, home, places, system }),
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

function isEmptyDirectory(path: string): boolean | undefined {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fromSystem(error, `look into ${path}`);
  }
}

function makeDirectory(path: string): void {
  if (!isAbsolute(path))
    throw new LullError({ kind: "failed", code: "INTERNAL", message: `${path} is relative` });
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw fromSystem(error, `create ${path}`);
  }
}
