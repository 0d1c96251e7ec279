import { messageOf } from "../../base/errors.ts";
import { formatDuration } from "../../base/duration.ts";
import type { System } from "../system.ts";
import { readDisk } from "./disk.ts";
import type { MachineAccess } from "./machine-access.ts";
import { type MachineReaders, type Reading, READING_DEADLINE_MS, unknown } from "./readings.ts";

/** How one system answers. These may throw and may hang: `createMachineReaders` makes "unknown" of it. */
export type SystemReaders = Omit<MachineReaders, "disk">;

/** PowerShell, which alone knows it there, takes one to three seconds to start. */
const WINDOWS_NETWORK_DEADLINE_MS = 10_000;

/** The readers of a system are loaded when the first thing is read. */
export function createMachineReaders(system: System, access: MachineAccess): MachineReaders {
  let loading: Promise<SystemReaders> | undefined;
  const readers = async (): Promise<SystemReaders> => (loading ??= loadReaders(system, access));
  const { timers } = access;
  const deadlineMs = system === "windows" ? WINDOWS_NETWORK_DEADLINE_MS : READING_DEADLINE_MS;
  return {
    network: async (signal) =>
      bounded(async (stop) => (await readers()).network(stop), { signal, timers, deadlineMs }),
    idle: async (signal) => bounded(async (stop) => (await readers()).idle(stop), { signal, timers }),
    power: async (signal) => bounded(async (stop) => (await readers()).power(stop), { signal, timers }),
    load: async (signal) => bounded(async (stop) => (await readers()).load(stop), { signal, timers }),
    disk: async (path, signal) => bounded(async () => readDisk(path), { signal, timers }),
  };
}

async function loadReaders(system: System, access: MachineAccess): Promise<SystemReaders> {
  switch (system) {
    case "linux":
      return (await import("./linux/linux-readers.ts")).linuxReaders(access);
    case "macos":
      return (await import("./macos/macos-readers.ts")).macosReaders(access);
    case "windows":
      return (await import("./windows/windows-readers.ts")).windowsReaders(access);
  }
}

type Bounds = Pick<MachineAccess, "timers"> & { readonly signal: AbortSignal; readonly deadlineMs?: number };

/** Answers in time, whatever the reader does; one that is late is told to stop. */
async function bounded<T>(
  read: (signal: AbortSignal) => Promise<Reading<T>>,
  { signal, timers, deadlineMs = READING_DEADLINE_MS }: Bounds,
): Promise<Reading<T>> {
  if (signal.aborted) return unknown(INTERRUPTED);
  const stop = new AbortController();
  const { promise, resolve } = Promise.withResolvers<Reading<T>>();
  const interrupt = (): void => resolve(unknown(INTERRUPTED));
  signal.addEventListener("abort", interrupt, { once: true });
  using _deadline = timers.after(deadlineMs, () =>
    resolve(unknown(`no answer within ${formatDuration(deadlineMs)}`)),
  );
  // Not awaited: it may never end.
  void answer(read, stop.signal).then(resolve);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", interrupt);
    stop.abort();
  }
}

const INTERRUPTED = "the reading was interrupted";

async function answer<T>(
  read: (signal: AbortSignal) => Promise<Reading<T>>,
  signal: AbortSignal,
): Promise<Reading<T>> {
  try {
    return await read(signal);
  } catch (error) {
    return unknown(messageOf(error));
  }
}
