/** What is run on macOS and Windows, to the letter: neither can be tried here. */
import { expect, test } from "bun:test";

import type { ProgramOptions, ProgramResult } from "../../src/base/program.ts";
import { createDesktopChannel } from "../../src/notify/desktop.ts";
import type { System } from "../../src/platform/system.ts";
import { HOSTILE, noticeOf } from "./notices.ts";

type Call = { readonly command: readonly string[]; readonly options: ProgramOptions };

function played(system: System, answer: (program: string) => ProgramResult) {
  const calls: Call[] = [];
  const channel = createDesktopChannel({
    system,
    env: { SystemRoot: String.raw`C:\Windows`, HOME: "/Users/me", LULL_SMTP_PASSWORD: "s3cret" },
    userId: 501,
    runProgram: async (command, options) => {
      calls.push({ command, options });
      return answer(command[0]);
    },
  });
  return { send: () => channel.send(HOSTILE, new AbortController().signal), channel, calls };
}

const good: ProgramResult = { kind: "ended", code: 0, stdout: "", stderr: "" };
const text = [...HOSTILE.body, "Next: lull sync 'a b'"].join("\n");

test("macOS: terminal-notifier where it is, the text by standard input", async () => {
  const { send, calls } = played("macos", () => good);
  expect(await send()).toEqual({ kind: "sent" });
  expect(calls.map(({ command }) => command)).toEqual([
    ["terminal-notifier", "-title", `lull: ${HOSTILE.title}`, "-group", "lull source:notes"],
  ]);
  expect(calls[0]?.options).toMatchObject({ input: text, deadlineMs: 10_000 });
});

test("macOS: else osascript, the texts as arguments of a script that is always the same", async () => {
  const { send, calls } = played("macos", (program) =>
    program === "osascript" ? good : { kind: "missing" },
  );
  expect(await send()).toEqual({ kind: "sent" });
  expect(calls[1]?.command).toEqual([
    "osascript",
    "-e",
    "on run argv",
    "-e",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "-e",
    "end run",
    `lull: ${HOSTILE.title}`,
    text,
  ]);
  expect(calls[1]?.options.input).toBeUndefined();
});

test("Windows: a toast by a script that is always the same, the texts in its environment", async () => {
  const { send, channel, calls } = played("windows", () => good);
  expect(await send()).toEqual({ kind: "sent" });
  await channel.send(noticeOf(), new AbortController().signal);
  const [first, second] = calls;
  expect(first?.command).toEqual(second?.command ?? []);
  expect(first?.command.slice(0, -1)).toEqual([
    String.raw`C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`,
    "-NoProfile",
    "-NonInteractive",
    "-EncodedCommand",
  ]);
  expect(first?.options.env).toEqual({
    SystemRoot: String.raw`C:\Windows`,
    HOME: "/Users/me",
    LULL_NOTICE_TITLE: HOSTILE.title,
    LULL_NOTICE_BODY: text,
    LULL_NOTICE_TAG: "b61cb12245445417",
  });
  const script = Buffer.from(first?.command.at(-1) ?? "", "base64").toString("utf16le");
  expect(script).toMatchSnapshot();
  // CreateProcess takes 32,767 characters.
  expect(first?.command.join(" ").length).toBeLessThan(8000);
});

test.each([
  ["macos", "look at System Settings"],
  ["windows", "look at Settings"],
] as const)("%s: what fails, hangs or is missing is an error with a next step", async (system, hint) => {
  const answers: readonly ProgramResult[] = [
    { kind: "ended", code: 1, stdout: "", stderr: "not\u001b allowed\nmore" },
    { kind: "timeout" },
  ];
  for (const answer of answers) {
    const { send } = played(system, () => answer);
    expect(await send()).toMatchObject({
      kind: "failed",
      again: "later",
      error: { code: "NO_DESKTOP", hint: expect.stringContaining(hint) },
    });
  }
  const { send } = played(system, () => ({ kind: "missing" }));
  expect(await send()).toMatchObject({ kind: "failed", error: { code: "NO_DESKTOP" } });
});
