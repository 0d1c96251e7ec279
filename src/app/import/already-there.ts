/** What of an import the config has already: run again, it writes nothing twice. Pure. */
import { sep } from "node:path";

import type { Source } from "../../config/config.ts";
import { shortPath } from "../user-path.ts";
import type { WantedFile, WantedSettings } from "./import.ts";

/** Leaves out what some source gathers already. */
export function notYetGathered(
  wanted: WantedSettings,
  existing: readonly Source[],
  home: string,
): WantedSettings {
  const settings = existing.filter((source) => source.kind === "settings");
  const apps = new Set(settings.flatMap((source) => source.apps.map(({ name }) => name)));
  const files = new Set(settings.flatMap((source) => source.files.map(({ path }) => shortPath(path, home))));
  const isNew = ({ path }: WantedFile): boolean => !files.has(path);
  return { apps: wanted.apps.filter((id) => !apps.has(id)), files: wanted.files.filter(isNew) };
}

export type FolderOwner = { readonly name: string; readonly directory: string };

/** The source that has this folder, one around it or one in it: each folder belongs to one source. */
export function ownerOf(directory: string, others: readonly FolderOwner[]): FolderOwner | undefined {
  const holds = (outer: string, inner: string): boolean =>
    outer === inner || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
  return others.find((other) => holds(other.directory, directory) || holds(directory, other.directory));
}

export function folderOwners(existing: readonly Source[]): readonly FolderOwner[] {
  return existing.flatMap((source) =>
    source.kind === "settings" ? [] : [{ name: source.name, directory: source.directory }],
  );
}

/** Whether two addresses lead to the same repository, whatever they are reached by: `git@host:a/b`, `https://host/a/b.git`. */
export function isSameRemote(one: string, other: string): boolean {
  return plainRemote(one) === plainRemote(other);
}

function plainRemote(url: string): string {
  const withoutScheme = url.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const withoutUser = withoutScheme.replace(/^[^/]*@/, "");
  const [, host = "", path = ""] = /^([^/:]*)(?::\d+)?[/:]*(.*)$/.exec(withoutUser) ?? [];
  return `${host.toLowerCase()}/${path.replace(/\/+$/, "").replace(/\.git$/, "")}`;
}
