import { existsSync } from "node:fs";

import type { Command } from "./measure.ts";

const TIME = "/usr/bin/time";

/**
 * Returns the most bytes that were resident while the command ran, or undefined where `/usr/bin/time` is missing.
 * Not from Bun's own `resourceUsage`: a child inherits its parent's peak over fork and exec, so that `git --version`
 * (4 MB) reads as the 33 MB of the Bun that started it.
 */
export function peakMemory(command: Command): number | undefined {
  if (!existsSync(TIME)) return undefined;
  const flags = process.platform === "darwin" ? ["-l"] : ["-f", "%M KB"];
  const { stderr } = Bun.spawnSync([TIME, ...flags, ...command.argv], {
    ...(command.cwd === undefined ? {} : { cwd: command.cwd }),
    env: { ...process.env, ...command.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const text = stderr.toString();
  const kilobytes = /^(\d+) KB$/m.exec(text)?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  const bytes = /^\s*(\d+)\s+maximum resident set size$/m.exec(text)?.[1];
  return bytes === undefined ? undefined : Number(bytes);
}
