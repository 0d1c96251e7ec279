import { LullError } from "../base/errors.ts";
import { nearestWord } from "../base/nearest-word.ts";
import type { Config, Source } from "../config/config.ts";

/** Returns the named sources in the order of the config; no names means all. Throws `UNKNOWN_SOURCE`. */
export function findSources(config: Config, names: readonly string[]): readonly Source[] {
  if (names.length === 0) return config.sources;
  for (const name of names) findSource(config, name);
  return config.sources.filter((source) => names.includes(source.name));
}

export function findSource(config: Config, name: string): Source {
  const source = config.sources.find((candidate) => candidate.name === name);
  if (source !== undefined) return source;
  const known = config.sources.map((candidate) => candidate.name);
  const nearest = nearestWord(name, known);
  throw new LullError({
    kind: "usage",
    code: "UNKNOWN_SOURCE",
    message: `there is no source named "${name}"`,
    hint:
      nearest === undefined
        ? "`lull list` shows all sources; `lull add <folder>` takes in a new one"
        : `did you mean "${nearest}"? \`lull list\` shows all sources`,
  });
}
