/** A person's own definitions of apps: one YAML file each in one folder. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import type { AppDefinition } from "../../config/app-definition.ts";

export type OwnApps = {
  readonly apps: readonly AppDefinition[];
  /** Why a file was left out, or the whole folder. */
  readonly problems: readonly LullError[];
};

/** Each file by itself: one with a mistake does not take the others away. A folder that is not there has none. */
export async function readOwnApps(folder: string): Promise<OwnApps> {
  const problems: LullError[] = [];
  const files = definitionsIn(folder, problems);
  // Most people have none, and need neither the parser nor the schema.
  if (files.length === 0) return { apps: [], problems };
  const { readAppFile } = await import("../../config/app-file.ts");
  const apps = new Map<string, AppDefinition>();
  for (const file of files) {
    try {
      const app = readAppFile(join(folder, file));
      if (apps.has(app.id)) throw twice(join(folder, file), app.id);
      apps.set(app.id, app);
    } catch (error) {
      problems.push(fromSystem(error, `read ${join(folder, file)}`));
    }
  }
  return { apps: [...apps.values()], problems };
}

function definitionsIn(folder: string, problems: LullError[]): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[^.].*\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") problems.push(fromSystem(error, `read the folder ${folder}`));
    return [];
  }
}

function twice(file: string, id: string): LullError {
  return new LullError({
    kind: "config",
    code: "APP_TWICE",
    message: `${file}: the app "${id}" is defined by another file of this folder already`,
    hint: "keep one of the two",
    data: { file },
  });
}
