import type { ErrorKind } from "../base/errors.ts";
import type { ExitKind } from "./command.ts";

/** Gravest first: what a person must do comes before what time may heal. */
const GRAVITY: readonly ErrorKind[] = [
  "interrupted",
  "auth",
  "guard",
  "unsafe",
  "config",
  "usage",
  "failed",
  "locked",
  "unreachable",
  "conflict",
];

/** For a command with several sources, whose exit code can tell of one outcome only. */
export function gravestKind(kinds: Iterable<ErrorKind>): ExitKind {
  const all = new Set(kinds);
  return GRAVITY.find((kind) => all.has(kind)) ?? "ok";
}
