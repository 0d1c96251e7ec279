import { LullError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest-word.ts";
import type { SettingsSource } from "../../config/config.ts";
import type { Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import { nameOf } from "./add-apps.ts";
import { settingsNamed } from "./settings-source.ts";

export type RemoveAppsResult = {
  readonly source: string;
  readonly removed: readonly string[];
  readonly configFile: string;
  readonly dryRun: boolean;
};

/**
 * Takes apps out of a settings source; their files here and the copies in the repository stay. An app that no catalogue
 * knows any more can be taken out, too.
 * @throws LullError `NO_SUCH_APP`, `NO_SETTINGS` (kind `usage`), those of the config
 */
export async function removeApps(
  deps: Deps,
  input: { readonly apps: readonly string[]; readonly source: string | undefined; readonly dryRun: boolean },
): Promise<RemoveAppsResult> {
  const { sources } = (await deps.config.load()).config;
  const source = settingsNamed(sources, input.source);
  const removed = [...new Set(input.apps)];
  for (const app of removed) if (!source.apps.some(({ name }) => name === app)) throw noSuchApp(source, app);
  const change = (item: unknown): unknown => (removed.includes(nameOf(item)) ? undefined : item);
  const { dryRun } = input;
  await deps.config.editList(["sources", source.name, "apps"], { change }, { dryRun });
  if (!dryRun)
    noteChange(deps, { action: "apps remove", source: source.name, detail: { apps: removed.join(" ") } });
  return { source: source.name, removed, configFile: deps.config.file, dryRun };
}

function noSuchApp({ name, apps }: SettingsSource, wanted: string): LullError {
  const nearest = nearestWord(
    wanted,
    apps.map((app) => app.name),
  );
  return new LullError({
    kind: "usage",
    code: "NO_SUCH_APP",
    message: `"${name}" does not gather an app "${wanted}"`,
    hint:
      nearest === undefined
        ? `it gathers ${apps.length === 0 ? "no app yet" : apps.map((app) => app.name).join(", ")}`
        : `did you mean "${nearest}"?`,
  });
}
