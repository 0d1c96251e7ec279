import { expect, test } from "bun:test";

import { ManagerVoice } from "../../src/daemon/manager-voice.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";

test("a manager hears that it is ready, what it does, that it is alive, and that it ends", async () => {
  const timers = fakeTimers(fakeClock());
  const heard: string[] = [];
  const voice = new ManagerVoice(
    {
      isManaged: true,
      ready: () => heard.push("ready"),
      status: (text) => heard.push(text),
      reloading: () => heard.push("reloading"),
      stopping: () => heard.push("stopping"),
      watchdogIntervalMs: 30_000,
      alive: () => heard.push("alive"),
    },
    timers,
  );
  voice.ready();
  voice.status({ sources: 3, running: [] });
  voice.status({ sources: 3, running: [] });
  await timers.pass(31_000);
  voice.status({ sources: 3, running: ["notes"] });
  voice.reloading();
  voice.ready();
  voice.stopping();
  await timers.pass(100_000);
  expect(heard).toEqual([
    "ready",
    "alive",
    "3 sources, rests",
    "alive",
    "3 sources, syncs notes",
    "reloading",
    "ready",
    "stopping",
  ]);
  expect(timers.pending).toBe(0);
});
