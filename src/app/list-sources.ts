import { redactUrl } from "../base/redact-url.ts";
import type { Deps } from "./deps.ts";
import { shortPath } from "./user-path.ts";

export type ListedSource = {
  readonly name: string;
  readonly kind: "repo" | "settings" | "discover";
  /** The folder with the home written as `~`; undefined for settings. */
  readonly directory: string | undefined;
  readonly remotes: readonly string[];
  readonly schedules: readonly string[];
};

export type ListResult = {
  readonly configFile: string;
  readonly device: string;
  readonly sources: readonly ListedSource[];
};

/** Tells what the config says; touches no repository. */
export async function listSources(deps: Deps): Promise<ListResult> {
  const { config } = await deps.config.load();
  return {
    configFile: deps.config.file,
    device: config.device,
    sources: config.sources.map((source) => ({
      name: source.name,
      kind: source.kind,
      directory: source.kind === "settings" ? undefined : shortPath(source.directory, deps.home),
      remotes: source.remotes.map((remote) => shortPath(redactUrl(remote.url), deps.home)),
      schedules: source.schedules.map((schedule) => schedule.expression),
    })),
  };
}
