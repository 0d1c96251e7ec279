/** Reading the config anew while everything goes on. */
import type { ConfigAccess } from "../app/deps.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../app/load-config.ts";
import type { RunError } from "../sync/outcome.ts";
import { type KnownSource, knownSources } from "./known-source.ts";
import type { WorkerPool } from "./worker-pool.ts";

export type ReloadInput = {
  readonly access: Pick<ConfigAccess, "load">;
  readonly pool: WorkerPool;
  readonly adjust: (config: Config) => Config;
  readonly before: ReadonlyMap<string, KnownSource>;
};

export type ReloadResult =
  | {
      readonly kind: "loaded";
      readonly config: Config;
      readonly sources: ReadonlyMap<string, KnownSource>;
      readonly added: readonly string[];
      readonly removed: readonly string[];
      readonly changed: readonly string[];
      readonly warnings: readonly string[];
    }
  /** The file has mistakes; nothing changed. */
  | { readonly kind: "refused"; readonly error: RunError };

/** Nothing new is begun any more. */
export const ENDING: ReloadResult = {
  kind: "refused",
  error: {
    kind: "failed",
    code: "DAEMON_ENDING",
    message: "the daemon is just ending",
    hint: "the next one reads the config at its start",
    causes: [],
    data: {},
    retry: true,
  },
};

const CHECK_LIMITS = { deadlineMs: 60_000, memoryBytes: 512 * 1024 * 1024 };

export async function reloadConfig(input: ReloadInput): Promise<ReloadResult> {
  // A worker parses and checks it and keeps the result for the daemon, which need not load 10 MB of parser for that.
  const checked = await input.pool.run({ kind: "check-config" }, CHECK_LIMITS);
  // Whatever else kept the worker from it is no mistake in the file, which can be read here, too.
  if (checked.kind === "refused" && checked.error.kind === "config")
    return { kind: "refused", error: checked.error };
  const loaded = await loadConfig({ config: input.access });
  if (loaded.kind === "refused") return loaded;
  const config = input.adjust(loaded.config);
  const sources = knownSources(config);
  const { warnings } = loaded;
  return { kind: "loaded", config, sources, warnings, ...difference(input.before, sources) };
}

type Sources = ReadonlyMap<string, KnownSource>;

function difference(before: Sources, after: Sources) {
  const isSame = (name: string): boolean =>
    JSON.stringify(before.get(name)?.source) === JSON.stringify(after.get(name)?.source);
  const names = [...after.keys()];
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: names.filter((name) => before.has(name) && !isSame(name)),
  };
}
