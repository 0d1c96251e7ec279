import type { AppDefinition, AppSystem } from "../../config/app-definition.ts";
import { placesOn, systemsOf } from "../../settings/places.ts";
import type { Context, Deps } from "../deps.ts";
import { getEncryption } from "../get-encryption.ts";
import { shortPath } from "../user-path.ts";
import { lookForApps } from "./app-here.ts";
import { knownSettings } from "./list-apps.ts";
import { sourcesOf } from "./settings-source.ts";

export type ShownApp = Pick<AppDefinition, "id" | "name" | "about" | "hints"> & {
  readonly isOwn: boolean;
  readonly systems: readonly AppSystem[];
  readonly sources: readonly string[];
  /** Absolute path of a program of it; undefined: none is on PATH. */
  readonly program: string | undefined;
  /** On this machine; paths with the home as `~`. */
  readonly places: readonly ShownPlace[];
  /** macOS preference domains. */
  readonly preferences: readonly string[];
  readonly files: readonly ShownFile[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Whether this device can encrypt; undefined: nothing has to be. */
  readonly hasKey: boolean | undefined;
  readonly problems: readonly string[];
  /** The YAML file that says all this, for a definition of one's own. */
  readonly definition: string;
};

export type ShownPlace = {
  readonly root: string;
  /** In the repository. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly exclude: readonly string[];
  readonly encrypt: readonly string[];
};

export type ShownFile = { readonly path: string; readonly bytes: number; readonly encrypt: boolean };

/** What lull knows of an app, and what of it is here. @throws LullError `UNKNOWN_APP` (kind `usage`) */
export async function showApp(
  deps: Deps,
  { id }: { readonly id: string },
  { signal }: Context,
): Promise<ShownApp> {
  const { catalogue, problems } = await deps.settings.openCatalogue();
  const app = catalogue.find(id);
  const sources = sourcesOf(await knownSettings(deps), app.id);
  const here = lookForApps(deps, signal)(app, sources);
  const files = here?.files ?? [];
  const needsKey = files.some(({ encrypt }) => encrypt);
  const short = (path: string): string => shortPath(path, deps.home);
  return {
    id: app.id,
    name: app.name,
    about: app.about,
    hints: app.hints,
    isOwn: catalogue.isOwn(app.id),
    systems: systemsOf(app),
    sources: sources.map(({ name }) => name),
    program: here?.program,
    places: placesOn(app, deps.settings.machine).map(({ root, place }) => ({
      root: short(root),
      folder: place.as === "" ? `apps/${app.id}` : `apps/${app.id}/${place.as}`,
      files: place.files,
      exclude: place.exclude,
      encrypt: place.encrypt,
    })),
    preferences: deps.settings.machine.system === "macos" ? app.preferences : [],
    files: files.map(({ path, stat, encrypt }) => ({ path: short(path), bytes: stat.size, encrypt })),
    unreadable: (here?.passedOver ?? []).map(({ path, reason }) => ({ path: short(path), reason })),
    hasKey: needsKey ? (await getEncryption(deps)) !== undefined : undefined,
    definition: await deps.settings.definitionText(app),
    problems: problems.map(({ message }) => message),
  };
}
