/** A machine on which another tool was at work, and what an import makes of it. */
import { expect } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { ImportInput, Remark, Tool } from "../../src/app/import/import.ts";
import { type ImportPlan, planImport } from "../../src/app/import/plan-import.ts";
import { writeImport } from "../../src/app/import/write-import.ts";
import { parseAppFile } from "../../src/config/app-file.ts";
import { type Catalogue, openCatalogue } from "../../src/settings/catalogue/catalogue.ts";
import { composed, type Composed } from "./composed.ts";
import { type TreeSnapshot, treeSnapshot } from "./tree-snapshot.ts";

export type ImportMachine = Composed & {
  /** Below the home. */
  write(path: string, text: string, mode?: number): void;
  link(path: string, target: string): void;
  plan(tool: Tool, changes?: Partial<ImportInput>): Promise<ImportPlan>;
  /** Plans and writes; fails when anything but lull's own folders changed. */
  take(tool: Tool, changes?: Partial<ImportInput>): Promise<ImportPlan>;
};

/** @param known what the catalogue has, asked anew for each plan; left out: the real one */
export function importMachine(known: { apps?: Catalogue } = {}): ImportMachine {
  const bin = join(composed().outside, "bin");
  mkdirSync(bin);
  // The table of cron is the user's, whatever the home: this machine has one of its own.
  writeFileSync(join(bin, "crontab"), '#!/bin/sh\n[ "$1" = -l ] && exec cat "$HOME/.test-crontab"\n');
  chmodSync(join(bin, "crontab"), 0o755);
  const place = composed({ PATH: `${bin}:/usr/bin:/bin` });
  const { settings } = place.deps;
  const openKnown: typeof settings.openCatalogue = async () =>
    known.apps === undefined ? settings.openCatalogue() : { catalogue: known.apps, problems: [] };
  const deps = { ...place.deps, settings: { ...settings, openCatalogue: openKnown } };
  const inside = (path: string): string => {
    const file = join(place.home, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  const plan: ImportMachine["plan"] = (tool, changes = {}) =>
    planImport(deps, { ...NOTHING_GIVEN, tool, ...changes }, place.context);
  // Without lull's own folders, and those that hold nothing else.
  const home = (): TreeSnapshot => {
    const all = treeSnapshot(place.home, { without: ["lull"], exactModes: true });
    return Object.fromEntries(Object.entries(all).filter(([, what]) => what !== "empty folder"));
  };
  return {
    ...place,
    deps,
    write: (path, text, mode = 0o644) => writeFileSync(inside(path), text, { mode }),
    link: (path, target) => symlinkSync(target, inside(path)),
    plan,
    take: async (tool, changes) => {
      const before = home();
      const planned = await plan(tool, changes);
      await writeImport(deps, planned);
      expect(home()).toEqual(before);
      return planned;
    },
  };
}

const NOTHING_GIVEN = {
  name: undefined,
  remote: undefined,
  schedule: undefined,
  device: undefined,
  withFolder: false,
};

/** A catalogue of these apps, each with its settings in `~/.<id>rc`. */
export function catalogueOf(...ids: readonly string[]): Catalogue {
  const texts = ids.map((id) => ({ id, text: `name: ${id}\nplaces:\n  - { at: "~", files: [.${id}rc] }\n` }));
  const builtIn = texts.map(({ id, text }) => parseAppFile(text, `/${id}.yaml`));
  return openCatalogue({ builtIn, own: [] });
}

/** The names below the one remark whose text begins so; undefined: there is none. */
export function namesUnder(remarks: readonly Remark[], start: string): readonly string[] | undefined {
  return remarks.find(({ text }) => text.startsWith(start))?.names;
}
