import { join } from "node:path";

import type { Context, Deps, NewSource } from "../deps.ts";
import { shortPath } from "../user-path.ts";
import { drawSources } from "./draw-sources.ts";
import { furtherSteps } from "./further-steps.ts";
import type { Findings, ImportInput, ImportMeans, Remark, Tool } from "./import.ts";
import { knownApps } from "./known-apps.ts";
import { readChezmoi } from "./read-chezmoi.ts";
import { readGitwatch } from "./read-gitwatch.ts";
import { readMackup } from "./read-mackup.ts";
import { readYadm } from "./read-yadm.ts";

export type ImportPlan = {
  readonly tool: Tool;
  /** What was looked at, for people. */
  readonly found: readonly string[];
  readonly sources: readonly NewSource[];
  /** The lines of the config that they are; empty: none. */
  readonly sourcesText: string;
  readonly apps: readonly PlannedApp[];
  /** What the config has already, for people. */
  readonly alreadyThere: readonly string[];
  readonly leftOut: readonly Remark[];
  readonly steps: readonly Remark[];
  readonly configFile: string;
  /** Whether there is a config file; else one is made. */
  readonly configExists: boolean;
  readonly device: string;
};

/** A definition of an app, with the file that it goes to. */
export type PlannedApp = { readonly id: string; readonly file: string; readonly text: string };

/**
 * Reads the other tool's setup and says what an import would write. Changes nothing.
 * @throws LullError `NOTHING_TO_IMPORT`, `IMPORT_UNREADABLE`, `FOREIGN_REMOTE`, `NAME_TAKEN`, `BAD_SOURCE`, and what the
 *   config and the engine have to say
 */
export async function planImport(deps: Deps, input: ImportInput, context: Context): Promise<ImportPlan> {
  const means = await deps.importMeans();
  const findings = await read(deps, { means, input }, context);
  const configExists = deps.config.exists();
  const existing = configExists ? (await deps.config.load()).config.sources : [];
  const drawn = await drawSources(deps, { input, findings, existing });
  const apps = definitions(deps, means, findings);
  return {
    tool: input.tool,
    found: findings.found,
    sources: drawn.sources,
    sourcesText: drawn.sources.length === 0 ? "" : await deps.config.textOfSources(drawn.sources),
    apps: apps.planned,
    alreadyThere: drawn.alreadyThere,
    leftOut: [...findings.leftOut, ...drawn.leftOut, ...apps.leftOut],
    steps: [...findings.steps, ...furtherSteps(input, { findings, sources: drawn.sources })],
    configFile: deps.config.file,
    configExists,
    device: input.device ?? deps.hostName,
  };
}

async function read(
  deps: Deps,
  { means, input }: { readonly means: ImportMeans; readonly input: ImportInput },
  { signal }: Context,
): Promise<Findings> {
  const { git } = deps;
  switch (input.tool) {
    case "mackup":
      return readMackup(means, await knownApps(deps, means.files));
    case "chezmoi":
      return readChezmoi(means, { git, withFolder: input.withFolder });
    case "yadm":
      return readYadm(means, git);
    case "gitwatch":
      return readGitwatch(means, git, signal);
  }
}

/** A file of the person's own in their place stays. */
function definitions(
  deps: Deps,
  means: ImportMeans,
  { apps }: Findings,
): { readonly planned: readonly PlannedApp[]; readonly leftOut: readonly Remark[] } {
  const planned: PlannedApp[] = [];
  const kept: string[] = [];
  for (const { id, ...definition } of apps) {
    const file = join(deps.places.configDirectory, "apps", `${id}.yaml`);
    const text = means.toYaml(definition);
    const before = means.files.text(file);
    if (before === undefined) planned.push({ id, file, text });
    else if (before !== text) kept.push(shortPath(file, deps.home));
  }
  const text = "definitions that are there already and say something else; they are kept as they are";
  return { planned, leftOut: kept.length === 0 ? [] : [{ text, names: kept }] };
}
