/**
 * Freedesktop's notification service on the session bus (specifications.freedesktop.org/notification-spec), by
 * notify-send, else gdbus, else busctl, whichever is there.
 */
import type { ProgramResult } from "../base/program.ts";
import { sessionBus } from "../base/session-bus.ts";
import {
  bodyText,
  DESKTOP_DEADLINE_MS,
  type DesktopDeps,
  desktopError,
  type ShowNotice,
  SWITCH_OFF,
} from "./show-notice.ts";
import type { Notice } from "./notify.ts";

/** The identifiers by which a later notice of the same subject takes the place of the earlier one. */
const MOST_REMEMBERED = 100;

type Command = readonly [program: string, ...args: string[]];

export function linuxDesktop({ env, userId, runProgram }: DesktopDeps): ShowNotice {
  const shown = new Map<string, string>();
  return async (notice, signal) => {
    const bus = sessionBus(env, userId);
    if (bus === undefined) throw desktopError("no desktop session is open", SWITCH_OFF);
    const run = (command: Command): Promise<ProgramResult> =>
      runProgram(command, {
        deadlineMs: DESKTOP_DEADLINE_MS,
        signal,
        // A service has no locale, and a program without one may refuse all but ASCII.
        env: { ...env, DBUS_SESSION_BUS_ADDRESS: bus, LC_ALL: "C.UTF-8" },
      });
    const replaces = shown.get(notice.subject) ?? "0";
    const id = await firstThatIsThere(run, notice, replaces);
    if (id === undefined) return;
    shown.delete(notice.subject);
    shown.set(notice.subject, id);
    const [oldest] = shown.keys();
    if (shown.size > MOST_REMEMBERED && oldest !== undefined) shown.delete(oldest);
  };
}

async function firstThatIsThere(
  run: (command: Command) => Promise<ProgramResult>,
  notice: Notice,
  replaces: string,
): Promise<string | undefined> {
  for (const [program, command] of WAYS) {
    let result = await run(command(notice, replaces));
    // Before 0.7.10 (2022) notify-send knew neither of the two; the hint does for some desktops.
    if (program === "notify-send" && isUnknownOption(result)) result = await run(plainNotifySend(notice));
    if (result.kind === "missing") continue;
    return identifier(result, program);
  }
  throw desktopError(
    "neither notify-send nor gdbus nor busctl is there to show a notice",
    `install notify-send (libnotify-bin or libnotify); ${SWITCH_OFF}`,
  );
}

function identifier(
  result: Exclude<ProgramResult, { kind: "missing" }>,
  program: string,
): string | undefined {
  if (result.kind === "timeout") {
    throw desktopError("the desktop does not answer to a notice", SWITCH_OFF);
  }
  if (result.code !== 0) {
    const why = result.stderr.trim().split("\n")[0]?.slice(0, 200) ?? "";
    throw desktopError(
      `${program} can not show a notice: ${why === "" ? `it ended with ${result.code}` : why}`,
      `no notification service may be running; ${SWITCH_OFF}`,
    );
  }
  // `7`, `(uint32 7,)`, `u 7`
  return /\b(\d+)\D*$/.exec(result.stdout)?.[1];
}

function isUnknownOption(result: ProgramResult): boolean {
  return result.kind === "ended" && result.code !== 0 && /unknown option/i.test(result.stderr);
}

const WAYS = [
  ["notify-send", notifySend],
  ["gdbus", gdbus],
  ["busctl", busctl],
] as const;

const APP = "lull";

function notifySend(notice: Notice, replaces: string): Command {
  const [program, ...rest] = plainNotifySend(notice);
  return [program, "--print-id", ...(replaces === "0" ? [] : [`--replace-id=${replaces}`]), ...rest];
}

function plainNotifySend(notice: Notice): Command {
  return [
    "notify-send",
    `--app-name=${APP}`,
    `--urgency=${URGENCY[notice.level].name}`,
    // Mako, dunst, notify-osd: the next one of the same subject takes its place. Old ones split at every colon.
    `--hint=string:x-canonical-private-synchronous:lull ${notice.subject.replaceAll(":", " ")}`,
    "--",
    notice.title,
    // It undoes C escapes in the body.
    markup(bodyText(notice)).replaceAll("\\", "\\\\"),
  ];
}

const SERVICE = "org.freedesktop.Notifications";
const OBJECT = "/org/freedesktop/Notifications";

const GDBUS = [
  "gdbus",
  "call",
  "--session",
  "--dest",
  SERVICE,
  "--object-path",
  OBJECT,
  "--method",
  `${SERVICE}.Notify`,
] as const;

function gdbus(notice: Notice, replaces: string): Command {
  const { level } = URGENCY[notice.level];
  const texts = [notice.title, markup(bodyText(notice))].map(variant);
  const hints = `{'urgency': <byte ${level}>}`;
  return [...GDBUS, variant(APP), `uint32 ${replaces}`, variant(""), ...texts, "@as []", hints, "int32 -1"];
}

const BUSCTL = [
  "busctl",
  "--user",
  "--",
  "call",
  SERVICE,
  OBJECT,
  SERVICE,
  "Notify",
  "susssasa{sv}i",
] as const;

function busctl(notice: Notice, replaces: string): Command {
  const { level } = URGENCY[notice.level];
  const noActions = "0";
  const hints = ["1", "urgency", "y", String(level)];
  return [...BUSCTL, APP, replaces, "", notice.title, markup(bodyText(notice)), noActions, ...hints, "-1"];
}

const URGENCY = {
  error: { name: "critical", level: 2 },
  problem: { name: "normal", level: 1 },
  info: { name: "low", level: 0 },
} as const;

/** The body may hold markup; of ours nothing is. */
function markup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A string in GVariant's text format. */
function variant(text: string): string {
  return `'${text
    .replaceAll("\\", "\\\\")
    .replaceAll("'", String.raw`\'`)
    .replaceAll("\n", String.raw`\n`)}'`;
}
