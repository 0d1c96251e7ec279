import { dirname } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import type { Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import type { ImportPlan } from "./plan-import.ts";

/**
 * Writes what was planned, and nothing else. Definitions come first: a source must find the apps that it names.
 * @returns what the config warns of now and did not before
 */
export async function writeImport(deps: Deps, plan: ImportPlan): Promise<readonly string[]> {
  const before = deps.config.exists() ? (await deps.config.load()).warnings : [];
  for (const { file, text } of plan.apps) {
    makePrivateDirectory(dirname(file));
    writeFileAtomic(file, text, { mode: 0o600 });
  }
  if (!deps.config.exists()) await deps.config.create({ device: plan.device });
  if (plan.sources.length > 0) await deps.config.addSources(plan.sources, { dryRun: false });
  noteChange(deps, {
    action: "import",
    source: undefined,
    detail: {
      tool: plan.tool,
      sources: plan.sources.map(({ name }) => name).join(", "),
      apps: plan.apps.map(({ id }) => id).join(", "),
    },
  });
  return (await deps.config.load()).warnings.filter((warning) => !before.includes(warning));
}
