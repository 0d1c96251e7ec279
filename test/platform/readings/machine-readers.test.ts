/** Every reading has an end: an answer, or "unknown" with its reason. */
import { expect, test } from "bun:test";

import type { RunProgram } from "../../../src/base/program.ts";
import { createMachineReaders } from "../../../src/platform/readings/machine-readers.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fakeTimers } from "../../helpers/fake-timers.ts";
import { fakeRoot, machine, NOBODY_STOPS, recorded } from "./machine.ts";

/** Ends only when it is told to. */
function stuck(): { readonly run: RunProgram; readonly stopped: () => number } {
  let stopped = 0;
  const run: RunProgram = async (_, { signal }) => {
    await new Promise<void>((resolve) => {
      signal?.addEventListener("abort", () => {
        stopped++;
        resolve();
      });
    });
    throw new Error("stopped");
  };
  return { run, stopped: () => stopped };
}

test("a reader that hangs is unknown at its deadline, and its programs are stopped", async () => {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const { run, stopped } = stuck();
  const readers = createMachineReaders(
    "linux",
    machine({ runProgram: run, timers, root: fakeRoot({ "run/dbus/system_bus_socket": "" }) }),
  );
  // Then the readers are loaded.
  await readers.load(NOBODY_STOPS);
  const reading = readers.power(NOBODY_STOPS);
  await timers.pass(1999);
  expect(stopped()).toBe(0);
  await timers.pass(1);
  expect(await reading).toEqual({ kind: "unknown", why: "no answer within 2 s" });
  expect(stopped()).toBe(4);
  expect(timers.pending).toBe(0);
});

test("an interruption answers at once", async () => {
  const { run, stopped } = stuck();
  const readers = createMachineReaders("macos", machine({ runProgram: run }));
  const controller = new AbortController();
  const reading = readers.idle(controller.signal);
  await Bun.sleep(0);
  controller.abort();
  const interrupted = { kind: "unknown", why: "the reading was interrupted" } as const;
  expect(await reading).toEqual(interrupted);
  expect(stopped()).toBeLessThanOrEqual(1);
  expect(await readers.idle(controller.signal)).toEqual(interrupted);
});

test("a reader that fails is unknown with the reason", async () => {
  const broken = createMachineReaders(
    "macos",
    machine({ runProgram: () => Promise.reject(new Error("too many open files")) }),
  );
  expect(await broken.network(NOBODY_STOPS)).toEqual({ kind: "unknown", why: "too many open files" });
  // The libraries of Windows are not here.
  const foreign = createMachineReaders("windows", machine());
  expect((await foreign.idle(NOBODY_STOPS)).kind).toBe("unknown");
  expect((await foreign.power(NOBODY_STOPS)).kind).toBe("unknown");
});

test("on Windows the network may take longer, since PowerShell does", async () => {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const readers = createMachineReaders("windows", machine({ runProgram: stuck().run, timers }));
  const reading = readers.network(NOBODY_STOPS);
  await timers.pass(9999);
  expect(timers.pending).toBe(1);
  await timers.pass(1);
  expect(await reading).toEqual({ kind: "unknown", why: "no answer within 10 s" });
});

test("a machine that tells nothing is known to tell nothing", async () => {
  const readers = createMachineReaders("linux", machine({ root: fakeRoot({}), runProgram: recorded({}) }));
  expect(await readers.idle(NOBODY_STOPS)).toEqual({
    kind: "unknown",
    why: "neither the desktop nor logind tells whether this machine is used",
  });
  expect(await readers.power(NOBODY_STOPS)).toEqual({
    kind: "unknown",
    why: "neither UPower nor /sys/class/power_supply tells",
  });
  expect(await readers.load(NOBODY_STOPS)).toEqual({
    kind: "unknown",
    why: "/proc/loadavg can not be read",
  });
  expect(await readers.network(NOBODY_STOPS)).toEqual({
    kind: "unknown",
    why: "neither NetworkManager nor the kernel's routes tell whether there is a network",
  });
});
