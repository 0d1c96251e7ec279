/** Judges sources for commands, with readings that are taken once for all of them. */
import type { JudgeSource } from "../app/deps.ts";
import { hostOf, isFarHost } from "../app/run-end.ts";
import type { Clock } from "../base/clock.ts";
import { judge } from "../conditions/judge.ts";
import { neededReadings } from "../conditions/needed-readings.ts";
import { readingsOfTick } from "../conditions/take-readings.ts";
import type { System } from "../platform/system.ts";
import { machineReaders } from "./machine-readers.ts";

export type JudgeInput = {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly system: System;
};

export function createJudge({ clock, signal, environment, system }: JudgeInput): JudgeSource {
  const readings = readingsOfTick(machineReaders({ clock, environment, system }), signal);
  return async (source, times) => {
    const { when } = source;
    const needsNetwork = source.remotes.some(({ url }) => isFarHost(hostOf(url)));
    const needed = neededReadings({ when, needsNetwork });
    const taken = await readings.take({ needed, path: source.directory ?? "/" });
    return judge({ when, needsNetwork, readings: taken, clock, ...times });
  };
}
