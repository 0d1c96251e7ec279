import { statSync } from "node:fs";

/**
 * The address of the user's D-Bus. A service of systemd has no session bus in its environment; the user's bus lies in
 * the runtime folder then.
 * @param userId undefined on Windows
 * @returns undefined where nobody is logged in
 */
export function sessionBus(
  env: Readonly<Record<string, string | undefined>>,
  userId: number | undefined,
): string | undefined {
  const given = env["DBUS_SESSION_BUS_ADDRESS"];
  if (given !== undefined && given !== "") return given;
  const runtime = env["XDG_RUNTIME_DIR"] ?? (userId === undefined ? undefined : `/run/user/${userId}`);
  if (runtime === undefined || !runtime.startsWith("/")) return undefined;
  const socket = `${runtime}/bus`;
  return statSync(socket, { throwIfNoEntry: false })?.isSocket() === true ? `unix:path=${socket}` : undefined;
}
