import { expect, test } from "bun:test";

import type { Deps } from "../../src/app/deps.ts";
import { getStatus } from "../../src/app/get-status.ts";
import { withSources } from "../helpers/with-sources.ts";

const MINUTE = 60_000;

/** A source that became due half an hour ago and waits. */
async function waiting() {
  const { deps, clock, context } = await withSources("notes", "dotfiles");
  const now = clock.now();
  deps.queue.request([
    { source: "notes", cause: "change", at: now - 30 * MINUTE, host: undefined, hints: undefined },
  ]);
  const waits = [{ condition: "load", text: "load 9.9 per core, wants <= 0.8" }];
  deps.queue.defer("daemon", { source: "notes", until: now + MINUTE, waits });
  return { deps, now, context };
}

test("what a due source waits for is measured now, not when the waiting began", async () => {
  const { deps, now, context } = await waiting();
  const asked: unknown[] = [];
  const reason = {
    condition: "load",
    wanted: "load <= 0.8",
    measured: "load 1.3 per core",
    words: "load 1.3 per core, wants <= 0.8",
    until: undefined,
    firm: false,
  } as const;
  const openJudge: Deps["openJudge"] = async () => async (source, times) => {
    asked.push([source.name, times.dueSince]);
    return { kind: "wait", reasons: [reason], assumed: [], latestAt: now + MINUTE, recheckAt: now + 1 };
  };
  const { sources } = await getStatus({ ...deps, openJudge }, { names: [] }, context);
  expect(sources.map(({ waiting: shown }) => shown)).toEqual([
    {
      cause: "change",
      dueSince: now - 30 * MINUTE,
      reasons: ["load 1.3 per core, wants <= 0.8"],
      latestAt: now + MINUTE,
    },
    undefined,
  ]);
  expect(asked).toEqual([["notes", now - 30 * MINUTE]]);
});

test("what is paused is not measured, and nothing is asked of the machine when nothing waits", async () => {
  const { deps, now, context } = await waiting();
  const openJudge: Deps["openJudge"] = () => {
    throw new Error("nobody is to be asked");
  };
  deps.pauses.pause({ source: "notes", since: now, until: undefined, reason: "" });
  const { sources, paused } = await getStatus({ ...deps, openJudge }, { names: [] }, context);
  expect(sources.map(({ waiting: shown }) => shown)).toEqual([undefined, undefined]);
  expect(paused).toMatchObject([{ source: "notes" }]);
});

test("whether a daemon runs, and whether one is needed, is told", async () => {
  const { deps, context } = await withSources("notes");
  expect((await getStatus(deps, { names: [] }, context)).daemon).toEqual({ pid: undefined, isNeeded: true });
  await deps.config.set("sources.notes.schedule", "manual", { dryRun: false });
  expect((await getStatus(deps, { names: [] }, context)).daemon.isNeeded).toBe(false);
  await deps.config.set("sources.notes.watch", "true", { dryRun: false });
  const daemonProcess = { ...deps.daemonProcess, owner: () => ({ pid: 4711, since: 0 }) };
  expect((await getStatus({ ...deps, daemonProcess }, { names: [] }, context)).daemon).toEqual({
    pid: 4711,
    isNeeded: true,
  });
});
