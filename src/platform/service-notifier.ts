/** Tells systemd how the daemon stands, sd_notify(3); does nothing where no service manager listens. */
import type { RunProgram } from "../base/program.ts";
import { openNotifySocket } from "./notify-socket.ts";

/** None of them throws: a manager that does not listen is no reason to stop. */
export type ServiceNotifier = {
  /** Whether anybody listens. */
  readonly isManaged: boolean;
  /** The daemon works now: after its start and after each reload. */
  ready(): void;
  /** One line for `systemctl status`: "3 sources, next sync at 14:05". */
  status(text: string): void;
  /** A reload begins; `ready` ends it. */
  reloading(): void;
  /** The daemon is ending by itself or was asked to. */
  stopping(): void;
  /** How often `alive` is to be called, half of what the manager allows; undefined: it does not watch. */
  readonly watchdogIntervalMs: number | undefined;
  alive(): void;
};

export type ServiceNotifierInput = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
  /** For `systemd-notify`, where the C library can not be called. */
  readonly run: RunProgram;
};

export function createServiceNotifier({
  environment,
  processId,
  run,
}: ServiceNotifierInput): ServiceNotifier {
  const address = environment["NOTIFY_SOCKET"] ?? "";
  if (address === "") return SILENT;
  const socket = openNotifySocket(address);
  const tell = (...lines: readonly string[]): void => {
    if (socket?.send(lines.join("\n")) === true) return;
    void run(["systemd-notify", `--pid=${processId}`, ...lines], { deadlineMs: PROGRAM_DEADLINE_MS }).catch(
      () => {
        // Nobody is left to be told; the manager's own time limit says the rest.
      },
    );
  };
  return {
    isManaged: true,
    ready: () => tell("READY=1"),
    status: (text) => tell(`STATUS=${text.replaceAll(/[\r\n]+/g, " ")}`),
    reloading: () => {
      const at = socket?.monotonicMicroseconds();
      tell("RELOADING=1", ...(at === undefined ? [] : [`MONOTONIC_USEC=${at}`]));
    },
    stopping: () => tell("STOPPING=1"),
    watchdogIntervalMs: watchdogInterval(environment, processId),
    alive: () => tell("WATCHDOG=1"),
  };
}

const PROGRAM_DEADLINE_MS = 5000;

const SILENT: ServiceNotifier = {
  isManaged: false,
  ready: () => {},
  status: () => {},
  reloading: () => {},
  stopping: () => {},
  watchdogIntervalMs: undefined,
  alive: () => {},
};

/** sd_watchdog_enabled(3): the variables may have been meant for a parent; half the time is its own advice. */
function watchdogInterval(
  environment: ServiceNotifierInput["environment"],
  processId: number,
): number | undefined {
  const wanted = environment["WATCHDOG_PID"] ?? "";
  if (wanted !== "" && wanted !== String(processId)) return undefined;
  const microseconds = Number(environment["WATCHDOG_USEC"] ?? "");
  return Number.isSafeInteger(microseconds) && microseconds > 0
    ? Math.max(1, Math.floor(microseconds / 2000))
    : undefined;
}
