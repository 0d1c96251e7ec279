/** Schedules, watching, conditions and conflict rules: from the file's own words to numbers. Pure. */
import { parseDuration } from "../base/duration.ts";
import type {
  BandwidthConfig,
  ConflictRule,
  GuardsConfig,
  RepoSource,
  ScheduleConfig,
  WatchConfig,
  WhenConfig,
} from "./config.ts";
import { DEFAULTS, LAST_RULE } from "./defaults.ts";
import { resolveGuards } from "./resolve-guards.ts";
import { parseQuietHours } from "./quiet-hours-text.ts";
import type { ConfigFile, SourceFile } from "./schema.ts";
import { parseByteRate } from "./value-schemas.ts";
import { parseDisk, parseNetwork, parsePower } from "./when-text.ts";

type SourceSign = RepoSource["sign"];

export type Behaviour = {
  readonly schedules: readonly ScheduleConfig[];
  readonly watch: WatchConfig | undefined;
  readonly when: WhenConfig;
  readonly conflicts: readonly ConflictRule[];
  readonly guards: GuardsConfig;
  readonly message: string;
  readonly sign: SourceSign;
  readonly bandwidth: BandwidthConfig;
};

/** What the source says goes before `defaults`; of conditions and conflict rules each one by itself. */
export function resolveBehaviour(source: SourceFile, file: ConfigFile): Behaviour {
  const defaults = file.defaults ?? {};
  return {
    schedules: resolveSchedules(source.schedule ?? defaults.schedule ?? DEFAULTS.behaviour.schedule),
    watch: resolveWatch(source.watch ?? defaults.watch ?? DEFAULTS.behaviour.watch),
    when: resolveWhen({ ...defaults.when, ...source.when }),
    conflicts: [...resolveConflicts(source.conflicts), ...resolveConflicts(defaults.conflicts), LAST_RULE],
    guards: resolveGuards({ ...defaults.guards }, { ...source.guards }),
    message: source.message ?? defaults.message ?? DEFAULTS.behaviour.message,
    sign: resolveSign(source.sign ?? defaults.sign ?? DEFAULTS.behaviour.sign),
    bandwidth: resolveBandwidth({ ...defaults.bandwidth, ...source.bandwidth }),
  };
}

type ScheduleFile = NonNullable<SourceFile["schedule"]>;

function resolveSchedules(given: ScheduleFile): readonly ScheduleConfig[] {
  return (Array.isArray(given) ? given : [given]).map((entry) => {
    const group = typeof entry === "string" ? { at: entry.trim() } : entry;
    return {
      expression: group.cron ?? group.at ?? `every ${group.every}`,
      timezone: group.timezone,
      jitterMs: milliseconds(group.jitter ?? DEFAULTS.schedule.jitter),
      catchUp: group.catch_up ?? DEFAULTS.schedule.catch_up,
    };
  });
}

function resolveWatch(given: NonNullable<SourceFile["watch"]>): WatchConfig | undefined {
  if (given === false) return undefined;
  const { quiet, max_wait } = given === true ? {} : given;
  return {
    quietMs: milliseconds(quiet ?? DEFAULTS.watch.quiet),
    maxWaitMs: milliseconds(max_wait ?? DEFAULTS.watch.max_wait),
  };
}

function resolveWhen(given: NonNullable<SourceFile["when"]>): WhenConfig {
  return {
    // An empty list takes back what `defaults` says.
    network: given.network?.length === 0 ? undefined : parsed(given.network, parseNetwork),
    idleMs: optionalMilliseconds(given.idle),
    power: parsed(given.power, parsePower),
    load: given.load,
    quietHours: list(given.quiet_hours ?? []).flatMap((text) => parsed(text, parseQuietHours) ?? []),
    diskBytes: parsed(given.disk, parseDisk),
    minGapMs: optionalMilliseconds(given.min_gap),
    maxDeferMs: optionalMilliseconds(given.max_defer),
    unknown: given.unknown ?? DEFAULTS.when.unknown,
  };
}

/** The schema has checked that the parser finds nothing wrong. */
function parsed<Text, Value>(
  text: Text | undefined,
  parse: (text: Text) => Value | string,
): Value | undefined {
  const value = text === undefined ? undefined : parse(text);
  return typeof value === "string" ? undefined : value;
}

function resolveSign(given: NonNullable<SourceFile["sign"]>): SourceSign {
  if (given === "auto") return "auto";
  return given ? "always" : "never";
}

function resolveConflicts(given: SourceFile["conflicts"]): readonly ConflictRule[] {
  if (given === undefined) return [];
  if (typeof given === "string") return [{ glob: "**", strategy: given }];
  return Object.entries(given).map(([glob, strategy]) => ({ glob, strategy }));
}

export function resolveBandwidth(given: SourceFile["bandwidth"]): BandwidthConfig {
  const rate = (text: string | undefined) => (text === undefined ? undefined : parseByteRate(text));
  return { upload: rate(given?.upload), download: rate(given?.download) };
}

export function list(given: string | readonly string[]): readonly string[] {
  return typeof given === "string" ? [given] : given;
}

/** The schema has checked that it is a duration. */
export function milliseconds(text: string): number {
  return parseDuration(text) ?? 0;
}

function optionalMilliseconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : milliseconds(text);
}
