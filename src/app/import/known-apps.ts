import { join } from "node:path";

import type { AppDefinition } from "../../config/app-definition.ts";
import { placesOn, type SettingsMachine } from "../../settings/places.ts";
import { isGlob, literalPart } from "../../settings/selection.ts";
import type { Deps } from "../deps.ts";
import type { FileReader, KnownApps } from "./import.ts";

export async function knownApps({ settings }: Pick<Deps, "settings">, files: FileReader): Promise<KnownApps> {
  const apps = (await settings.openCatalogue()).catalogue.list();
  const ids = new Set(apps.map(({ id }) => id));
  return { knows: (id) => ids.has(id), here: () => appsHere(apps, settings.machine, files) };
}

/** The ids of the apps of which some file or folder lies where the catalogue says. */
export function appsHere(
  apps: readonly AppDefinition[],
  machine: SettingsMachine,
  files: FileReader,
): readonly string[] {
  const isHere = (app: AppDefinition): boolean =>
    placesOn(app, machine).some(({ root, place }) =>
      [...place.files, ...place.encrypt].some((pattern) => isThere(files, root, pattern)),
    );
  return apps.filter(isHere).map(({ id }) => id);
}

/** Of a pattern, whether a name fits its first part that is one: all of it is looked for when it is gathered. */
function isThere(files: FileReader, root: string, pattern: string): boolean {
  const literal = literalPart(pattern);
  const first = pattern.split("/").find(isGlob);
  const folder = join(root, literal);
  if (first === undefined) return files.kind(folder) !== undefined;
  const glob = new Bun.Glob(first);
  return files.list(folder)?.some(({ name }) => glob.match(name)) === true;
}
