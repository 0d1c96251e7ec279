import { expect, test } from "bun:test";

import { readingsOfTick } from "../../src/conditions/take-readings.ts";
import { known, type MachineReaders } from "../../src/platform/readings/readings.ts";
import { CALM } from "./judged.ts";

test("within a tick each thing is read once, when it is needed, and each disk by itself", async () => {
  const asked: string[] = [];
  const reading = <T>(name: string, value: T): Promise<T> => {
    asked.push(name);
    return Promise.resolve(value);
  };
  const readers: MachineReaders = {
    network: () => reading("network", CALM.network),
    idle: () => reading("idle", CALM.idle),
    power: () => reading("power", CALM.power),
    load: () => reading("load", CALM.load),
    disk: (path) => reading(path, known(path.length, "")),
  };
  const tick = readingsOfTick(readers, new AbortController().signal);
  expect(asked).toEqual([]);
  const both = await Promise.all([
    tick.take({ needed: ["network", "disk"], path: "/a" }),
    tick.take({ needed: ["network", "load", "disk"], path: "/bb" }),
  ]);
  expect(both).toEqual([
    { network: CALM.network, disk: known(2, "") },
    { network: CALM.network, load: CALM.load, disk: known(3, "") },
  ]);
  expect(await tick.take({ needed: ["disk"], path: "/a" })).toEqual({ disk: known(2, "") });
  expect(asked).toEqual(["network", "/a", "load", "/bb"]);
});
