/** The daemon's parts, picked and wired; loaded by `daemon run` only. */
import { join } from "node:path";

import type { Log } from "../base/log.ts";
import type { Config } from "../config/config.ts";
import { startChild } from "../daemon/worker-child.ts";
import type { RunDaemonDeps } from "../daemon/run-daemon.ts";
import { listenLocal, socketPath } from "../platform/local-socket.ts";
import { runProgram } from "../platform/run-program.ts";
import { createServiceNotifier } from "../platform/service-notifier.ts";
import { currentSystem } from "../platform/system.ts";
import { processStart, residentBytes } from "../platform/process-facts.ts";
import { selfCommand } from "../platform/self-command.ts";
import { trimMemory } from "../platform/trim-memory.ts";
import { watchFile } from "../platform/watch-file.ts";
import { systemTimers } from "../base/timers.ts";
import { type KeptInput, composeKept, logFile } from "./kept.ts";
import { isFolderBack } from "./folder-back.ts";
import { beatHeart } from "./heartbeat.ts";
import { machineReaders } from "./machine-readers.ts";
import { composeWatching } from "./watching.ts";
import { lockInstance } from "./daemon-process.ts";

export type ComposeDaemonInput = KeptInput & {
  readonly version: string;
  /** Every source so often, whatever its schedule says. */
  readonly intervalMs: number | undefined;
};

/** Meanwhile nothing else goes on, and what could not be written is written in a later turn. */
const STORE_PATIENCE_MS = 500;

export type ComposedDaemon = { readonly deps: RunDaemonDeps; readonly home: string };

export function composeDaemon(input: ComposeDaemonInput): ComposedDaemon {
  const { env, version } = input;
  // What a part has to say belongs to the story, once there is one.
  let hear: Parameters<RunDaemonDeps["hearRemarks"]>[0] = ({ level, message }) =>
    BEFORE[level](input.log, message);
  const log: Log = {
    warn: (message) => hear({ level: "warn", message }),
    info: (message) => hear({ level: "info", message }),
    detail: (message) => hear({ level: "debug", message }),
  };
  const deps = composeKept({ ...input, log, storePatienceMs: STORE_PATIENCE_MS });
  const { clock, places } = deps;
  const state = places.stateDirectory;
  const timers = systemTimers;
  const command = [
    ...selfCommand(),
    ...(input.configFile === undefined ? [] : [`--config=${deps.config.file}`]),
    "daemon",
    "worker",
  ];
  const folders = composeWatching({ env, clock, timers });
  const parts: RunDaemonDeps = {
    clock,
    timers,
    random: Math.random,
    version,
    pid: process.pid,
    owner: `${process.pid}.${processStart(process.pid) ?? clock.now()}`,
    config: deps.config,
    queue: deps.queue,
    schedules: deps.schedules,
    pauses: deps.pauses,
    history: deps,
    audit: deps.audit,
    lookAtStore: () => deps.store.look({ mend: true }),
    isFolderBack,
    readers: machineReaders({ clock, environment: env, system: currentSystem() }),
    startWatch: (source, emit) => folders.watch(source, { emit }),
    createNotifier: (settings, sendMail) => deps.notices.openNotifier(settings, sendMail),
    beat: () => beatHeart(places, clock),
    trimMemory,
    service: createServiceNotifier({ environment: env, processId: process.pid, run: runProgram }),
    adjust: (config) => (input.intervalMs === undefined ? config : everySource(config, input.intervalMs)),
    worker: { startChild: startChild(command, workerEnvironment(env)), residentBytes },
    lockInstance: () => lockInstance({ path: join(state, "daemon.lock"), clock }),
    listen: (handler) => listenLocal(socketPath(state), handler),
    watchConfig: (onChange) => watchFile(deps.config.file, timers, onChange),
    logFile: logFile(places),
    hearRemarks: (handler) => {
      hear = handler;
    },
  };
  return { deps: parts, home: deps.home };
}

const BEFORE = {
  warn: (log: Log, message: string) => log.warn(message),
  info: (log: Log, message: string) => log.info(message),
  debug: (log: Log, message: string) => log.detail(message),
};

/** What a service manager says to the daemon is not for its workers: they would speak for it. */
function workerEnvironment(env: ComposeDaemonInput["env"]): ComposeDaemonInput["env"] {
  const { NOTIFY_SOCKET: _, WATCHDOG_USEC: _usec, WATCHDOG_PID: _pid, ...rest } = env;
  return rest;
}

function everySource(config: Config, intervalMs: number): Config {
  const schedule = { expression: `every ${intervalMs}ms`, timezone: undefined, jitterMs: 0, catchUp: true };
  return { ...config, sources: config.sources.map((source) => ({ ...source, schedules: [schedule] })) };
}
