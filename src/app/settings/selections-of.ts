import type { SettingsSource } from "../../config/config.ts";
import { appSelections } from "../../settings/app-selections.ts";
import { ownFiles, wholeHome } from "../../settings/own-files.ts";
import type { Selection } from "../../settings/selection.ts";
import { machineVariants, type Variants } from "../../settings/variants.ts";
import type { Deps } from "../deps.ts";

type Known = Pick<Deps, "home" | "settings">;

/**
 * What a settings source gathers on this machine.
 * @throws LullError `BAD_PATH` (kind `config`), `UNKNOWN_APP` (kind `usage`)
 */
export async function selectionsOf(deps: Known, source: SettingsSource): Promise<readonly Selection[]> {
  return [...(await ofApps(deps, source)), ...ownFiles({ ...source, home: deps.home })];
}

/** Where any copy in its repository belongs, also of apps and files that only other devices gather. */
export async function placesOf(deps: Known): Promise<readonly Selection[]> {
  const { catalogue } = await deps.settings.openCatalogue();
  const { machine, preferences } = deps.settings;
  const means = { machine, exclude: [], encrypt: () => false, preferencesFolder: preferences?.folder };
  const all = catalogue.list().flatMap((app) => appSelections(app, means));
  // The longest first: an app's folder may hold another place of it.
  all.sort((a, b) => b.folder.length - a.folder.length);
  return [...all, ...wholeHome(deps.home)];
}

async function ofApps({ settings }: Known, source: SettingsSource): Promise<readonly Selection[]> {
  if (source.apps.length === 0) return [];
  const { catalogue } = await settings.openCatalogue();
  const sealed = new Set(source.apps.filter(({ encrypt }) => encrypt).map(({ name }) => name));
  const means = {
    machine: settings.machine,
    exclude: source.exclude,
    encrypt: (id: string) => sealed.has(id),
    preferencesFolder: settings.preferences?.folder,
  };
  return source.apps.flatMap(({ name }) => appSelections(catalogue.find(name), means));
}

export function variantsOf(
  { home, settings }: Known,
  of: { readonly source: SettingsSource; readonly device: string; readonly directory: string },
): Variants {
  const { source, device, directory } = of;
  return machineVariants({
    directory,
    system: settings.machine.system,
    device,
    rules: source.variants,
    home,
  });
}

/** Folders of lull's own, whatever a pattern names. */
export function neverGathered({ places }: Pick<Deps, "places">): readonly string[] {
  return [places.dataDirectory, places.stateDirectory, places.cacheDirectory];
}
