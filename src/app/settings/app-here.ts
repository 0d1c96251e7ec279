import type { AppDefinition } from "../../config/app-definition.ts";
import type { SettingsSource } from "../../config/config.ts";
import { appSelections } from "../../settings/app-selections.ts";
import { type Found, findFiles } from "../../settings/find-files.ts";
import { seenNames } from "../../settings/seen-names.ts";
import { literalPart, type Selection } from "../../settings/selection.ts";
import type { Deps } from "../deps.ts";
import { neverGathered } from "./selections-of.ts";

/** What of an app is on this machine; only names, sizes and the like are looked at, no file is opened. */
export type AppHere = Found & {
  /** A program of it on PATH. */
  readonly program: string | undefined;
  /** macOS preference domains that are there. */
  readonly preferences: readonly string[];
};

/**
 * Looks for many apps one after the other: folders that several of them could have something in are listed once.
 * @returns undefined for an app of which nothing is here
 */
export function lookForApps(
  deps: Pick<Deps, "home" | "places" | "settings">,
  signal: AbortSignal,
): (app: AppDefinition, sources: readonly SettingsSource[]) => AppHere | undefined {
  const { home, settings } = deps;
  const { machine } = settings;
  const never = neverGathered(deps);
  const mayExist = seenNames({ home, isCaseSensitive: machine.system === "linux" });
  const findProgram = settings.findPrograms();
  return (app, sources) => {
    const selections = gatheredOf(app, sources, machine).flatMap((selection): readonly Selection[] => {
      const files = selection.files.filter((pattern) => mayExist(topOf(selection.root, pattern)));
      return files.length === 0 ? [] : [{ ...selection, files }];
    });
    const found = findFiles({ selections, never, home, signal });
    const program = firstOf(app.programs, findProgram);
    const preferences =
      machine.system === "macos" ? app.preferences.filter(isDomainHere(home, mayExist)) : [];
    const isHere = found.files.length + found.passedOver.length + preferences.length > 0;
    return isHere || program !== undefined ? { ...found, program, preferences } : undefined;
  };
}

/** As the sources that have it gather it, else as one would that has nothing to say of it. */
function gatheredOf(
  app: AppDefinition,
  sources: readonly SettingsSource[],
  machine: Deps["settings"]["machine"],
): readonly Selection[] {
  if (sources.length === 0)
    return appSelections(app, { machine, exclude: [], encrypt: () => false, preferencesFolder: undefined });
  return sources.flatMap(({ apps, exclude }) => {
    const isSealed = apps.some(({ name, encrypt }) => encrypt && name === app.id);
    return appSelections(app, { machine, exclude, encrypt: () => isSealed, preferencesFolder: undefined });
  });
}

function topOf(root: string, pattern: string): string {
  const relative = literalPart(pattern);
  return relative === "" ? root : `${root}/${relative}`;
}

function firstOf(names: readonly string[], find: (name: string) => string | undefined): string | undefined {
  for (const name of names) {
    const path = find(name);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** Of an app in a sandbox they lie in its container. */
function isDomainHere(home: string, mayExist: (path: string) => boolean): (domain: string) => boolean {
  return (domain) =>
    [`${home}/Library`, `${home}/Library/Containers/${domain}/Data/Library`].some((library) =>
      mayExist(`${library}/Preferences/${domain}.plist`),
    );
}
