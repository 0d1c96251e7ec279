import { LullError } from "../base/errors.ts";
import type { RunProgram } from "../base/program.ts";
import { safeText } from "../base/safe-text.ts";
import type { System } from "../platform/system.ts";
import type { Notice } from "./notify.ts";

export type DesktopDeps = {
  readonly system: System;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined on Windows. */
  readonly userId: number | undefined;
  readonly runProgram: RunProgram;
};

/** Shows one notice. Throws a `LullError`. */
export type ShowNotice = (notice: Notice, signal: AbortSignal) => Promise<void>;

/** A desktop that does not take a notice in this time hangs. */
export const DESKTOP_DEADLINE_MS = 10_000;

/** The text of a notice below its title. */
export function bodyText(notice: Notice): string {
  const command = notice.command === undefined ? [] : [`Next: ${notice.command}`];
  return [...notice.body, ...command].join("\n");
}

export function desktopError(message: string, hint: string): LullError {
  return new LullError({ kind: "failed", code: "NO_DESKTOP", message: safeText(message), hint });
}

export const SWITCH_OFF = "`lull config set notify.desktop false` switches notices on the desktop off";
