import { redactUrl } from "../base/redact-url.ts";
import type { Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";
import { repoOf } from "./repo-of.ts";
import { forgetPause, noteChange, tolerate } from "./history.ts";

export type RemoveSourceResult = {
  readonly name: string;
  /** What stays untouched, so that a person can delete it by hand. */
  readonly directory: string | undefined;
  readonly remotes: readonly string[];
  readonly configFile: string;
  readonly dryRun: boolean;
};

/** Takes a source out of the config. Its folder, its repository, its remote and its history all stay. */
export async function removeSource(
  deps: Deps,
  input: { readonly name: string; readonly dryRun: boolean },
): Promise<RemoveSourceResult> {
  const { config } = await deps.config.load();
  const source = findSource(config, input.name);
  const directory =
    repoOf(deps, source)?.directory ?? (source.kind === "discover" ? source.directory : undefined);
  const remotes = source.remotes.map((remote) => redactUrl(remote.url));
  if (!input.dryRun) {
    await deps.config.removeSource(source.name);
    forgetPause(deps, source.name);
    tolerate(deps, () => deps.conflicts.forget(source.name));
    const detail = { directory: directory ?? null, remotes };
    noteChange(deps, { action: "remove", source: source.name, detail });
  }
  return {
    name: source.name,
    directory,
    remotes,
    configFile: deps.config.file,
    dryRun: input.dryRun,
  };
}
