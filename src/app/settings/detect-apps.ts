import type { AppSystem } from "../../config/app-definition.ts";
import type { FoundFile } from "../../settings/find-files.ts";
import type { Context, Deps } from "../deps.ts";
import { getEncryption } from "../get-encryption.ts";
import { shortPath } from "../user-path.ts";
import { lookForApps } from "./app-here.ts";
import { knownSettings } from "./list-apps.ts";
import { sourcesOf } from "./settings-source.ts";

export type DetectedApp = {
  readonly id: string;
  readonly name: string;
  readonly isOwn: boolean;
  /** Absolute path of a program of it. */
  readonly program: string | undefined;
  /** How many would be gathered, with those that are kept encrypted only. */
  readonly files: number;
  readonly bytes: number;
  readonly encrypted: number;
  /** macOS preference domains that would be exported. */
  readonly preferences: readonly string[];
  /** Settings sources that gather it already. */
  readonly sources: readonly string[];
};

export type Detection = {
  readonly system: AppSystem;
  /** How many apps were looked for. */
  readonly known: number;
  /** Those of which something is here. */
  readonly apps: readonly DetectedApp[];
  /** Of all settings sources. */
  readonly sources: readonly string[];
  readonly leftOut: {
    /** May be kept encrypted only, and this device has no key; paths with the home as `~`. */
    readonly noKey: readonly LeftOut[];
    readonly unreadable: readonly (LeftOut & { readonly reason: string })[];
  };
  readonly problems: readonly string[];
};

export type LeftOut = { readonly app: string; readonly path: string };

/**
 * Which apps are on this machine, and what would be gathered of each. Only names and sizes are looked at; no file is
 * opened, nothing is changed.
 */
export async function detectApps(deps: Deps, { signal }: Context): Promise<Detection> {
  const { catalogue, problems } = await deps.settings.openCatalogue();
  const sources = await knownSettings(deps);
  const look = lookForApps(deps, signal);
  const apps: DetectedApp[] = [];
  const sealed: FoundFile[] = [];
  const unreadable: (LeftOut & { readonly reason: string })[] = [];
  const all = catalogue.list();
  for (const app of all) {
    signal.throwIfAborted();
    const having = sourcesOf(sources, app.id);
    const here = look(app, having);
    if (here === undefined) continue;
    const encrypted = here.files.filter(({ encrypt }) => encrypt);
    sealed.push(...encrypted);
    for (const { path, reason } of here.passedOver)
      unreadable.push({ app: app.id, path: shortPath(path, deps.home), reason });
    apps.push({
      id: app.id,
      name: app.name,
      isOwn: catalogue.isOwn(app.id),
      program: here.program,
      files: here.files.length,
      bytes: here.files.reduce((sum, { stat }) => sum + stat.size, 0),
      encrypted: encrypted.length,
      preferences: here.preferences,
      sources: having.map(({ name }) => name),
    });
  }
  const hasKey = sealed.length === 0 || (await getEncryption(deps)) !== undefined;
  return {
    system: deps.settings.machine.system,
    known: all.length,
    apps,
    sources: sources.map(({ name }) => name),
    leftOut: {
      noKey: hasKey ? [] : sealed.map(({ app = "", path }) => ({ app, path: shortPath(path, deps.home) })),
      unreadable,
    },
    problems: problems.map(({ message }) => message),
  };
}
