/**
 * The notification centre of macOS, by terminal-notifier where it is installed (its notices replace each other and carry
 * a name of their own), else by osascript, which every Mac has.
 */
import type { ProgramResult } from "../base/program.ts";
import {
  bodyText,
  DESKTOP_DEADLINE_MS,
  type DesktopDeps,
  desktopError,
  type ShowNotice,
  SWITCH_OFF,
} from "./show-notice.ts";
import type { Notice } from "./notify.ts";

type Call = { readonly command: readonly [string, ...string[]]; readonly input?: string };

export function macosDesktop({ env, runProgram }: DesktopDeps): ShowNotice {
  return async (notice, signal) => {
    const options = { deadlineMs: DESKTOP_DEADLINE_MS, signal, env };
    for (const { command, input } of [terminalNotifier(notice), osascript(notice)]) {
      const result = await runProgram(command, { ...options, input });
      if (result.kind === "missing") continue;
      return check(result, command[0]);
    }
    throw desktopError("osascript is not there to show a notice", SWITCH_OFF);
  };
}

function check(result: Exclude<ProgramResult, { kind: "missing" }>, program: string): void {
  if (result.kind === "ended" && result.code === 0) return;
  const why = result.kind === "timeout" ? "it did not end" : result.stderr.trim().slice(0, 200);
  throw desktopError(
    `${program} can not show a notice: ${why}`,
    `look at System Settings, Notifications; ${SWITCH_OFF}`,
  );
}

/** It reads options as property lists, where `[`, `(` and `{` begin a list: so the message goes in by standard input. */
function terminalNotifier(notice: Notice): Call {
  return {
    command: ["terminal-notifier", "-title", titleText(notice), "-group", `lull ${notice.subject}`],
    input: bodyText(notice),
  };
}

/** The texts are arguments of the script, not a part of it; the first begins with no dash, so none is an option. */
function osascript(notice: Notice): Call {
  const script = [
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
  ];
  return {
    command: ["osascript", ...script.flatMap((line) => ["-e", line]), titleText(notice), bodyText(notice)],
  };
}

/** The notice comes in the name of another program. */
function titleText(notice: Notice): string {
  return `lull: ${notice.title}`;
}
