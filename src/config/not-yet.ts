/**
 * Settings that the file may hold and that this version does not act on. A setting that is taken without a word and
 * without effect is a lie, so each one present is named. Whoever builds the behaviour takes its line out here.
 */
import type { ConfigFile, SourceFile } from "./schema.ts";

type NotYet = {
  /** What to do instead; undefined: nothing does the same. */
  readonly instead?: string;
  /** Values that ask for what this version does anyway. */
  readonly fulfilled?: (value: unknown) => boolean;
};

const is =
  (...values: readonly unknown[]) =>
  (value: unknown) =>
    values.includes(value);

/** Below each source. */
const OF_SOURCES: Readonly<Partial<Record<keyof SourceFile, NotYet>>> = {
  hooks: { instead: "no hooks are run", fulfilled: is(false) },
};

/** Of settings sources only. */
const OF_SETTINGS: typeof OF_SOURCES = {
  watch: { instead: "the home is looked through when its schedule says so", fulfilled: is(false) },
};

/** Whole kinds: the source rests, so its other keys need no word of their own. */
const KINDS = ["discover"] as const;

const OF_THE_DAEMON: Readonly<Partial<Record<keyof NonNullable<ConfigFile["daemon"]>, NotYet>>> = {
  api: { instead: "commands reach the daemon over a socket of its own" },
};

/** One sentence for each setting without effect, in the order of the file. */
export function notYetWarnings(file: ConfigFile): readonly string[] {
  const sources = Object.entries(file.sources ?? {}).flatMap(([name, source]) => {
    const kind = KINDS.find((one) => source[one] !== undefined);
    return kind === undefined
      ? ignored(
          source,
          source.settings === undefined ? OF_SOURCES : { ...OF_SOURCES, ...OF_SETTINGS },
          `sources.${name}.`,
        )
      : [`\`sources.${name}\` is of the kind ${kind}, which this version of lull does not sync yet`];
  });
  return [...sources, ...ignored(file.daemon ?? {}, OF_THE_DAEMON, "daemon.")];
}

function ignored(
  group: Readonly<Record<string, unknown>>,
  table: Readonly<Record<string, NotYet>>,
  prefix: string,
): readonly string[] {
  return Object.entries(group).flatMap(([key, value]) => {
    const entry = Object.hasOwn(table, key) ? table[key] : undefined;
    if (entry === undefined || isEmpty(value) || entry.fulfilled?.(value) === true) return [];
    const instead = entry.instead === undefined ? "" : `: ${entry.instead}`;
    return [`\`${prefix}${key}\` is accepted; this version of lull does not act on it yet${instead}`];
  });
}

function isEmpty(value: unknown): boolean {
  return (
    value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)
  );
}
