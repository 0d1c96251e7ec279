import { expect, test } from "bun:test";

import { MemoryTrim } from "../../src/daemon/memory-trim.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";

const MINUTE = 60_000;

function trimmed() {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const begin = clock.now();
  const at: number[] = [];
  const memory = new MemoryTrim(timers, () => at.push((clock.now() - begin) / 1000));
  return { timers, memory, at };
}

test("memory goes back after the start, twice when it has come to rest, and then now and then", async () => {
  const { timers, memory, at } = trimmed();
  memory.started();
  await timers.pass(70 * MINUTE);
  expect(at).toEqual([15, 90, 210, 2010, 3810]);
});

test("each work puts it off, and the end ends it", async () => {
  const { timers, memory, at } = trimmed();
  memory.started();
  await timers.pass(10_000);
  memory.worked();
  await timers.pass(70_000);
  memory.worked();
  await timers.pass(80_000);
  expect(at).toEqual([155]);
  memory[Symbol.dispose]();
  await timers.pass(90 * MINUTE);
  expect(at).toEqual([155]);
});
