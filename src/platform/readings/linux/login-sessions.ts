import type { LinuxQuestion } from "./linux-question.ts";

export type LoginSession = {
  readonly isGraphical: boolean;
  readonly isIdle: boolean;
  /** Wall time in milliseconds of the last change of `isIdle`; of a terminal that of its last input. 0: never. */
  readonly since: number;
};

const SERVICE = "org.freedesktop.login1";

/** The sessions of people, by logind (org.freedesktop.login1(5)); undefined when it does not answer. */
export async function readSessions({
  bus,
  signal,
}: Pick<LinuxQuestion, "bus" | "signal">): Promise<readonly LoginSession[] | undefined> {
  const manager = { path: "/org/freedesktop/login1", interface: `${SERVICE}.Manager` };
  const all = { bus: "system", service: SERVICE } as const;
  const [list] = (await bus.call({ ...all, ...manager, method: "ListSessions" }, signal)) ?? [];
  if (!Array.isArray(list)) return undefined;
  const paths = (list as readonly unknown[]).flatMap((entry) =>
    Array.isArray(entry) ? [String(entry[4])] : [],
  );
  const sessions = await Promise.all(
    paths.slice(0, MOST_SESSIONS).map(async (path) => {
      return bus.properties({ ...all, path, interface: `${SERVICE}.Session` }, signal);
    }),
  );
  // One that is gone by now does not answer.
  return sessions.flatMap((properties) => (properties === undefined ? [] : sessionOf(properties)));
}

/** Each costs a process. */
const MOST_SESSIONS = 8;
const GRAPHICAL = ["x11", "wayland", "mir"];

/** Greeters, cron jobs and the user's own service manager are sessions too, but nobody sits there. */
function sessionOf(properties: Readonly<Record<string, unknown>>): readonly LoginSession[] {
  const {
    Class: kind = "user",
    Type: type,
    State: state,
    IdleHint: isIdle,
    IdleSinceHint: since,
  } = properties;
  const isGraphical = GRAPHICAL.includes(String(type));
  if (!String(kind).startsWith("user") || state === "closing") return [];
  // Behind another session on the same seat: no key reaches it.
  if (isGraphical && state === "online") return [];
  return [{ isGraphical, isIdle: isIdle === true, since: Number(since) / 1000 }];
}
