import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { AppDefinition } from "../src/config/app-definition.ts";
import { parseAppFile } from "../src/config/app-file.ts";

export const appsFolder = join(import.meta.dir, "..", "src", "settings", "catalogue", "apps");

/** Every built-in app, by id. Throws when a file has a mistake. */
export function builtInApps(): readonly AppDefinition[] {
  return readdirSync(appsFolder)
    .sort()
    .map((file) => parseAppFile(readFileSync(join(appsFolder, file), "utf8"), join(appsFolder, file)));
}

/** The catalogue as the binary carries it: JSON, one app a line, so that a change shows as one line. */
export function renderCatalogue(apps: readonly AppDefinition[]): string {
  return `[\n${apps.map((app) => JSON.stringify(app)).join(",\n")}\n]\n`;
}
