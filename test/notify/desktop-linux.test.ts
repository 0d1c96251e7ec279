/** Against a real session bus: the real notify-send, gdbus and busctl, and a service that keeps what it is shown. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import type { ProgramResult, RunProgram } from "../../src/base/program.ts";
import { createDesktopChannel } from "../../src/notify/desktop.ts";
import { runProgram } from "../../src/platform/run-program.ts";
import { hasSessionBus, openSessionBus, type SessionBus } from "../helpers/session-bus.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { HOSTILE, noticeOf } from "./notices.ts";

const PROGRAMS = ["notify-send", "gdbus", "busctl"] as const;
type Program = (typeof PROGRAMS)[number];

const never = new AbortController().signal;

/** The channel as if only these programs were there. */
function channelWith(programs: readonly Program[], env: Readonly<Record<string, string>>) {
  const only: RunProgram = async (command, options) =>
    programs.some((program) => program === command[0]) ? runProgram(command, options) : { kind: "missing" };
  return createDesktopChannel({
    system: "linux",
    env: { PATH: process.env["PATH"] ?? "", HOME: temporaryDirectory(), ...env },
    userId: 4_000_000,
    runProgram: only,
  });
}

describe.skipIf(
  cannotRun(!hasSessionBus, "notices on a real bus: dbus-daemon, busctl or python3-dbusmock is missing"),
)("on a real session bus", () => {
  let bus: SessionBus;
  beforeAll(async () => {
    bus = await openSessionBus({ service: true });
  });
  afterAll(async () => {
    await bus[Symbol.asyncDispose]();
  });
  const env = () => ({ DBUS_SESSION_BUS_ADDRESS: bus.address });

  describe.each(PROGRAMS.map((program) => [program] as const))("%s", (program) => {
    const isMissing = Bun.which(program) === null;

    test.skipIf(cannotRun(isMissing, `${program} is missing`))(
      "shows texts as they are, escaped",
      async () => {
        const channel = channelWith([program], env());
        expect(await channel.send(HOSTILE, never)).toEqual({ kind: "sent" });
        const [name, , , title, body, , hints] = (await bus.shown()).at(-1) ?? [];
        expect(name).toBe("lull");
        expect(title).toBe(HOSTILE.title);
        const text = [...HOSTILE.body, "Next: lull sync 'a b'"].join("\n");
        expect(body).toBe(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
        expect(hints).toMatchObject({ urgency: { data: 2 } });
      },
    );

    test.skipIf(cannotRun(isMissing, `${program} is missing`))(
      "puts the next notice of a subject in the place of the last",
      async () => {
        const channel = channelWith([program], env());
        for (const subject of ["source:a", "source:b", "source:a"]) {
          await channel.send(noticeOf({ subject, level: "info" }), never);
        }
        const calls = (await bus.shown()).slice(-3);
        const replaced = calls.map((call) => call[1]);
        expect(replaced.slice(0, 2)).toEqual([0, 0]);
        expect(replaced[2]).toBeGreaterThan(0);
        expect(calls[0]?.[6]).toMatchObject({ urgency: { data: 0 } });
        if (program !== "notify-send") return;
        expect(calls[0]?.[6]).toMatchObject({
          "x-canonical-private-synchronous": { data: "lull source a" },
        });
      },
    );
  });

  test("a service without the bus in its environment finds it in the runtime folder", async () => {
    const before = (await bus.shown()).length;
    const channel = channelWith(PROGRAMS, { XDG_RUNTIME_DIR: bus.runtimeDirectory });
    expect(await channel.send(noticeOf(), never)).toEqual({ kind: "sent" });
    expect(await bus.shown()).toHaveLength(before + 1);
  });
});

test.skipIf(cannotRun(!hasSessionBus, "dbus-daemon is missing"))(
  "a bus without a notification service is an error with a next step",
  async () => {
    await using bus = await openSessionBus({ service: false });
    for (const program of PROGRAMS.filter((one) => Bun.which(one) !== null)) {
      const channel = channelWith([program], { DBUS_SESSION_BUS_ADDRESS: bus.address });
      const result = await channel.send(noticeOf(), never);
      expect(result).toMatchObject({
        kind: "failed",
        again: "later",
        error: { code: "NO_DESKTOP", hint: expect.stringContaining("notify.desktop false") },
      });
    }
  },
);

test.each([
  ["no runtime folder", {}],
  ["no bus in it", { XDG_RUNTIME_DIR: "/nonexistent" }],
  ["a relative one", { XDG_RUNTIME_DIR: "run" }],
])("without a session nothing is run: %s", async (_, env) => {
  const channel = channelWith(PROGRAMS, env);
  expect(await channel.send(noticeOf(), never)).toMatchObject({
    kind: "failed",
    error: { message: "no desktop session is open" },
  });
});

test("a folder in the place of the bus is no bus", async () => {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, "bus"));
  symlinkSync("/nonexistent", join(folder, "dangling"));
  const channel = channelWith(PROGRAMS, { XDG_RUNTIME_DIR: folder });
  expect(await channel.send(noticeOf(), never)).toMatchObject({ kind: "failed" });
});

describe("with programs that behave otherwise", () => {
  const bus = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
  const played = (answers: Readonly<Record<string, (args: readonly string[]) => ProgramResult>>) => {
    const commands: (readonly string[])[] = [];
    const run: RunProgram = async (command) => {
      commands.push(command);
      return answers[command[0]]?.(command) ?? { kind: "missing" };
    };
    const channel = createDesktopChannel({ system: "linux", env: bus, userId: 1, runProgram: run });
    return { channel, commands };
  };
  const ended = (code: number, stdout = "", stderr = ""): ProgramResult => ({
    kind: "ended",
    code,
    stdout,
    stderr,
  });

  test("an old notify-send that knows no identifiers is asked again without", async () => {
    const { channel, commands } = played({
      "notify-send": (args) =>
        args.includes("--print-id") ? ended(1, "", "Unknown option --print-id\n") : ended(0),
    });
    expect(await channel.send(noticeOf(), never)).toEqual({ kind: "sent" });
    expect(commands).toHaveLength(2);
  });

  test("where none of the programs is there, the error names what to install", async () => {
    const { channel } = played({});
    expect(await channel.send(noticeOf(), never)).toMatchObject({
      error: { hint: expect.stringContaining("libnotify") },
    });
  });

  test("a desktop that hangs is an error", async () => {
    const { channel } = played({ "notify-send": () => ({ kind: "timeout" }) });
    expect(await channel.send(noticeOf(), never)).toMatchObject({
      error: { message: "the desktop does not answer to a notice" },
    });
  });

  test("what a program prints can not drive the terminal", async () => {
    const { channel } = played({ "notify-send": () => ended(1, "", "\u001b[31mno\nmore") });
    expect(await channel.send(noticeOf(), never)).toMatchObject({
      error: { message: String.raw`notify-send can not show a notice: \x1b[31mno` },
    });
  });
});
