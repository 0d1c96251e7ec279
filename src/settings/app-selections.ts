import type { AppDefinition } from "../config/app-definition.ts";
import { placesOn, type SettingsMachine } from "./places.ts";
import type { Selection } from "./selection.ts";

export type AppSelectionsInput = {
  readonly machine: SettingsMachine;
  /** Of the source, for every app. */
  readonly exclude: readonly string[];
  /** Apps all of whose files are kept encrypted. */
  readonly encrypt: (id: string) => boolean;
};

/** What of an app lives on this machine; its files lie in `apps/<id>` of the repository, on every system in the same place. */
export function appSelections(
  app: AppDefinition,
  { machine, exclude, encrypt }: AppSelectionsInput,
): readonly Selection[] {
  return placesOn(app, machine).map(({ root, place }) => {
    const files = [...new Set([...place.files, ...place.encrypt])];
    return {
      app: app.id,
      root,
      folder: place.as === "" ? `apps/${app.id}` : `apps/${app.id}/${place.as}`,
      files,
      exclude: [...place.exclude, ...exclude],
      encrypt: encrypt(app.id) ? files : place.encrypt,
    };
  });
}
