import { messageOf } from "../../base/errors.ts";
import { formatDuration } from "../../base/duration.ts";
import type { System } from "../system.ts";
import { readDisk } from "./disk.ts";
import type { MachineAccess } from "./machine-access.ts";
import {
  type MachineReaders,
  type Reading,
  READING_DEADLINE_MS,
  type Readings,
  unknown,
} from "./readings.ts";

/** How one system answers. These may throw and may hang: `createMachineReaders` makes "unknown" of it. */
export type SystemReaders = {
  readonly network: (signal: AbortSignal) => Promise<Readings["network"]>;
  readonly idle: (signal: AbortSignal) => Promise<Readings["idle"]>;
  readonly power: (signal: AbortSignal) => Promise<Readings["power"]>;
  readonly load: (signal: AbortSignal) => Promise<Readings["load"]>;
  /** Where the system's way to ask is slow by nature. */
  readonly deadlinesMs?: Partial<Readonly<Record<"network", number>>>;
};

/** The readers of a system are loaded when the first thing is read. */
export function createMachineReaders(system: System, access: MachineAccess): MachineReaders {
  let loading: Promise<SystemReaders> | undefined;
  const readers = (): Promise<SystemReaders> => (loading ??= loadReaders(system, access));
  const { timers } = access;
  return {
    async network(signal) {
      const { network, deadlinesMs } = await readers();
      return bounded(network, { signal, timers, deadlineMs: deadlinesMs?.network ?? READING_DEADLINE_MS });
    },
    idle: async (signal) => bounded((await readers()).idle, { signal, timers }),
    power: async (signal) => bounded((await readers()).power, { signal, timers }),
    load: async (signal) => bounded((await readers()).load, { signal, timers }),
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
