/** The foreground daemon in a real terminal: what a person reads there, and what Ctrl-C does. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { type Device, makeDevice } from "../helpers/device.ts";
import { cannotRun } from "../helpers/skip.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";
import { inTerminal, WIDTH } from "../helpers/terminal.ts";

const CTRL_C = "\x03";

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
    await using shown = inTerminal(device, ["daemon", "run", "--verbose"]);
    // The worker's first word: before, its process may not have left the terminal's group yet.
    await shown.sees("· look");
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
