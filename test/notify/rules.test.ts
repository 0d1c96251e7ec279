/** What people are told of, when, and how often: through the notifier as the daemon calls it. */
import { describe, expect, test } from "bun:test";

import { DAY, desk, HOUR, MINUTE, settingsOf } from "./desk.ts";
import { conflictRun, failedRun, remote, runError, runOf, UNREACHABLE } from "./runs.ts";

const AUTH = { kind: "auth", code: "AUTH", message: "the token was refused" } as const;

describe("a source that fails", () => {
  test("is told of once on entering and once on leaving", async () => {
    const { notifier, told, clock } = desk();
    notifier.afterRun(failedRun());
    expect(await told()).toEqual(["notes can not be synced"]);
    clock.advance(HOUR);
    notifier.afterRun(failedRun({ message: "in other words" }));
    expect(await told()).toEqual([]);
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["notes works again"]);
    notifier.afterRun(runOf("synced"));
    expect(await told()).toEqual([]);
  });

  test("says how long it was out of order", async () => {
    const { notifier, told, clock, sent } = desk();
    notifier.afterRun(failedRun());
    clock.advance(3 * HOUR);
    notifier.afterRun(runOf("up-to-date"));
    await told();
    expect(sent[1]).toMatchObject({
      kind: "recovered",
      level: "info",
      body: ["It was out of order for 3 h."],
    });
  });

  test("is told of anew when it fails for another reason", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(failedRun(AUTH));
    expect(await told()).toEqual(["notes can not be synced", "notes can not be synced: access was refused"]);
  });

  test("carries the message, the next step and the command", async () => {
    const { notifier, told, sent } = desk();
    notifier.afterRun(failedRun());
    await told();
    expect(sent[0]).toMatchObject({
      subject: "source:notes",
      kind: "failed",
      level: "error",
      body: ["The repository is not there", "Correct the address"],
      source: "notes",
      command: "lull sync notes",
    });
  });

  test("is each told of by itself", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(failedRun({}, { source: "code" }));
    expect(await told()).toHaveLength(2);
  });

  test("is told of again after a day, then once a week, without a further run", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(failedRun(AUTH));
    await told();
    await timers.pass(DAY - MINUTE);
    expect(await told()).toEqual([]);
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["Still: notes can not be synced: access was refused"]);
    await timers.pass(6 * DAY);
    expect(await told()).toEqual([]);
    await timers.pass(DAY + HOUR);
    expect(await told()).toHaveLength(1);
  });

  test("by itself heals or not: what may be tried again is told of after a quarter of an hour", async () => {
    const { notifier, told, timers } = desk();
    const error = { code: "REMOTE_ERROR", retry: true };
    notifier.afterRun(failedRun(error));
    await timers.pass(10 * MINUTE);
    notifier.afterRun(failedRun(error));
    expect(await told()).toEqual([]);
    await timers.pass(6 * MINUTE);
    expect(await told()).toEqual(["notes can not be synced"]);
  });

  test("and heals in time is not told of at all", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(failedRun({ code: "REMOTE_ERROR", retry: true }));
    await timers.pass(10 * MINUTE);
    notifier.afterRun(runOf("synced"));
    await timers.pass(HOUR);
    expect(await told()).toEqual([]);
  });

  test("is neither bad nor well when somebody interrupted it or another lull was at work", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(failedRun({ kind: "interrupted", code: "INTERRUPTED" }, { remotes: [] }));
    notifier.afterRun(failedRun({ kind: "locked", code: "SOURCE_LOCKED" }, { remotes: [] }));
    expect(await told()).toEqual(["notes can not be synced"]);
  });

  test("in a dry run is no news", async () => {
    const { notifier, told } = desk();
    notifier.afterRun({ ...failedRun(), dryRun: true });
    expect(await told()).toEqual([]);
  });
});

describe("after a restart", () => {
  test("the same trouble is not told again, its end is", async () => {
    const first = desk();
    first.notifier.afterRun(failedRun());
    await first.told();
    await first.notifier[Symbol.asyncDispose]();
    const second = first.restart();
    second.notifier.afterRun(failedRun());
    expect(await second.told()).toEqual([]);
    second.notifier.afterRun(runOf("up-to-date"));
    expect(await second.told()).toEqual(["notes works again"]);
    expect([...second.rows.keys()].sort()).toEqual(["program:rates", "source:notes"]);
  });

  test("a reminder comes at its time", async () => {
    const first = desk();
    first.notifier.afterRun(failedRun());
    await first.told();
    first.clock.advance(2 * DAY);
    expect(await first.restart().told()).toEqual(["Still: notes can not be synced"]);
  });

  test("nothing is left of what is well for long", async () => {
    const { notifier, told, timers, rows } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(runOf("up-to-date"));
    await told();
    await timers.pass(7 * HOUR);
    notifier.afterRun(runOf("up-to-date"));
    expect([...rows.keys()]).toEqual([]);
  });

  test("a source that is in the config no more is forgotten; one below a folder of sources is not", async () => {
    const { notifier, told, rows } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(failedRun({}, { source: "code/lull" }));
    await told();
    notifier.configure(settingsOf({ sources: ["code"] }));
    expect([...rows.keys()].sort()).toEqual(["program:rates", "source:code/lull"]);
  });

  test("a damaged memory tells again and harms nobody", async () => {
    const { notifier, told, rows, restart } = desk();
    notifier.afterRun(failedRun());
    await told();
    for (const [subject, row] of rows) rows.set(subject, { ...row, detail: "{" });
    const next = restart();
    next.notifier.afterRun(failedRun());
    expect(await next.told()).toEqual(["notes can not be synced"]);
  });

  test("a clock that was set back by years does not put a reminder off for years", async () => {
    const { notifier, told, timers, clock } = desk();
    notifier.afterRun(failedRun());
    await told();
    clock.setWall("2020-01-01T00:00:00Z");
    notifier.afterRun(failedRun());
    await timers.pass(DAY + HOUR);
    expect(await told()).toEqual(["Still: notes can not be synced"]);
  });
});

describe("what comes and goes", () => {
  test("is over only when it has been well for an hour", async () => {
    const { notifier, told, timers, sent } = desk();
    for (let round = 0; round < 20; round++) {
      notifier.afterRun(failedRun());
      await timers.pass(2 * MINUTE);
      notifier.afterRun(runOf("up-to-date"));
      await timers.pass(2 * MINUTE);
    }
    expect(await told()).toEqual(["notes can not be synced", "notes works again", "notes can not be synced"]);
    expect(sent[2]?.body.at(-1)).toContain("It comes and goes");
    await timers.pass(HOUR);
    expect(await told()).toEqual(["notes works again"]);
  });

  test("between two troubles is told once each", async () => {
    const { notifier, told, timers } = desk();
    for (let round = 0; round < 20; round++) {
      notifier.afterRun(failedRun());
      await timers.pass(2 * MINUTE);
      notifier.afterRun(failedRun(AUTH));
      await timers.pass(2 * MINUTE);
    }
    expect(await told()).toHaveLength(2);
  });
});

describe("offline", () => {
  const offline = (source: string, host = "git.example.org") => {
    const error = runError(UNREACHABLE);
    return failedRun(UNREACHABLE, {
      source,
      remotes: [remote({ url: `https://${host}/me/${source}.git`, error })],
    });
  };

  test("is one notice for ten sources, and one when it is over", async () => {
    const { notifier, told, timers } = desk();
    for (let number = 0; number < 10; number++) notifier.afterRun(offline(`s${number}`));
    await timers.pass(5 * MINUTE);
    for (let number = 0; number < 10; number++) notifier.afterRun(offline(`s${number}`));
    expect(await told()).toEqual(["git.example.org can not be reached"]);
    await timers.pass(3 * DAY);
    expect(await told()).toEqual([]);
    notifier.afterRun(runOf("up-to-date", { source: "s3" }));
    expect(await told()).toEqual(["git.example.org can be reached again"]);
  });

  test("is one notice for several hosts, over when the last of them answers", async () => {
    const { notifier, told, timers } = desk();
    for (const host of ["a.org", "b.org", "c.org"]) notifier.afterRun(offline("notes", host));
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["a.org, b.org, c.org can not be reached"]);
    for (const host of ["a.org", "b.org"]) {
      notifier.afterRun(runOf("synced", { remotes: [remote({ url: `git@${host}:me/x.git` })] }));
    }
    expect(await told()).toEqual([]);
    notifier.afterRun(runOf("synced", { remotes: [remote({ url: "ssh://git@c.org/me/x.git" })] }));
    expect(await told()).toEqual(["a.org, b.org, c.org can be reached again"]);
  });

  test("for a minute only is no news", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(offline("notes"));
    await timers.pass(30_000);
    notifier.afterRun(runOf("up-to-date"));
    await timers.pass(HOUR);
    expect(await told()).toEqual([]);
  });

  test("of one host does not hide that another goes while a third answers", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(offline("notes", "dead.org"));
    await timers.pass(DAY);
    await told();
    notifier.afterRun(runOf("synced", { source: "code" }));
    notifier.afterRun(offline("work", "next.org"));
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["dead.org, next.org can not be reached"]);
  });

  test("says nothing of the source: what was wrong with it before is neither over nor told again", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(failedRun());
    await told();
    notifier.afterRun(offline("notes"));
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["git.example.org can not be reached"]);
    notifier.afterRun(failedRun(AUTH));
    // Whoever refuses has answered.
    expect(await told()).toEqual([
      "notes can not be synced: access was refused",
      "git.example.org can be reached again",
    ]);
  });

  test("as the daemon tells it is the same state", async () => {
    const { notifier, told, timers } = desk();
    notifier.event({ kind: "network", online: false });
    notifier.afterRun(offline("notes"));
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["This machine is offline"]);
    notifier.event({ kind: "network", online: true });
    expect(await told()).toEqual([]);
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["This machine is online again"]);
  });

  test("lasts over a restart", async () => {
    const first = desk();
    first.notifier.afterRun(offline("notes"));
    await first.timers.pass(2 * MINUTE);
    await first.told();
    const second = first.restart();
    second.notifier.afterRun(offline("code"));
    await second.timers.pass(HOUR);
    expect(await second.told()).toEqual([]);
    second.notifier.afterRun(runOf("up-to-date"));
    expect(await second.told()).toEqual(["git.example.org can be reached again"]);
  });

  test("of a host that nobody asks for any more is forgotten", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(offline("notes", "dead.org"));
    await timers.pass(8 * DAY);
    expect(await told()).toEqual(["dead.org can not be reached"]);
    notifier.afterRun(runOf("up-to-date", { source: "code" }));
    expect(await told()).toEqual([]);
    notifier.afterRun(offline("code"));
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["git.example.org can not be reached"]);
  });

  test("of a drive ends with the drive", async () => {
    const { notifier, told, timers } = desk();
    const drive = remote({ url: "/mnt/backup/notes.git" });
    notifier.afterRun(
      failedRun(
        { ...UNREACHABLE, code: "OFFLINE" },
        { remotes: [{ ...drive, error: runError(UNREACHABLE) }] },
      ),
    );
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["/mnt/backup/notes.git can not be reached"]);
    notifier.afterRun(runOf("up-to-date", { remotes: [drive] }));
    expect(await told()).toEqual(["/mnt/backup/notes.git can be reached again"]);
  });
});

describe("a conflict", () => {
  test("names the paths, where the copies are, and the command", async () => {
    const { notifier, told, sent } = desk();
    const many = Array.from({ length: 7 }, (_, at) => ({
      path: `n${at}.md`,
      copy: `n${at}.conflict-laptop.md`,
    }));
    notifier.afterRun(conflictRun(many));
    expect(await told()).toEqual(["notes: 7 files changed on two devices"]);
    expect(sent[0]).toMatchObject({
      kind: "conflict",
      level: "problem",
      paths: ["n0.md", "n1.md", "n2.md", "n3.md", "n4.md"],
      command: "lull conflicts notes",
    });
    expect(sent[0]?.body[0]).toBe(
      "n0.md: the remote's version has the name, this device's is in n0.conflict-laptop.md",
    );
    expect(sent[0]?.body[5]).toBe("and 2 more");
  });

  test("is told once, ends without a word, and is told again when it is another", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(conflictRun([{}]));
    notifier.afterRun(conflictRun([{}]));
    expect(await told()).toHaveLength(1);
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual([]);
    notifier.afterRun(conflictRun([{ copy: "plan.conflict-laptop-20260302.md" }]));
    expect(await told()).toHaveLength(1);
  });

  test("that lasts is brought to mind after a day", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(conflictRun([{ kept: "ours", copy: undefined }]));
    await told();
    await timers.pass(DAY + HOUR);
    expect(await told()).toEqual(["Still: notes: 1 file changed on two devices"]);
  });

  test("tells that the source works again, too", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(conflictRun([{}]));
    expect(await told()).toEqual([
      "notes can not be synced",
      "notes works again",
      "notes: 1 file changed on two devices",
    ]);
  });
});

describe("other outcomes:", () => {
  test("a remote of several that refuses is named, and its end is told", async () => {
    const { notifier, told, sent } = desk();
    const refused = remote({ name: "backup", url: "https://me:pw@b.org/x.git?t=1", error: runError(AUTH) });
    notifier.afterRun(runOf("partial", { remotes: [remote(), refused] }));
    expect(await told()).toEqual(["notes is synced with 1 of 2 remotes"]);
    expect(sent[0]).toMatchObject({ level: "problem", kind: "partial" });
    expect(sent[0]?.body[0]).toBe("backup (b.org): the token was refused");
    notifier.afterRun(runOf("up-to-date"));
    expect(await told()).toEqual(["notes is synced with every remote again"]);
  });

  test("a source that is left alone for a day", async () => {
    const { notifier, told, timers } = desk();
    const skipped = runOf("skipped", { reason: "a merge is in progress", remotes: [] });
    notifier.afterRun(skipped);
    await timers.pass(12 * HOUR);
    notifier.afterRun(skipped);
    expect(await told()).toEqual([]);
    await timers.pass(13 * HOUR);
    expect(await told()).toEqual(["notes has not been synced for a day"]);
  });

  test("being left alone does not end what is wrong", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    notifier.afterRun(runOf("skipped", { reason: "a merge is in progress", remotes: [] }));
    notifier.afterRun(failedRun());
    expect(await told()).toEqual(["notes can not be synced"]);
  });

  test("a guard is a problem, told once though run and daemon both tell of it", async () => {
    const { notifier, told, sent } = desk();
    notifier.afterRun(failedRun({ kind: "guard", code: "MASS_DELETION" }, { remotes: [] }));
    notifier.event({ kind: "guard", source: "notes", reason: "900 files are gone" });
    expect(await told()).toEqual(["notes was stopped before something dangerous"]);
    expect(sent[0]?.level).toBe("problem");
  });

  test("a certificate that is wrong behind a log-in page is told of when it stays", async () => {
    const { notifier, told, timers } = desk();
    notifier.afterRun(failedRun({ kind: "unreachable", code: "TLS", retry: false }));
    await timers.pass(29 * MINUTE);
    expect(await told()).toEqual([]);
    await timers.pass(2 * MINUTE);
    expect(await told()).toEqual(["notes can not be synced"]);
  });
});

describe("the level", () => {
  const outcomes = [
    failedRun(AUTH),
    failedRun({ kind: "guard", code: "G" }, { source: "code", remotes: [] }),
    { ...conflictRun([{}]), source: "work" },
    runOf("synced", {
      source: "fine",
      committed: { commit: undefined, files: 2 },
      remotes: [remote({ sent: 1 })],
    }),
    runOf("up-to-date", { source: "idle" }),
  ];

  test.each([
    ["none", 0],
    ["errors", 1],
    ["problems", 3],
    ["all", 4],
  ] as const)("%s admits %i of five outcomes", async (level, count) => {
    const { notifier, told } = desk({ notify: { level } });
    for (const run of outcomes) notifier.afterRun(run);
    expect(await told()).toHaveLength(count);
  });

  test("all says what a good run moved", async () => {
    const { notifier, told, sent } = desk({ notify: { level: "all" } });
    notifier.afterRun(
      runOf("synced", {
        committed: { commit: undefined, files: 2 },
        remotes: [remote({ sent: 1, received: 3 })],
      }),
    );
    expect(await told()).toEqual(["notes is synced"]);
    expect(sent[0]?.body).toEqual(["2 files committed, 3 commits received, 1 commit sent"]);
  });

  test("that is raised tells of what is wrong still", async () => {
    const { notifier, told } = desk({ notify: { level: "none" } });
    notifier.afterRun(failedRun());
    expect(await told()).toEqual([]);
    notifier.configure(settingsOf());
    expect(await told()).toEqual(["notes can not be synced"]);
  });

  test("that is lowered is silent also about the end", async () => {
    const { notifier, told } = desk();
    notifier.afterRun(failedRun());
    await told();
    notifier.configure(settingsOf({ notify: { level: "none" } }));
    notifier.afterRun(runOf("up-to-date"));
    notifier.configure(settingsOf());
    expect(await told()).toEqual([]);
  });
});

describe("too many notices", () => {
  test("are told as one when the hour is over", async () => {
    const { notifier, told, timers, sent } = desk();
    for (let number = 0; number < 30; number++) notifier.afterRun(failedRun({}, { source: `s${number}` }));
    expect(await told()).toHaveLength(10);
    await timers.pass(HOUR + MINUTE);
    expect(await told()).toEqual(["And 20 more notices"]);
    expect(sent.at(-1)).toMatchObject({ level: "error", command: "lull log" });
    expect(sent.at(-1)?.body).toHaveLength(9);
    expect(sent.at(-1)?.body.at(-1)).toBe("and 12 more");
    notifier.afterRun(failedRun({}, { source: "later" }));
    expect(await told()).toEqual(["later can not be synced"]);
  });

  test("also when the daemon starts anew meanwhile", async () => {
    const first = desk();
    for (let number = 0; number < 12; number++)
      first.notifier.afterRun(failedRun({}, { source: `s${number}` }));
    await first.told();
    const second = first.restart();
    await second.timers.pass(HOUR + MINUTE);
    expect(await second.told()).toEqual(["And 2 more notices"]);
  });

  test("of good runs never hold back a trouble", async () => {
    const { notifier, told } = desk({ notify: { level: "all" } });
    for (let number = 0; number < 15; number++) {
      notifier.afterRun(runOf("synced", { committed: { commit: undefined, files: 1 } }));
    }
    await told();
    notifier.afterRun(failedRun());
    expect(await told()).toEqual(["notes can not be synced"]);
  });
});
