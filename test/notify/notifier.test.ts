/** Whatever the channels, the store or the events do, the daemon goes on and hears of it once. */
import { describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import type { SendResult } from "../../src/notify/channel.ts";
import { DAY, desk, HOUR, memoryStore, MINUTE, settingsOf } from "./desk.ts";
import { conflictRun, failedRun, remote, runError, runOf, UNREACHABLE } from "./runs.ts";

const failure = (again: "never" | "later" | number): SendResult => ({
  kind: "failed",
  error: new LullError({ kind: "failed", code: "X", message: "no luck", hint: "mend it" }),
  again,
});

describe("a channel that fails", () => {
  test("is logged once on entering and once on leaving, and tried again", async () => {
    let isDown = true;
    const { notifier, timers, sent, logged } = desk({
      answer: () => (isDown ? failure("later") : { kind: "sent" }),
    });
    notifier.afterRun(failedRun());
    await timers.pass(MINUTE);
    notifier.afterRun(failedRun({}, { source: "code" }));
    await timers.pass(3 * MINUTE);
    expect(sent).toEqual([]);
    isDown = false;
    await timers.pass(10 * MINUTE);
    expect(sent.map(({ source }) => source)).toEqual(["notes", "code"]);
    expect(logged.filter((line) => !line.startsWith("  "))).toEqual([
      "Warning: notices can not be sent (desktop): no luck; mend it",
      "notices are sent again (desktop)",
    ]);
  });

  test("is given up in the end, and leaves no timer", async () => {
    const { notifier, timers, sent } = desk({ answer: () => failure("later"), notify: { level: "all" } });
    notifier.event({ kind: "clock-jumped", byMs: -HOUR });
    await timers.pass(2 * DAY);
    expect(sent).toEqual([]);
    expect(timers.pending).toBe(0);
  });

  test("for good is not tried again with the same notice", async () => {
    let tries = 0;
    const { notifier, timers } = desk({
      answer: () => {
        tries++;
        return failure("never");
      },
    });
    notifier.afterRun(failedRun());
    await timers.pass(HOUR);
    expect(tries).toBe(1);
  });

  test("and asks to be left alone is left alone, also when the network is back", async () => {
    let tries = 0;
    const { notifier, timers } = desk({
      answer: () => {
        tries++;
        return failure(30 * MINUTE);
      },
    });
    notifier.afterRun(failedRun());
    await timers.pass(10 * MINUTE);
    notifier.event({ kind: "network", online: false });
    notifier.event({ kind: "network", online: true });
    expect(tries).toBe(1);
    await timers.pass(21 * MINUTE);
    expect(tries).toBe(2);
  });

  test("for want of a network is tried at once when that is back", async () => {
    let isDown = true;
    const { notifier, timers, told } = desk({
      answer: () => (isDown ? failure("later") : { kind: "sent" }),
    });
    const error = runError(UNREACHABLE);
    notifier.afterRun(failedRun());
    notifier.afterRun(failedRun(UNREACHABLE, { remotes: [remote({ error })] }));
    await timers.pass(10 * HOUR);
    isDown = false;
    notifier.afterRun(runOf("up-to-date", { source: "code" }));
    // What is out of date by now is not sent: it can be reached again.
    expect(await told()).toEqual(["notes can not be synced", "git.example.org can be reached again"]);
  });

  test("holds back so many notices only, and none that is out of date", async () => {
    const { notifier, timers, sent } = desk({ answer: () => new Promise(() => {}) });
    for (let number = 0; number < 200; number++) {
      notifier.afterRun(failedRun({}, { source: `s${number}` }));
      await timers.pass(10 * MINUTE);
    }
    expect(sent).toEqual([]);
  });

  test("or throws, or never answers, holds up nobody", async () => {
    let calls = 0;
    const { notifier, timers, logged } = desk({
      answer: () => {
        calls++;
        if (calls === 1) throw new Error("planted");
        return new Promise(() => {});
      },
    });
    notifier.afterRun(failedRun());
    await timers.pass(5 * MINUTE);
    expect(calls).toBeGreaterThan(1);
    expect(logged.filter((line) => line.includes("planted"))).toHaveLength(1);
  });
});

describe("what waits", () => {
  test("goes out by the new channels after a change of the config", async () => {
    let isDown = true;
    const { notifier, timers, sent } = desk({
      answer: () => (isDown ? failure("later") : { kind: "sent" }),
    });
    notifier.afterRun(failedRun());
    await timers.pass(5000);
    isDown = false;
    notifier.configure(settingsOf({ notify: { desktop: true } }));
    await timers.pass(0);
    expect(sent).toHaveLength(1);
  });

  test("keeps each conflict, as each has files of its own", async () => {
    let isDown = true;
    const { notifier, timers, told } = desk({
      answer: () => (isDown ? failure("later") : { kind: "sent" }),
    });
    for (const path of ["a.md", "b.md"]) notifier.afterRun(conflictRun([{ path }]));
    await timers.pass(5000);
    isDown = false;
    await timers.pass(HOUR);
    expect(await told()).toHaveLength(2);
  });
});

describe("the end", () => {
  test("waits for what is being sent", async () => {
    const gate = Promise.withResolvers<SendResult>();
    const { notifier, sent } = desk({ answer: () => gate.promise });
    notifier.afterRun(failedRun());
    const end = notifier[Symbol.asyncDispose]();
    gate.resolve({ kind: "sent" });
    await end;
    expect(sent).toHaveLength(1);
  });

  test("does not wait for ever, and leaves no timer", async () => {
    const { notifier, timers } = desk({ answer: () => new Promise(() => {}) });
    notifier.afterRun(failedRun());
    let isOver = false;
    const end = (async () => {
      await notifier[Symbol.asyncDispose]();
      isOver = true;
    })();
    await timers.pass(2900);
    expect(isOver).toBe(false);
    await timers.pass(200);
    await end;
    expect(timers.pending).toBe(0);
    notifier.afterRun(runOf("up-to-date"));
    notifier.event({ kind: "config-accepted" });
    await notifier[Symbol.asyncDispose]();
  });
});

describe("the memory", () => {
  test("that can not be written or read is logged once; people are told all the same", async () => {
    const broken = () => {
      throw new LullError({ kind: "failed", code: "ENOSPC", message: "the disk is full" });
    };
    const { notifier, told, logged } = desk({ store: { load: broken, save: broken, remove: broken } });
    notifier.afterRun(failedRun());
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["notes can not be synced", "notes works again"]);
    expect(logged.filter((line) => line.startsWith("Warning"))).toEqual([
      "Warning: what was told can not be remembered: the disk is full",
    ]);
  });

  test("is not written for a run that is well and was well", async () => {
    let writes = 0;
    const rows = new Map();
    const store = memoryStore(rows);
    const { notifier } = desk({
      store: {
        ...store,
        save: (notice) => {
          writes++;
          store.save(notice);
        },
      },
    });
    for (let number = 0; number < 100; number++) notifier.afterRun(runOf("up-to-date"));
    expect(writes).toBe(0);
  });
});

describe("an event of the daemon", () => {
  test("a refused config is told once a mistake, and when it is mended", async () => {
    const { notifier, told, sent } = desk();
    notifier.event({ kind: "config-refused", message: "line 3: no key `scedule`", hint: "did you mean it?" });
    notifier.event({ kind: "config-refused", message: "line 3: no key `scedule`" });
    expect(await told()).toEqual(["The changed config was refused; the old one holds on"]);
    expect(sent[0]).toMatchObject({ command: "lull config check", level: "problem" });
    notifier.event({ kind: "config-accepted" });
    expect(await told()).toEqual(["The changed config is in use"]);
  });

  test("a parked job is an error, over with the next good run", async () => {
    const { notifier, told, sent } = desk();
    notifier.event({ kind: "parked", source: "notes", reason: "it ended by signal 9", attempts: 5 });
    expect(await told()).toEqual(["notes is not tried again by itself"]);
    expect(sent[0]).toMatchObject({ level: "error", body: ["It ended by signal 9 after 5 tries"] });
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["notes works again"]);
  });

  test("a watch that polls is told with the reason, beside the state of the source", async () => {
    const { notifier, told } = desk();
    notifier.event({ kind: "watch-polling", source: "notes", reason: "the limit of inotify is reached" });
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["Changes in notes are noticed late"]);
    notifier.event({ kind: "watch-restored", source: "notes" });
    expect(await told()).toEqual(["Changes in notes are noticed at once again"]);
  });

  test("a clock that was set is for who wants to know all", async () => {
    const event = { kind: "clock-jumped", byMs: -3_600_000 } as const;
    const { notifier, told } = desk();
    notifier.event(event);
    expect(await told()).toEqual([]);
    notifier.configure(settingsOf({ notify: { level: "all" } }));
    notifier.event(event);
    expect(await told()).toEqual(["The clock was set back by 1 h"]);
  });

  test("any other trouble has a beginning and an end", async () => {
    const { notifier, told } = desk();
    notifier.event({
      kind: "trouble",
      topic: "store",
      level: "error",
      title: "the history can not be written",
    });
    notifier.event({ kind: "trouble-over", topic: "store" });
    notifier.event({ kind: "trouble-over", topic: "store" });
    expect(await told()).toEqual(["The history can not be written", "Over: The history can not be written"]);
  });

  test("that is no event at all ends nothing", async () => {
    const { notifier, told, logged } = desk();
    notifier.event(undefined as never);
    notifier.afterRun({} as never);
    notifier.afterRun(failedRun());
    expect(await told()).toEqual(["notes can not be synced"]);
    expect(logged.filter((line) => line.startsWith("Warning"))).toHaveLength(1);
  });
});

describe("the heartbeat", () => {
  const heartbeat = "https://hc.example.org/ping/0000-secret";

  test("is called after a good run, at most once a minute, also without notices", async () => {
    const { notifier, timers, beats } = desk({ notify: { heartbeat, level: "none" } });
    notifier.afterRun(runOf("synced"));
    await timers.pass(30_000);
    notifier.afterRun(runOf("up-to-date"));
    await timers.pass(31_000);
    expect(beats).toHaveLength(1);
    notifier.afterRun(conflictRun([{}]));
    await timers.pass(0);
    expect(beats).toEqual([heartbeat, heartbeat]);
  });

  test("is not called after a run that failed, was skipped or reached some remotes only", async () => {
    const { notifier, timers, beats } = desk({ notify: { heartbeat } });
    notifier.afterRun(failedRun());
    notifier.afterRun(runOf("skipped"));
    notifier.afterRun(runOf("partial", { remotes: [remote(), remote({ error: runError() })] }));
    await timers.pass(0);
    expect(beats).toEqual([]);
  });

  test("that fails is logged once, without its path", async () => {
    const { notifier, timers, logged } = desk({ notify: { heartbeat }, answerBeat: () => failure("later") });
    for (let number = 0; number < 5; number++) {
      notifier.afterRun(runOf("synced"));
      await timers.pass(2 * MINUTE);
    }
    const warnings = logged.filter((line) => line.startsWith("Warning"));
    expect(warnings).toEqual(["Warning: the heartbeat hc.example.org can not be called: no luck; mend it"]);
  });
});

describe("texts from outside", () => {
  test("carry no secret and no control characters", async () => {
    const { notifier, told, sent } = desk();
    const message =
      "fetch from https://me:hunter2@git.example.org/x.git?token=hunter2 failed:\u001b[31m\r\nSubject: \u202e x";
    notifier.afterRun(failedRun({ message, hint: "open https://me:hunter2@git.example.org" }));
    notifier.event({ kind: "config-refused", message });
    notifier.event({ kind: "trouble", topic: "api", level: "error", title: message, body: [message] });
    notifier.afterRun(conflictRun([{ path: "a\nb\u001b.md", copy: "\u202ec" }]));
    await told();
    const text = JSON.stringify(sent.map(({ title, body, paths, command }) => [title, body, paths, command]));
    // With the conflict comes that the source works again.
    expect(sent).toHaveLength(5);
    expect(text).not.toContain("hunter2");
    expect(text).not.toMatch(/\\u001b|\\r\\n|\\u202e|\u202e/);
    expect(text).toContain("https://git.example.org/x.git");
  });

  test("are cut", async () => {
    const { notifier, told, sent } = desk();
    notifier.afterRun(failedRun({ message: "😀".repeat(100_000) }));
    await told();
    expect(sent[0]?.body[0]?.length).toBeLessThan(500);
    expect(sent[0]?.body[0]?.isWellFormed()).toBe(true);
  });

  test("a name that a shell would take apart is quoted in the command", async () => {
    const { notifier, told, sent } = desk();
    notifier.afterRun(failedRun({}, { source: "my notes; rm -rf '~'" }));
    await told();
    expect(sent[0]?.command).toBe(String.raw`lull sync 'my notes; rm -rf '\''~'\'''`);
  });
});

describe("guards", () => {
  const LEFT_OUT = [
    { path: "setup.sh", reason: "it seems to hold a GitHub token in line 3", guard: "secret" },
    { path: "pipe", reason: "fifo" },
  ];

  test("files that are left out are told once for the same ones, with the command to go on", async () => {
    const { notifier, timers, sent } = desk({});
    for (let run = 0; run < 3; run++) notifier.afterRun({ ...runOf("synced"), skippedPaths: LEFT_OUT });
    await timers.pass(10 * DAY);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      kind: "left-out",
      title: "notes: 1 file left out, the rest is synced",
      body: [expect.stringContaining("setup.sh: it seems to hold a GitHub token"), expect.any(String)],
      command: "lull allow notes setup.sh",
    });
    notifier.afterRun({ ...runOf("synced"), skippedPaths: [] });
    await timers.pass(MINUTE);
    expect(sent).toHaveLength(1);
  });

  test("what stops a source names the command that lets it go on", async () => {
    const { notifier, timers, sent } = desk({});
    const error = {
      kind: "guard",
      code: "GUARD_DELETIONS",
      retry: false,
      data: { guard: "deletions" },
    } as const;
    notifier.afterRun(failedRun(error));
    notifier.afterRun(failedRun(error));
    await timers.pass(MINUTE);
    expect(sent.map(({ command }) => command)).toEqual(["lull allow notes"]);
  });
});
