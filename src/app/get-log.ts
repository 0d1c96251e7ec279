import type { StoredRun } from "../store/run-store.ts";
import type { Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";

export type LogInput = {
  readonly name: string | undefined;
  /** Any of these; default: all. */
  readonly outcomes?: readonly string[] | undefined;
  /** Milliseconds since 1970 UTC; default: from the beginning. */
  readonly since?: number | undefined;
  readonly limit: number;
};

/** Returns the history of runs, newest first. A name must be a source of the config or have runs of its own. */
export async function getLog(deps: Deps, input: LogInput): Promise<readonly StoredRun[]> {
  const { name, ...filter } = input;
  const runs = deps.runs.list({ ...filter, source: name });
  if (runs.length === 0)
    await refuseUnknown(deps, name, () => deps.runs.last(name ?? "").newest !== undefined);
  return runs;
}

/** For whoever shows what is stored under a name: an unknown one is a slip, not an empty result. */
export async function refuseUnknown(
  deps: Deps,
  name: string | undefined,
  isStored: () => boolean,
): Promise<void> {
  if (name === undefined || isStored()) return;
  findSource((await deps.config.load()).config, name);
}
