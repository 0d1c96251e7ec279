/** The foreground daemon in a real terminal: what a person reads there, and what Ctrl-C does. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { LULL_COMMAND } from "../helpers/daemon-process.ts";
import { type Device, makeDevice } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const WIDTH = 70;
const CTRL_C = "\x03";
/** Only for a test that fails anyway. */
const PATIENCE_MS = 30_000;

type Shown = AsyncDisposable & {
  /** All that the terminal got, without colours. */
  readonly text: () => string;
  readonly raw: () => string;
  /** Waits until the terminal shows it, after what was waited for before. */
  sees(words: string): Promise<void>;
  type(keys: string): void;
  readonly exited: Promise<number>;
};

function inTerminal(device: Device, args: readonly string[]): Shown {
  let raw = "";
  let seen = 0;
  let wake = Promise.withResolvers<void>();
  const decoder = new TextDecoder();
  const child = Bun.spawn([...LULL_COMMAND, ...args], {
    cwd: device.home,
    env: { ...device.env, TERM: "xterm-256color", NO_COLOR: undefined, CI: undefined },
    terminal: {
      cols: WIDTH,
      rows: 24,
      data: (_, bytes) => {
        raw += decoder.decode(bytes, { stream: true });
        wake.resolve();
        wake = Promise.withResolvers<void>();
      },
    },
  });
  // The last line is written over and over: each time counts as a line.
  const text = (): string => Bun.stripANSI(raw.replaceAll("\r\n", "\n").replaceAll("\r\u001B[2K", "\n"));
  return {
    text,
    raw: () => raw,
    exited: child.exited,
    type: (keys) => void child.terminal?.write(keys),
    async sees(words) {
      const end = performance.now() + PATIENCE_MS;
      for (;;) {
        const at = text().indexOf(words, seen);
        if (at >= 0) {
          seen = at + words.length;
          return;
        }
        const left = end - performance.now();
        if (left <= 0 || child.exitCode !== null)
          throw new Error(`the terminal does not show "${words}":\n${text()}`);
        await Promise.race([wake.promise, child.exited, Bun.sleep(left)]);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) child.kill("SIGKILL");
      await child.exited;
      child.terminal?.close();
    },
  };
}

async function makeSource(): Promise<Device & { readonly remote: string }> {
  const device = makeDevice("laptop");
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "main", remote);
  device.write("a.md", "one\n");
  await device.lull(["add", "notes", "--remote", remote]);
  await device.lull(["config", "set", "sources.notes.schedule", "manual"]);
  await device.lull(["config", "set", "sources.notes.watch", "{ quiet: 100ms }"]);
  return { ...device, remote };
}

const inPosix = test.skipIf(
  cannotRun(process.platform === "win32", "terminals: signals of a POSIX terminal"),
);

describe("Ctrl-C", () => {
  inPosix("once: the sync that runs comes to its end, also in the terminal's process group", async () => {
    const device = await makeSource();
    for (let file = 0; file < 3000; file++) device.write(`many/${file % 50}/${file}.md`, `file ${file}\n`);
    await using shown = inTerminal(device, ["daemon", "run"]);
    await shown.sees("syncing notes");
    shown.type(CTRL_C);
    await shown.sees("waiting for notes; Ctrl-C again ends it at once");
    await shown.sees("committed 3001 files, sent 1 commit");
    expect(await shown.exited).toBe(0);
    expect(git(device.remote, "show", "main:many/49/2999.md")).toBe("file 2999");
    fsck(device.notes);
  });

  inPosix("at rest it ends at once, and what it told fits the terminal and is coloured", async () => {
    const device = await makeSource();
    await using shown = inTerminal(device, ["daemon", "run"]);
    await shown.sees("committed 1 file, sent 1 commit");
    await shown.sees("watching for changes; Ctrl-C ends it");
    shown.type(CTRL_C);
    expect(await shown.exited).toBe(0);
    expect(shown.raw()).toContain("\u001B[32m");
    const tooLong = shown
      .text()
      .split("\n")
      .filter((line) => Bun.stringWidth(line) > WIDTH);
    expect(tooLong).toEqual([]);
  });
});
