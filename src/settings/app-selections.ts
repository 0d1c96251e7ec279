import type { AppDefinition } from "../config/app-definition.ts";
import { placesOn, type SettingsMachine } from "./places.ts";
import { preferencesSelection } from "./preferences/preferences.ts";
import { namedWithin } from "./named-by.ts";
import { cleanPattern, isGlob, type Selection } from "./selection.ts";

export type AppSelectionsInput = {
  readonly machine: SettingsMachine;
  /** Of the source, for every app. */
  readonly exclude: readonly string[];
  /** Apps all of whose files are kept encrypted. */
  readonly encrypt: (id: string) => boolean;
  /** Where macOS preferences are staged; undefined: there are none on this system. */
  readonly preferencesFolder: string | undefined;
};

/** What of an app lives on this machine; its files lie in `apps/<id>` of the repository, on every system in the same place. */
export function appSelections(
  app: AppDefinition,
  { machine, exclude, encrypt, preferencesFolder }: AppSelectionsInput,
): readonly Selection[] {
  const isExcluded = namedWithin(exclude);
  const ofPlaces = placesOn(app, machine).map(({ root, place }) => {
    // A file that the catalogue names was not named by the person who excludes it.
    const files = [...new Set([...place.files, ...place.encrypt])].filter(
      (pattern) => isGlob(pattern) || !isExcluded(cleanPattern(pattern)),
    );
    return {
      app: app.id,
      root,
      folder: place.as === "" ? `apps/${app.id}` : `apps/${app.id}/${place.as}`,
      files,
      exclude: [...place.exclude, ...exclude],
      encrypt: encrypt(app.id) ? files : place.encrypt,
    };
  });
  if (preferencesFolder === undefined || app.preferences.length === 0) return ofPlaces;
  return [...ofPlaces, preferencesSelection(app, { folder: preferencesFolder, encrypt: encrypt(app.id) })];
}
