/** mackup's own settings: where it keeps its copies, and which apps it is to take. */
import { join } from "node:path";

import { LullError } from "../../base/errors.ts";
import { xdgFolder } from "./xdg-folder.ts";
import type { ImportMeans } from "./import.ts";
import { type IniEntry, readIni } from "./ini-text.ts";

export type MackupSettings = {
  /** Undefined: mackup works without one. */
  readonly file: string | undefined;
  readonly engine: string;
  /** Absolute; undefined: it can not be told. */
  readonly storage: string | undefined;
  /** Lower case; empty: all apps that mackup knows. */
  readonly toSync: readonly string[];
  readonly toIgnore: readonly string[];
};

/** @throws LullError `IMPORT_UNREADABLE` (kind `config`) */
export function readMackupSettings(means: ImportMeans): MackupSettings {
  const places = settingsFiles(means);
  const found = places
    .map((file) => ({ file, text: means.files.text(file) }))
    .find(({ text }) => text !== undefined);
  const sections = sectionsOf(found?.file ?? "", found?.text ?? "");
  const entries = (...names: readonly string[]): readonly IniEntry[] =>
    names.flatMap((name) => sections.get(name) ?? []);
  const storage = entries("storage");
  // A key counts in any case, as mackup reads it.
  const value = (key: string): string | undefined =>
    storage.findLast((entry) => entry.key.toLowerCase() === key)?.value;
  const engine = value("engine") ?? "dropbox";
  const top = storageTop(means, engine, value("path"));
  const keys = (list: readonly IniEntry[]): readonly string[] => [
    ...new Set(list.map(({ key }) => key.toLowerCase())),
  ];
  return {
    file: found?.file,
    engine,
    storage: top === undefined ? undefined : join(top, value("directory") ?? "Mackup"),
    // The second names are those of old versions.
    toSync: keys(entries("applications_to_sync", "Allowed Applications")),
    toIgnore: keys(entries("applications_to_ignore", "Ignored Applications")),
  };
}

/** Where mackup looks for them, in its order. */
export function settingsFiles(means: ImportMeans): readonly string[] {
  const { environment, home } = means;
  const named = environment["MACKUP_CONFIG"];
  return [
    join(home, ".mackup.cfg"),
    ...(named === undefined || named === "" ? [] : [named.replace(/^~(?=\/|$)/, home)]),
    join(xdgFolder(means, "config"), "mackup", "mackup.cfg"),
  ];
}

function sectionsOf(file: string, text: string): ReadonlyMap<string, readonly IniEntry[]> {
  const ini = readIni(text, { inlineComments: true });
  if (ini.kind === "sections") return ini.sections;
  throw new LullError({
    kind: "config",
    code: "IMPORT_UNREADABLE",
    message: `line ${ini.line} of ${file} belongs to no section`,
    causes: ["a line `[storage]` or `[applications_to_sync]` is missing above it"],
    hint: "correct the file, as mackup itself would not read it either; then run the command again",
  });
}

function storageTop(means: ImportMeans, engine: string, path: string | undefined): string | undefined {
  const { files, home } = means;
  const known = (candidates: readonly string[]): string | undefined =>
    candidates.find((folder) => files.kindBehind(folder) === "folder");
  switch (engine) {
    case "file_system":
      if (path === undefined || path === "") return undefined;
      return path.startsWith("/") ? path : join(home, path.replace(/^~\//, ""));
    case "icloud":
      return join(home, "Library/Mobile Documents/com~apple~CloudDocs");
    case "dropbox":
      return known([...dropboxFolder(means), join(home, "Dropbox")]);
    case "google_drive":
      return known([join(home, "Google Drive"), join(home, "GoogleDrive")]);
    default:
      return undefined;
  }
}

/** Dropbox notes its folder down in the second line, in base64. */
function dropboxFolder({ files, home }: ImportMeans): readonly string[] {
  const line = files.text(join(home, ".dropbox/host.db"))?.split(/\s+/)[1] ?? "";
  const folder = Buffer.from(line, "base64").toString("utf8");
  return folder.startsWith("/") && !folder.includes("\0") ? [folder] : [];
}
