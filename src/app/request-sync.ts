import { LullError } from "../base/errors.ts";
import type { Deps, Context } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { notRunning } from "./reload-daemon.ts";

/**
 * Asks the running daemon to sync sources now, as a person's request: before all others and whatever the conditions.
 * Returns their names. @throws LullError `DAEMON_NOT_RUNNING`, `UNKNOWN_SOURCE`, `SOURCE_OFF`, `SYNC_NOT_TAKEN`
 */
export async function requestSync(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<readonly string[]> {
  const { config } = await deps.config.load();
  const found = findSources(config, input.names);
  const off = found.find(({ enabled }) => !enabled);
  if (off !== undefined && input.names.length > 0) throw switchedOff(off.name);
  const sources = found.filter(({ enabled }) => enabled).map(({ name }) => name);
  const answer = await deps.daemon.ask({ kind: "sync", sources }, context);
  if (answer === undefined) throw notRunning();
  if (answer.kind === "refused")
    throw new LullError({
      kind: "failed",
      code: "SYNC_NOT_TAKEN",
      message: answer.message,
      hint: answer.hint,
    });
  return sources;
}

/** The daemon does not look after it, so a request would be lost. */
function switchedOff(name: string): LullError {
  return new LullError({
    kind: "usage",
    code: "SOURCE_OFF",
    message: `"${name}" is switched off (\`enabled: false\`), so the daemon leaves it alone`,
    hint: `sync it here with \`lull sync ${name}\`, or switch it on with \`lull config set sources.${name}.enabled true\``,
  });
}
