import { isRunning } from "../../settings/is-running.ts";
import type { RunningApp } from "../../sync/go-back/go-back.ts";
import type { Context, Deps } from "../deps.ts";
import { shortPath } from "../user-path.ts";

/** A file that is about to be written. */
type Written = { readonly path: string; readonly app: string | undefined };

/**
 * Apps that run and may overwrite what is restored under them when they end. Tells and stops nothing; where the system
 * does not say what runs, none.
 */
export async function runningApps(
  { settings, home }: Pick<Deps, "settings" | "home">,
  files: readonly Written[],
  { signal }: Pick<Context, "signal">,
): Promise<readonly RunningApp[]> {
  const { system } = settings.machine;
  const byApp = new Map<string, string[]>();
  for (const { app, path } of files)
    if (app !== undefined) byApp.set(app, [...(byApp.get(app) ?? []), shortPath(path, home)]);
  if (byApp.size === 0) return [];
  const { catalogue } = await settings.openCatalogue();
  // Most apps do not mind; who runs is only asked for those that do.
  const minding = catalogue.list().filter(({ id, running }) => byApp.has(id) && running[system].length > 0);
  const running = minding.length === 0 ? undefined : await settings.processNames(signal);
  if (running === undefined) return [];
  return minding
    .filter((app) => isRunning(app, system, running))
    .map(({ id, name, hints }) => ({ id, name, hint: hints.quit, files: byApp.get(id) ?? [] }));
}
