/** The use-cases of `lull config`: thin, because the config folder does the work. */
import { redact, redactIn } from "../base/redact.ts";
import type { Config } from "../config/config.ts";
import { auditedValue } from "./audited-value.ts";
import type { Deps } from "./deps.ts";
import { noteChange } from "./history.ts";

export type ConfigShown = {
  readonly file: string;
  /** As it stands, without the passwords of URLs. */
  readonly text: string;
  /** With every default filled in. */
  readonly resolved: Config;
  readonly warnings: readonly string[];
};

/** Throws kind `config` with every problem when the file is not valid. */
export async function showConfig(deps: Deps): Promise<ConfigShown> {
  const { config, warnings } = await deps.config.load();
  return {
    file: deps.config.file,
    text: redact(await deps.config.text()),
    resolved: redactIn(config),
    warnings,
  };
}

export type ConfigChecked = {
  readonly file: string;
  readonly sources: number;
  readonly warnings: readonly string[];
};

export async function checkConfig(deps: Deps): Promise<ConfigChecked> {
  const { config, warnings } = await deps.config.load();
  const ofFiles = await authorityWarnings(deps, config);
  return { file: deps.config.file, sources: config.sources.length, warnings: [...warnings, ...ofFiles] };
}

/** The config itself is right with a file that is not there yet; but no https remote is reached until it is. */
async function authorityWarnings(
  deps: Pick<Deps, "authoritiesProblem">,
  { transport, sources }: Config,
): Promise<readonly string[]> {
  const paths = new Set([transport, ...sources.map((source) => source.transport)].map(({ ca }) => ca));
  const warnings: string[] = [];
  for (const path of paths) {
    const problem = path === undefined ? undefined : await deps.authoritiesProblem(path);
    if (problem !== undefined)
      warnings.push(`\`transport.ca\`: ${path} ${problem}; no https:// remote can be reached with it`);
  }
  return warnings;
}

/** Returns the value at a dotted path (`sources.notes.remote`), as the file says or by default. */
export async function getConfigValue(
  deps: Deps,
  path: string,
): Promise<{ readonly path: string; readonly value: unknown }> {
  return { path, value: await deps.config.get(path) };
}

export type ConfigSet = {
  readonly file: string;
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly dryRun: boolean;
};

/** Changes one value and keeps comments and layout; an edit that would make the file invalid is refused. */
export async function setConfigValue(
  deps: Deps,
  input: { readonly path: string; readonly value: string; readonly dryRun: boolean },
): Promise<ConfigSet> {
  const old = await deps.config.get(input.path);
  const set = await deps.config.set(input.path, input.value, { dryRun: input.dryRun });
  if (!input.dryRun) noteSet(deps, input.path, { before: old, after: set });
  const before = redactIn(old);
  const after = redactIn(set);
  return { file: deps.config.file, path: input.path, before, after, dryRun: input.dryRun };
}

function noteSet(
  deps: Deps,
  path: string,
  { before, after }: { readonly before: unknown; readonly after: unknown },
): void {
  noteChange(deps, {
    action: "config set",
    source: /^sources\.([^.]+)/.exec(path)?.[1],
    detail: { path, before: auditedValue(path, before), after: auditedValue(path, after) },
  });
}
