import type { AppSystem } from "../../config/app-definition.ts";
import type { SettingsSource } from "../../config/config.ts";
import { systemsOf } from "../../settings/places.ts";
import type { Deps } from "../deps.ts";
import { settingsSources, sourcesOf } from "./settings-source.ts";

export type ListedApp = {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** The person's own definition, also in place of a built-in one. */
  readonly isOwn: boolean;
  /** On which its settings lie anywhere. */
  readonly systems: readonly AppSystem[];
  /** Settings sources that gather it. */
  readonly sources: readonly string[];
};

export type AppList = {
  readonly system: AppSystem;
  readonly apps: readonly ListedApp[];
  /** How many are left out, for they have nothing on this system. */
  readonly elsewhere: number;
  /** Why definitions of the person's own do not count. */
  readonly problems: readonly string[];
};

/** The apps that lull knows; looks at no app's files. */
export async function listApps(
  deps: Deps,
  { allSystems }: { readonly allSystems: boolean },
): Promise<AppList> {
  const { catalogue, problems } = await deps.settings.openCatalogue();
  const { system } = deps.settings.machine;
  const sources = await knownSettings(deps);
  const all = catalogue.list().map((app) => ({
    id: app.id,
    name: app.name,
    about: app.about,
    isOwn: catalogue.isOwn(app.id),
    systems: systemsOf(app),
    sources: sourcesOf(sources, app.id).map(({ name }) => name),
  }));
  const apps = allSystems ? all : all.filter(({ systems }) => systems.includes(system));
  return {
    system,
    apps,
    elsewhere: all.length - apps.length,
    problems: problems.map(({ message }) => message),
  };
}

/** None when there is no config yet. */
export async function knownSettings({ config }: Pick<Deps, "config">): Promise<readonly SettingsSource[]> {
  return config.exists() ? settingsSources((await config.load()).config.sources) : [];
}
