/** From the file's own words to the resolved config: defaults merged in, paths absolute, durations in numbers. Pure. */
import { isAbsolute, join, normalize, sep } from "node:path";

import { parseDuration } from "../base/duration.ts";
import type {
  Config,
  ConflictRule,
  ConflictStrategy,
  RemoteConfig,
  ScheduleConfig,
  Source,
  WatchConfig,
  WhenConfig,
} from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import type { ConfigFile, SourceFile } from "./schema.ts";

export type ResolveInput = {
  /** The user's home folder, for `~`. */
  readonly home: string;
  /** This machine's name when the file gives none. */
  readonly device: string;
};

export function resolveConfig(file: ConfigFile, input: ResolveInput): Config {
  const sources = Object.entries(file.sources ?? {}).map(([name, source]) =>
    resolveSource(file, { name, source, input }),
  );
  return { version: 1, device: file.device ?? input.device, sources };
}

type Naming = { readonly name: string; readonly source: SourceFile; readonly input: ResolveInput };

function resolveSource(file: ConfigFile, { name, source, input }: Naming): Source {
  const { defaults = {} } = file;
  const common = {
    name,
    enabled: source.enabled ?? true,
    schedules: resolveSchedules(source.schedule ?? defaults.schedule ?? DEFAULTS.schedule),
    watch: resolveWatch(source.watch ?? defaults.watch ?? DEFAULTS.watch),
    when: resolveWhen({ ...defaults.when, ...source.when }),
    conflicts: [
      ...resolveConflicts(source.conflicts),
      ...resolveConflicts(defaults.conflicts),
      DEFAULTS.conflicts,
    ],
    remotes: resolveRemotes(source, input),
    message: source.message ?? defaults.message ?? DEFAULTS.message,
  };
  const branches = source.branches ?? [];
  if (source.repo !== undefined) {
    return { ...common, kind: "repo", directory: expandPath(source.repo, input.home), branches };
  }
  if (source.discover !== undefined) {
    const depth = source.depth ?? DEFAULTS.depth;
    return {
      ...common,
      kind: "discover",
      directory: expandPath(source.discover, input.home),
      depth,
      branches,
    };
  }
  const files = (source.files ?? []).map((entry) =>
    typeof entry === "string"
      ? { path: entry, encrypt: false }
      : { path: entry.path, encrypt: entry.encrypt ?? false },
  );
  return { ...common, kind: "settings", apps: source.apps ?? [], files, exclude: source.exclude ?? [] };
}

type ScheduleFile = NonNullable<SourceFile["schedule"]>;

function resolveSchedules(given: ScheduleFile): readonly ScheduleConfig[] {
  return (Array.isArray(given) ? given : [given]).map((entry) => {
    if (typeof entry === "string")
      return { expression: entry.trim(), timezone: undefined, jitterMs: 0, catchUp: true };
    return {
      expression: entry.cron ?? entry.at ?? `every ${entry.every}`,
      timezone: entry.timezone,
      jitterMs: milliseconds(entry.jitter) ?? 0,
      catchUp: entry.catch_up ?? true,
    };
  });
}

function resolveWatch(given: NonNullable<SourceFile["watch"]>): WatchConfig | undefined {
  if (given === false) return undefined;
  const { quiet, max_wait } = given === true ? {} : given;
  return {
    quietMs: milliseconds(quiet) ?? DEFAULTS.watchQuietMs,
    maxWaitMs: milliseconds(max_wait) ?? DEFAULTS.watchMaxWaitMs,
  };
}

function resolveWhen(given: NonNullable<SourceFile["when"]>): WhenConfig {
  return {
    network: typeof given.network === "object" ? given.network.join(", ") : given.network,
    idleMs: milliseconds(given.idle),
    power: given.power,
    load: given.load,
    maxDeferMs: milliseconds(given.max_defer),
  };
}

function resolveConflicts(given: SourceFile["conflicts"]): readonly ConflictRule[] {
  if (given === undefined) return [];
  if (typeof given === "string") return [{ glob: "**", strategy: given }];
  return Object.entries(given).map(([glob, strategy]): ConflictRule => ({
    glob,
    strategy: strategy satisfies ConflictStrategy,
  }));
}

function resolveRemotes(source: SourceFile, input: ResolveInput): readonly RemoteConfig[] {
  const named = source.remotes ?? (source.remote === undefined ? {} : { origin: source.remote });
  return Object.entries(named).map(([name, url]) => ({ name, url: expandRemote(url, input.home) }));
}

/** `~` means the home folder in remotes as well; everything else is the transport's to read. */
function expandRemote(url: string, home: string): string {
  return url === "~" || url.startsWith("~/") || url.startsWith(`~${sep}`) ? join(home, url.slice(1)) : url;
}

/** Relative paths in a config count from the home folder: the config is read from anywhere. */
export function expandPath(path: string, home: string): string {
  const expanded =
    path === "~" || path.startsWith("~/") || path.startsWith(`~${sep}`) ? join(home, path.slice(1)) : path;
  const absolute = normalize(isAbsolute(expanded) ? expanded : join(home, expanded));
  return absolute.length > 1 && absolute.endsWith(sep) ? absolute.slice(0, -1) : absolute;
}

function milliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
