import type { MachineReaders, ReadingName, Readings } from "../platform/readings/readings.ts";

export type ReadingsInput = {
  readonly needed: readonly ReadingName[];
  /** Folder whose disk is meant. */
  readonly path: string;
};

type AnyReading = Readings[ReadingName];

/** The readings of one moment, for all sources that are judged in it. */
export type ReadingsOfTick = {
  /** Never throws; takes as long as the slowest of the readings, which go on at the same time. */
  take(input: ReadingsInput): Promise<Partial<Readings>>;
};

/**
 * Reads each thing once at most, when it is first needed. To be made anew for each round of judging and thrown away
 * after it: a machine may have slept between two rounds, and nothing tells an old reading from a new one.
 */
export function readingsOfTick(readers: MachineReaders, signal: AbortSignal): ReadingsOfTick {
  const asked = new Map<string, Promise<AnyReading>>();
  const once = (key: string, read: () => Promise<AnyReading>): Promise<AnyReading> => {
    const running = asked.get(key) ?? read();
    asked.set(key, running);
    return running;
  };
  return {
    async take({ needed, path }) {
      const entries = needed.map(async (name) => {
        const reading =
          name === "disk"
            ? once(`disk ${path}`, () => readers.disk(path, signal))
            : once(name, () => readers[name](signal));
        return [name, await reading] as const;
      });
      return Object.fromEntries(await Promise.all(entries)) as Partial<Readings>;
    },
  };
}
