import type { Deps, Context } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { notRunning } from "./reload-daemon.ts";

/**
 * Asks the running daemon to sync sources now, as a person's request: before all others and whatever the conditions.
 * Returns their names. @throws LullError `DAEMON_NOT_RUNNING`, `UNKNOWN_SOURCE`
 */
export async function requestSync(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<readonly string[]> {
  const { config } = await deps.config.load();
  const named = findSources(config, input.names);
  const sources = (input.names.length > 0 ? named : named.filter(({ enabled }) => enabled)).map(
    ({ name }) => name,
  );
  const answer = await deps.daemon.ask({ kind: "sync", sources }, context);
  if (answer === undefined) throw notRunning();
  return sources;
}
