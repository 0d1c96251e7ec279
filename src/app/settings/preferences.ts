import type { AppDefinition } from "../../config/app-definition.ts";
import {
  importPreferences,
  isStaged,
  type PreferencesMeans,
  stagedDomains,
  stagePreferences,
  type Unstaged,
} from "../../settings/preferences/preferences.ts";
import type { RepositoryFiles } from "../../settings/repository-files.ts";
import type { Restored } from "../../settings/restore.ts";
import type { PlannedFile } from "../../settings/restore-plan.ts";
import type { Selection } from "../../settings/selection.ts";
import { displayPath } from "../../git/paths.ts";
import { fromSystem } from "../../base/errors.ts";
import type { Deps } from "../deps.ts";

type Known = Pick<Deps, "settings">;

/** Before a gathering: what the system has now of the selected apps. Nothing where there are no preferences. */
export async function stageSelected(
  { settings }: Known,
  selections: readonly Selection[],
  signal: AbortSignal,
): Promise<{ readonly selections: readonly Selection[]; readonly unstaged: readonly Unstaged[] }> {
  const { preferences } = settings;
  const ids = new Set(selections.flatMap(({ app, staged }) => (staged === true ? [app] : [])));
  if (preferences === undefined || ids.size === 0) return { selections, unstaged: [] };
  const unstaged = await stage({ settings }, preferences, ({ id }) => ids.has(id), signal);
  // Else a file that was never made would count as one that was removed.
  const missing = new Set(unstaged.flatMap(({ path, isThere }) => (isThere ? [] : [path])));
  const left = selections.map((selection) =>
    selection.staged === true
      ? { ...selection, files: selection.files.filter((file) => !missing.has(`${selection.root}/${file}`)) }
      : selection,
  );
  return { selections: left, unstaged };
}

/** Before a restore: what the system has now of what the repository has. */
export async function stageKept(
  { settings }: Known,
  { versions }: RepositoryFiles,
  signal: AbortSignal,
): Promise<void> {
  const { preferences } = settings;
  if (preferences === undefined) return;
  const ids = new Set(
    [...versions.keys()].map(
      (path) => /(?:^|\/)apps\/([^/]+)\/macos-preferences\//.exec(displayPath(path))?.[1],
    ),
  );
  await stage({ settings }, preferences, ({ id }) => ids.has(id), signal);
}

async function stage(
  { settings }: Known,
  means: PreferencesMeans,
  isWanted: (app: AppDefinition) => boolean,
  signal: AbortSignal,
): Promise<readonly Unstaged[]> {
  const { catalogue } = await settings.openCatalogue();
  return stagePreferences(means, stagedDomains(means, catalogue.list().filter(isWanted)), signal);
}

/** After a restore: staged files that were written go on to the system. What it does not take is named. */
export async function handOver(
  { settings }: Known,
  { done, files }: { readonly done: Restored; readonly files: readonly PlannedFile[] },
  signal: AbortSignal,
): Promise<Restored> {
  const { preferences } = settings;
  if (preferences === undefined) return done;
  const refused: { path: string; reason: string }[] = [];
  for (const path of done.removed)
    if (isStaged(preferences, path))
      refused.push({ path, reason: "the system keeps the preferences it has" });
  const before = new Map(files.map((file) => [file.path, hereOf(file)]));
  for (const path of done.written) {
    if (!isStaged(preferences, path)) continue;
    try {
      const isTaken = await importPreferences(preferences, { path, expected: before.get(path) }, signal);
      if (!isTaken) refused.push({ path, reason: "it changed meanwhile" });
    } catch (error) {
      const { kind, message } = fromSystem(error, `import ${path}`);
      if (kind === "interrupted") throw error;
      refused.push({ path, reason: message });
    }
  }
  if (refused.length === 0) return done;
  const isRefused = new Set(refused.map(({ path }) => path));
  const inStep = new Map(done.inStep);
  for (const { path, copy } of files) if (isRefused.has(path)) inStep.delete(copy);
  return {
    ...done,
    written: done.written.filter((path) => !isRefused.has(path)),
    removed: done.removed.filter((path) => !isRefused.has(path)),
    left: [...done.left, ...refused],
    inStep,
  };
}

function hereOf(file: PlannedFile): string | undefined {
  const here = file.is === "unknown" ? undefined : file.here;
  return here === undefined ? undefined : Buffer.from(here.bytes).toString("utf8");
}
