/** Reads the config file and returns it resolved; the one way in for everybody. */
import { sep } from "node:path";

import type { Config } from "./config.ts";
import { type ParsedConfig, parseConfig } from "./parse.ts";
import { configInvalid, type Problem, rangeOf } from "./problems.ts";
import { readConfigText } from "./read-text.ts";
import { type ResolveInput, resolveConfig } from "./resolve.ts";

export type LoadedConfig = { readonly config: Config; readonly warnings: readonly string[] };

/** @throws LullError `CONFIG_MISSING`, `CONFIG_INVALID` (kind `config`) */
export function loadConfig(file: string, input: ResolveInput): LoadedConfig {
  return resolveText(readConfigText(file), file, input);
}

/** As `loadConfig` for a text that is not written yet: every edit is checked by it first. */
export function resolveText(text: string, file: string, input: ResolveInput): LoadedConfig {
  const parsed = parseConfig(text, file);
  const config = resolveConfig(parsed.file, input);
  const clashes = overlappingSources(parsed, config);
  if (clashes.length > 0) throw configInvalid(parsed.source, clashes);
  return { config, warnings: passwordWarnings(config) };
}

/** Two sources on one folder would commit each other's half-written files. */
function overlappingSources(parsed: ParsedConfig, config: Config): readonly Problem[] {
  const problems: Problem[] = [];
  const repos = config.sources.filter((source) => source.kind === "repo");
  for (const [index, source] of repos.entries()) {
    for (const other of repos.slice(0, index)) {
      const same = source.directory === other.directory;
      const inside =
        source.directory.startsWith(other.directory + sep) ||
        other.directory.startsWith(source.directory + sep);
      if (!same && !inside) continue;
      const line = parsed.source.lines.linePos(
        rangeOf(parsed.document, ["sources", other.name, "repo"], "value")[0],
      ).line;
      const how = same ? "is the folder of" : "and the folder of";
      const end = same ? "" : " lie in one another";
      problems.push({
        message: `\`${source.directory}\` ${how} the source "${other.name}" (line ${line})${end}; each folder belongs to one source`,
        range: rangeOf(parsed.document, ["sources", source.name, "repo"], "value"),
      });
    }
  }
  return problems;
}

function passwordWarnings(config: Config): readonly string[] {
  return config.sources.flatMap((source) =>
    source.remotes
      .filter((remote) => /^[a-z+]+:\/\/[^/@\s]*:[^/@\s]+@/i.test(remote.url))
      .map(
        (remote) =>
          `the remote "${remote.name}" of "${source.name}" holds a password in clear text; move it to LULL_TOKEN_<HOST> and take it out of the URL`,
      ),
  );
}
