import { LullError } from "../../base/errors.ts";
import type { SettingsSource, Source } from "../../config/config.ts";

export function settingsSources(sources: readonly Source[]): readonly SettingsSource[] {
  return sources.filter((source) => source.kind === "settings");
}

/**
 * The settings source of that name, or the only one.
 * @throws LullError `NO_SETTINGS`, `MISSING_ARGUMENT` (kind `usage`)
 */
export function settingsNamed(sources: readonly Source[], name: string | undefined): SettingsSource {
  const all = settingsSources(sources);
  const [only, ...others] = all;
  if (name === undefined && only !== undefined && others.length === 0) return only;
  const named = all.find((source) => source.name === name);
  if (named !== undefined) return named;
  throw new LullError({
    kind: "usage",
    code: name === undefined && only !== undefined ? "MISSING_ARGUMENT" : "NO_SETTINGS",
    message:
      name === undefined
        ? only === undefined
          ? "there is no settings source yet"
          : `which one? There are ${all.map((source) => source.name).join(", ")}`
        : `"${name}" is no settings source`,
    hint:
      only === undefined
        ? "`lull apps detect` shows what it could hold; `lull apps add APP` makes one"
        : "`lull list` shows the sources and their kinds",
  });
}

/** Which settings sources gather an app. */
export function sourcesOf(sources: readonly SettingsSource[], app: string): readonly SettingsSource[] {
  return sources.filter(({ apps }) => apps.some(({ name }) => name === app));
}
