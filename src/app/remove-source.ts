import { redactUrl } from "../base/redact-url.ts";
import type { Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";

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
  if (!input.dryRun) await deps.config.removeSource(source.name);
  return {
    name: source.name,
    directory: source.kind === "settings" ? undefined : source.directory,
    remotes: source.remotes.map((remote) => redactUrl(remote.url)),
    configFile: deps.config.file,
    dryRun: input.dryRun,
  };
}
