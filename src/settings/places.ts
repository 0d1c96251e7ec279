/** Where an app's folders are on one machine. Pure: home and variables are told. */
import { posix, win32 } from "node:path";

import type { AppDefinition, AppPlace, AppSystem } from "../config/app-definition.ts";

/** What of a machine decides where settings lie. */
export type SettingsMachine = {
  readonly system: AppSystem;
  /** Absolute path. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** A place that exists on a machine's system. */
export type RootedPlace = {
  /** Absolute, `/`-separated on Windows too; nobody has looked whether it is there. */
  readonly root: string;
  readonly place: AppPlace;
};

/** Where each variable points when it is not set; of Windows only there. */
const FALLBACKS: Readonly<Record<string, string>> = {
  $XDG_CONFIG_HOME: ".config",
  $XDG_DATA_HOME: ".local/share",
  $XDG_STATE_HOME: ".local/state",
};
const WINDOWS_FALLBACKS: Readonly<Record<string, string>> = {
  $APPDATA: "AppData/Roaming",
  $LOCALAPPDATA: "AppData/Local",
};

const SYSTEMS: readonly AppSystem[] = ["linux", "macos", "windows"];

/** On which systems an app has settings anywhere. */
export function systemsOf({ places, preferences }: AppDefinition): readonly AppSystem[] {
  return SYSTEMS.filter(
    (system) =>
      places.some(({ at }) => at[system] !== undefined) || (system === "macos" && preferences.length > 0),
  );
}

export function placesOn(app: AppDefinition, machine: SettingsMachine): readonly RootedPlace[] {
  return app.places.flatMap((place) => {
    const root = placeRoot(place, machine);
    return root === undefined ? [] : [{ root, place }];
  });
}

/** Undefined when the place does not exist on that system. */
export function placeRoot(place: AppPlace, machine: SettingsMachine): string | undefined {
  const at = place.at[machine.system];
  if (at === undefined) return undefined;
  const [root = "", ...below] = at.split("/");
  const folder = rootFolder(root, machine);
  return folder === undefined ? undefined : posix.join(folder, ...below);
}

function rootFolder(root: string, { system, home, environment }: SettingsMachine): string | undefined {
  const { isAbsolute } = system === "windows" ? win32 : posix;
  const slashed = (path: string): string => (system === "windows" ? path.replaceAll("\\", "/") : path);
  // `$USERPROFILE` too is the home that the machine is said to have: two answers for one folder help nobody.
  if (root === "~" || root === "$USERPROFILE") return slashed(home);
  const fallback = FALLBACKS[root] ?? (system === "windows" ? WINDOWS_FALLBACKS[root] : undefined);
  if (fallback === undefined) return undefined;
  const set = environment[root.slice(1)];
  // A relative value is to be ignored: XDG Base Directory Specification, "Environment variables".
  if (set !== undefined && set !== "" && isAbsolute(set)) return slashed(set);
  return posix.join(slashed(home), fallback);
}
