import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { ProgramResult } from "../../src/base/program.ts";
import { processNames } from "../../src/platform/process-names.ts";
import { currentSystem, type System } from "../../src/platform/system.ts";
import { runProgram } from "../../src/platform/run-program.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const { signal } = new AbortController();

function process_(folder: string, pid: number, comm: string, command: readonly string[]): void {
  mkdirSync(join(folder, `${pid}`));
  writeFileSync(join(folder, `${pid}`, "comm"), `${comm}\n`);
  writeFileSync(join(folder, `${pid}`, "cmdline"), command.map((word) => `${word}\0`).join(""));
}

test("Linux: by the short name, the program's own, and the script that an interpreter reads", async () => {
  const folder = temporaryDirectory();
  process_(folder, 1, "transmission-gt", ["/usr/bin/transmission-gtk", "x"]);
  process_(folder, 22, "Main Thread", ["python3.11", "/usr/bin/deluge"]);
  process_(folder, 333, "kworker/0:1", []);
  process_(folder, 444, "less", ["less", "/usr/bin/htop"]);
  mkdirSync(join(folder, "55"));
  writeFileSync(join(folder, "uptime"), "1\n");
  const means = { system: "linux", processFolder: folder, runProgram } as const;
  const names = await processNames({ ...means, userId: undefined }, signal);
  expect([...(names ?? [])].sort()).toEqual([
    "Main Thread",
    "deluge",
    "kworker/0:1",
    "less",
    "python3.11",
    "transmission-gt",
    "transmission-gtk",
  ]);
  expect(await processNames({ ...means, userId: 4_242_424 }, signal)).toBeUndefined();
  expect(
    await processNames({ ...means, userId: undefined, processFolder: `${folder}/gone` }, signal),
  ).toBeUndefined();
});

function printing(system: System, result: ProgramResult): ReturnType<typeof processNames> {
  const run = async (): Promise<ProgramResult> => result;
  return processNames({ system, processFolder: "/nonexistent", userId: 501, runProgram: run }, signal);
}

const ended = (stdout: string): ProgramResult => ({ kind: "ended", code: 0, stdout, stderr: "" });

test("macOS: by the program and by its bundles", async () => {
  const lines = ["/sbin/launchd", "/Applications/Visual Studio Code.app/Contents/MacOS/Electron", "-zsh", ""];
  expect([...((await printing("macos", ended(lines.join("\n")))) ?? [])]).toEqual([
    "launchd",
    "Electron",
    "Visual Studio Code",
    "-zsh",
  ]);
});

test("Windows: in lower case", async () => {
  const lines =
    '"System Idle Process","0","Services","0","8 K"\r\n"TOTALCMD64.EXE","4711","Console","1","28,512 K"\r\n';
  expect([...((await printing("windows", ended(lines))) ?? [])]).toEqual([
    "system idle process",
    "totalcmd64.exe",
  ]);
});

test.each(["macos", "windows"] as const)(
  "%s: unknown when the program is missing, late or fails",
  async (system) => {
    const failed: ProgramResult = { kind: "ended", code: 1, stdout: "x", stderr: "" };
    for (const result of [{ kind: "missing" }, { kind: "timeout" }, failed] as const)
      expect(await printing(system, result)).toBeUndefined();
  },
);

const noProc = cannotRun(currentSystem() !== "linux", "processes: /proc is Linux's");
test.skipIf(noProc)("this process is among those of the real system", async () => {
  const userId = process.getuid?.();
  const names = await processNames({ system: "linux", processFolder: "/proc", userId, runProgram }, signal);
  expect(names?.has("bun")).toBe(true);
});
