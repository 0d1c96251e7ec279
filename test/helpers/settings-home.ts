/** A home with a settings source, wired as the program is, for tests of the settings kind. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { WentBack } from "../../src/app/go-back.ts";
import { bringBack, undoSync } from "../../src/app/go-back.ts";
import { adoptSettings, type Adoption, type AdoptInput } from "../../src/app/settings/adopt-settings.ts";
import { syncSources } from "../../src/app/sync-sources.ts";
import type { SyncRun } from "../../src/sync/outcome.ts";
import { composed, type Composed } from "./composed.ts";

export type SettingsHome = Composed & {
  readonly managed: string;
  write(path: string, content: string, mode?: number): void;
  link(path: string, target: string): void;
  read(path: string): string;
  mode(path: string): number;
  has(path: string): boolean;
  remove(path: string): void;
  sync(dryRun?: boolean): Promise<SyncRun>;
  restore(
    what?: readonly string[],
    more?: { at?: string; time?: number; outside?: boolean; dryRun?: boolean },
  ): Promise<WentBack>;
  undo(dryRun?: boolean): Promise<WentBack>;
  adopt(decide: AdoptInput["decide"], dryRun?: boolean): Promise<Adoption>;
};

export type SettingsHomeOptions = {
  readonly device: string;
  readonly remote: string;
  /** Undefined: `more` says them. */
  readonly files: readonly string[] | undefined;
  readonly mode?: "backup" | "two-way";
  /** Further lines of the source, e.g. `exclude: ["*.log"]`. */
  readonly more?: readonly string[];
};

export function settingsHome({
  device,
  remote,
  files,
  mode = "backup",
  more = [],
}: SettingsHomeOptions): SettingsHome {
  const place = composed({ LULL_DEVICE: device });
  const lines = [
    "version: 1",
    "sources:",
    "  settings:",
    "    settings: {}",
    `    remote: ${JSON.stringify(remote)}`,
    `    mode: ${mode}`,
    ...(files === undefined ? [] : [`    files: ${JSON.stringify(files)}`]),
    ...more.map((line) => `    ${line}`),
  ];
  mkdirSync(dirname(place.configFile), { recursive: true });
  writeFileSync(place.configFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const inside = (path: string): string => join(place.home, path);
  const { deps, context } = place;
  return {
    ...place,
    managed: join(place.dataDirectory, "settings/settings"),
    write(path, content, permissions = 0o644) {
      mkdirSync(dirname(inside(path)), { recursive: true });
      writeFileSync(inside(path), content);
      chmodSync(inside(path), permissions);
    },
    link(path, target) {
      mkdirSync(dirname(inside(path)), { recursive: true });
      symlinkSync(target, inside(path));
    },
    read: (path) => readFileSync(inside(path), "utf8"),
    mode: (path) => statSync(inside(path)).mode & 0o777,
    has: (path) => existsSync(inside(path)),
    remove: (path) => rmSync(inside(path), { recursive: true }),
    async sync(dryRun = false) {
      const [run] = (await syncSources(deps, { names: [], dryRun }, context)).runs;
      if (run === undefined) throw new Error("nothing was synced");
      return run;
    },
    restore: (what = [], { at, time, outside = false, dryRun = false } = {}) =>
      bringBack(
        deps,
        {
          kind: "restore",
          name: "settings",
          paths: what,
          to: at === undefined && time === undefined ? undefined : { text: at, time },
          outside,
          dryRun,
        },
        context,
      ),
    undo: (dryRun = false) => undoSync(deps, { name: "settings", dryRun }, context),
    adopt: (decide, dryRun = false) => adoptSettings(deps, { name: undefined, decide, dryRun }, context),
  };
}
