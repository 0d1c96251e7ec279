import { existsSync } from "node:fs";

import type { Command } from "./measure.ts";

const TIME = "/usr/bin/time";

/**
 * Runs the command and returns the most bytes that were resident, or undefined where `/usr/bin/time` can not tell.
 * Not from Bun's own `resourceUsage`: a child inherits its parent's peak over fork and exec, so that `git --version`
 * (4 MB) reads as the 33 MB of the Bun that started it.
 * @throws Error with the command's own words when it fails
 */
export function peakMemory(command: Command): number | undefined {
  const flags = process.platform === "darwin" ? ["-l"] : ["-f", "%M KB"];
  const measured = existsSync(TIME) ? [TIME, ...flags] : [];
  const { exitCode, stderr } = Bun.spawnSync([...measured, ...command.argv], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = stderr.toString();
  if (exitCode !== 0) throw new Error(`${command.argv.join(" ")} ended with ${exitCode}: ${text}`);
  const kilobytes = /^(\d+) KB$/m.exec(text)?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  const bytes = /^\s*(\d+)\s+maximum resident set size$/m.exec(text)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
