import { existsSync } from "node:fs";

import type { Command } from "./measure.ts";

const TIME = "/usr/bin/time";

/**
 * Runs the command and returns the most bytes that were resident, or undefined where `/usr/bin/time` can not tell.
 * @throws Error with the command's own words when it fails
 */
export function peakMemory(command: Command): number | undefined {
  const { exitCode, stderr } = Bun.spawnSync([...measured(command.argv)], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = stderr.toString();
  if (exitCode !== 0) throw new Error(`${command.argv.join(" ")} ended with ${exitCode}: ${text}`);
  return peakIn(text);
}

/**
 * The same command, which tells its peak on stderr at the end; as it is where `/usr/bin/time` is missing. Not by Bun's own
 * `resourceUsage`: a child inherits its parent's peak over fork and exec, so that `git --version` (4 MB) reads as the
 * 33 MB of the Bun that started it.
 */
export function measured(argv: readonly string[]): readonly string[] {
  const flags = process.platform === "darwin" ? ["-l"] : ["-f", "%M KB"];
  return existsSync(TIME) ? [TIME, ...flags, ...argv] : argv;
}

/** The bytes that a `measured` command told of on its stderr. */
export function peakIn(stderr: string): number | undefined {
  const kilobytes = /^(\d+) KB$/m.exec(stderr)?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  const bytes = /^\s*(\d+)\s+maximum resident set size$/m.exec(stderr)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
