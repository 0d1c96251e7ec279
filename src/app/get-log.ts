import type { StoredRun } from "../store/run-store.ts";
import type { Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";

export type LogInput = { readonly name: string | undefined; readonly limit: number };

/** Returns the history of runs, newest first. A name must be a source of the config or have runs of its own. */
export async function getLog(deps: Deps, input: LogInput): Promise<readonly StoredRun[]> {
  const runs = deps.runs.list({
    limit: input.limit,
    ...(input.name === undefined ? {} : { source: input.name }),
  });
  if (runs.length === 0 && input.name !== undefined) {
    findSource((await deps.config.load()).config, input.name);
  }
  return runs;
}
