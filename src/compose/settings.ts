import { join } from "node:path";

import type { SettingsMeans } from "../app/deps.ts";
import { openFileSystemSync } from "../platform/file-system-sync.ts";
import { openFolderStats } from "../platform/folder-stats.ts";
import { guardedRename } from "../platform/guarded-rename.ts";
import type { Places } from "../platform/paths.ts";
import { runProgram } from "../platform/run-program.ts";
import { programsOnPath } from "../platform/programs-on-path.ts";
import type { System } from "../platform/system.ts";

export type SettingsInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly places: Places;
  readonly system: System;
};

/** What gathering and restoring need of this machine. */
export function composeSettings({ env, home, places, system }: SettingsInput): SettingsMeans {
  let opened: ReturnType<SettingsMeans["openCatalogue"]> | undefined;
  const open = async (): ReturnType<SettingsMeans["openCatalogue"]> => {
    const { loadCatalogue } = await import("../settings/catalogue/catalogue.ts");
    return loadCatalogue(join(places.configDirectory, "apps"));
  };
  return {
    openSync: openFileSystemSync,
    openFolderStats,
    hasModes: system !== "windows",
    get rename() {
      return guardedRename();
    },
    machine: { system, home, environment: env },
    preferences:
      system === "macos"
        ? { folder: join(places.stateDirectory, "preferences"), program: "/usr/bin/defaults", runProgram }
        : undefined,
    processNames: async (signal) => {
      const { processNames } = await import("../platform/process-names.ts");
      const userId = process.getuid?.();
      return processNames({ system, processFolder: "/proc", userId, runProgram }, signal);
    },
    definitionText: async (app) => (await import("../config/app-text.ts")).appText(app),
    findPrograms: () => programsOnPath(env),
    openCatalogue: () => (opened ??= open()),
  };
}
