import { known, type Readings, unknown } from "../readings.ts";
import type { LinuxQuestion } from "./linux-question.ts";
import { type LoginSession, readSessions } from "./login-sessions.ts";
import { readX11Idle } from "./x11-idle.ts";

/**
 * The least of what the desktop tells (Mutter, or the X server) and logind of each session: who types through ssh uses
 * the machine too. Where logind answers and lists nobody, nobody is there.
 */
export async function readIdle(question: LinuxQuestion): Promise<Readings["idle"]> {
  const [desktop, sessions] = await Promise.all([desktopIdle(question), readSessions(question)]);
  if (desktop === undefined && sessions === undefined)
    return unknown("neither the desktop nor logind tells whether this machine is used");
  const now = question.access.clock.now();
  const others = (sessions ?? []).filter((session) => desktop === undefined || !session.isGraphical);
  const idle = others.map((session) => idleOf(session, now));
  if (desktop === undefined && idle.length === 0) return known({ kind: "nobody-logged-in" }, "logind");
  const told = idle.filter((ms) => ms !== undefined);
  if (desktop !== undefined) return used([desktop.idleMs, ...told], desktop.source);
  // The shortest is among those that are told only if all of them are, or if one is in use.
  if (told.length < idle.length && !told.includes(0))
    return unknown("the desktop does not tell logind whether it is used");
  return used(told, "logind");
}

function used(all: readonly number[], source: string): Readings["idle"] {
  return known({ kind: "used", idleMs: Math.min(...all) }, source);
}

/**
 * Desktops report themselves idle, and active again; of terminals logind knows the last input. Undefined: a desktop
 * that has never told anything (most of those without a daemon of their own for it).
 */
function idleOf({ isGraphical, isIdle, since }: LoginSession, now: number): number | undefined {
  if (since === 0) return undefined;
  return isGraphical && !isIdle ? 0 : Math.max(0, now - since);
}

async function desktopIdle(
  question: LinuxQuestion,
): Promise<{ readonly idleMs: number; readonly source: string } | undefined> {
  const mutter = await mutterIdle(question);
  if (mutter !== undefined) return { idleMs: mutter, source: "Mutter" };
  const x11 = await readX11Idle(question.access.environment, question.signal);
  return x11 === undefined ? undefined : { idleMs: x11, source: "the X server" };
}

async function mutterIdle({ bus, signal }: LinuxQuestion): Promise<number | undefined> {
  const service = "org.gnome.Mutter.IdleMonitor";
  const path = "/org/gnome/Mutter/IdleMonitor/Core";
  const answer = await bus.call(
    { bus: "session", service, path, interface: service, method: "GetIdletime" },
    signal,
  );
  const [idleMs] = answer ?? [];
  return typeof idleMs === "number" ? idleMs : undefined;
}
