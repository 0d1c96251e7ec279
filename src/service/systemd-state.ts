/** What `systemctl show` tells about the unit. Pure. */
import { UNIT } from "./systemd-unit.ts";

/** `systemctl show` knows each of them since systemd 239. */
export const STATE_PROPERTIES = [
  "LoadState",
  "ActiveState",
  "SubState",
  "MainPID",
  "ExecMainStartTimestamp",
  "ExecMainStatus",
  "Result",
  "FragmentPath",
  "NeedDaemonReload",
] as const;

type Property = (typeof STATE_PROPERTIES)[number];

export type UnitState = {
  /** `active`, `activating`, `reloading`, `failed`, `inactive` … */
  readonly state: string;
  readonly running: { readonly pid: number | undefined; readonly since: number | undefined } | undefined;
  readonly masked: boolean;
  /** The file on disk is newer than what the manager has read. */
  readonly needsReload: boolean;
  /** The file that the manager took the unit from; undefined: none. */
  readonly fragment: string | undefined;
  /** Why it failed: `exit-code`, `watchdog`, `timeout` …, and the exit status. */
  readonly failure: { readonly result: string; readonly status: number } | undefined;
};

/** @param output of `systemctl show`, asked for with `TZ=UTC` */
export function readUnitState(output: string): UnitState {
  const values = properties(output);
  const value = (name: Property): string => values.get(name) ?? "";
  const state = value("ActiveState") === "" ? "inactive" : value("ActiveState");
  const pid = Number(value("MainPID"));
  const runs = ["active", "activating", "reloading", "deactivating"].includes(state) && pid > 0;
  return {
    state: value("SubState") === "auto-restart" ? "waiting to restart" : state,
    running: runs ? { pid, since: instant(value("ExecMainStartTimestamp")) } : undefined,
    masked: value("LoadState") === "masked",
    needsReload: value("NeedDaemonReload") === "yes",
    fragment: value("FragmentPath") === "" ? undefined : value("FragmentPath"),
    failure:
      state === "failed" || value("SubState") === "auto-restart"
        ? { result: value("Result"), status: Number(value("ExecMainStatus")) }
        : undefined,
  };
}

/** @param output of `systemctl is-enabled`; `show` may still tell of the time before a `disable` (systemd 252) */
export function isEnabled(output: string): boolean {
  return ["enabled", "enabled-runtime"].includes(output.trim());
}

export type ManagerFacts = {
  readonly version: number | undefined;
  /** Folders in which the manager looks for units, the first one wins. */
  readonly unitPath: readonly string[];
};

/** @param output of `systemctl show --property=Version --property=UnitPath` */
export function readManagerFacts(output: string): ManagerFacts {
  const values = properties(output);
  const version = Number.parseInt(values.get("Version") ?? "", 10);
  return {
    version: Number.isNaN(version) ? undefined : version,
    unitPath: (values.get("UnitPath") ?? "").split(" ").filter((folder) => folder !== ""),
  };
}

export function describeFailure({ result, status }: NonNullable<UnitState["failure"]>): string {
  return result === "exit-code" || result === "" ? `exit status ${status}` : `${result}, status ${status}`;
}

/** Who answers and who runs it: for the commands of a hint. */
export function unitCommand(scope: "user" | "system", verb: string): string {
  return scope === "user" ? `systemctl --user ${verb} ${UNIT}` : `sudo systemctl ${verb} ${UNIT}`;
}

function properties(output: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of output.split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  return values;
}

/** `Sat 2026-11-21 20:55:02 UTC`; empty where it never ran. */
function instant(text: string): number | undefined {
  const found = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC$/.exec(text);
  const at = found === null ? Number.NaN : Date.parse(`${found[1]}T${found[2]}Z`);
  return Number.isNaN(at) ? undefined : at;
}
