/**
 * Diagnostic messages of the running program. They go to stderr (stdout is data); `--verbose` and `--quiet` set
 * the level. Secrets are taken out of every message here.
 */
import { redact } from "./redact.ts";

export type LogLevel = "quiet" | "normal" | "verbose";

export type Log = {
  /** Something the person should look at. */
  warn(message: string): void;
  /** What lull does, for a person who watches. */
  info(message: string): void;
  /** Decisions and single git steps; shown with `--verbose` only. */
  detail(message: string): void;
};

export function createLog(level: LogLevel, write: (line: string) => void): Log {
  const at = (wanted: readonly LogLevel[], prefix: string) => (message: string) => {
    if (wanted.includes(level)) write(`${prefix}${redact(message)}`);
  };
  return {
    warn: at(["quiet", "normal", "verbose"], "Warning: "),
    info: at(["normal", "verbose"], ""),
    detail: at(["verbose"], "  "),
  };
}
