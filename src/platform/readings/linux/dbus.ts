/**
 * Questions to services on D-Bus, by `busctl` of systemd or `gdbus` of GLib: one of them is on every desktop. A process
 * costs 5 ms; a connection of lull's own would have to follow the bus through logins, restarts and sleep.
 */
import { existsSync } from "node:fs";

import type { ProgramResult } from "../../../base/program.ts";
import { type MachineAccess, plainEnvironment } from "../machine-access.ts";
import { plainJson } from "./busctl-json.ts";
import { parseGVariant } from "./gvariant.ts";

export type BusCall = {
  readonly bus: "system" | "session";
  readonly service: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  /** Texts only. */
  readonly args?: readonly string[];
};

export type BusObject = Omit<BusCall, "method" | "args">;

/** Leaves half of a reading's time to whoever answers in the stead of a service that hangs. */
const CALL_DEADLINE_MS = 1000;

export class DBus {
  readonly #access: MachineAccess;
  /** busctl before systemd 240 has no `--json`; what was found out once holds. */
  #busctl: "usable" | "unusable" = "usable";

  constructor(access: MachineAccess) {
    this.#access = access;
  }

  /** Returns the values of the answer; undefined when there is no such service, it is late, or it refuses. */
  async call(call: BusCall, signal: AbortSignal): Promise<readonly unknown[] | undefined> {
    if (!this.#hasBus(call.bus)) return undefined;
    if (this.#busctl === "usable") {
      const result = await this.#run(busctlCommand(call), signal);
      if (result.kind === "ended" && result.code === 0) return arrayOrNothing(plainJson(result.stdout));
      if (isAnswer(result)) return undefined;
      this.#busctl = "unusable";
    }
    const result = await this.#run(gdbusCommand(call), signal);
    return result.kind === "ended" && result.code === 0
      ? arrayOrNothing(parseGVariant(result.stdout))
      : undefined;
  }

  /** All properties of an object by their names. */
  async properties(
    { interface: name, ...object }: BusObject,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>> | undefined> {
    const values = await this.call(
      { ...object, interface: "org.freedesktop.DBus.Properties", method: "GetAll", args: [name] },
      signal,
    );
    const [properties] = values ?? [];
    return typeof properties === "object" && properties !== null
      ? (properties as Readonly<Record<string, unknown>>)
      : undefined;
  }

  /** Servers and containers without one are spared a process that can only fail. */
  #hasBus(bus: BusCall["bus"]): boolean {
    const { environment, root } = this.#access;
    const { DBUS_SYSTEM_BUS_ADDRESS: system, DBUS_SESSION_BUS_ADDRESS: session } = environment;
    const { XDG_RUNTIME_DIR: folder = "" } = environment;
    if (bus === "session") return Boolean(session) || (folder !== "" && existsSync(`${folder}/bus`));
    return Boolean(system) || existsSync(`${root}/run/dbus/system_bus_socket`);
  }

  async #run(command: readonly [string, ...string[]], signal: AbortSignal): Promise<ProgramResult> {
    const env = plainEnvironment(this.#access);
    return this.#access.runProgram(command, { deadlineMs: CALL_DEADLINE_MS, signal, env });
  }
}

/** A service must not be started by a look at it. */
function busctlCommand(call: BusCall): readonly [string, ...string[]] {
  const { service, path, interface: name, method, args = [] } = call;
  const bus = call.bus === "system" ? "--system" : "--user";
  const signature = args.length === 0 ? [] : ["s".repeat(args.length)];
  const rest = [service, path, name, method, ...signature, ...args];
  return ["busctl", bus, "--json=short", "--auto-start=no", "call", ...rest];
}

/** Has no way to ask without starting the service; those that lull asks are running where they are of use. */
function gdbusCommand(call: BusCall): readonly [string, ...string[]] {
  const { service, path, interface: name, method, args = [] } = call;
  const object = ["--dest", service, "--object-path", path, "--method", `${name}.${method}`];
  return ["gdbus", "call", call.bus === "system" ? "--system" : "--session", ...object, ...args];
}

/** False when busctl itself can not be used; a service that hangs, is missing or refuses has answered. */
function isAnswer(result: ProgramResult): boolean {
  if (result.kind === "missing") return false;
  return result.kind === "timeout" || !/(?:unrecognized|unknown) option/i.test(result.stderr);
}

function arrayOrNothing(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}
