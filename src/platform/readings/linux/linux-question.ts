import type { MachineAccess } from "../machine-access.ts";
import type { DBus } from "./dbus.ts";

/** What one reading on Linux is taken with. */
export type LinuxQuestion = {
  readonly access: MachineAccess;
  readonly bus: DBus;
  readonly signal: AbortSignal;
};
