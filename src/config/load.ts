/** Reads the config file and returns it resolved; the one way in for everybody. */
import { dirname } from "node:path";

import { conditionWarnings, neverGoodMoments } from "./check-conditions.ts";
import type { Config } from "./config.ts";
import { type ParsedConfig, parseConfig } from "./parse.ts";
import { rangeOf } from "./find-node.ts";
import { notYetWarnings } from "./not-yet.ts";
import { configInvalid, type Problem } from "./problems.ts";
import { checkedText, emptied, readConfigBytes } from "./read-text.ts";
import { secretInUrl } from "./remote-text.ts";
import { type ResolveInput, resolveConfig } from "./resolve.ts";

export type LoadedConfig = { readonly config: Config; readonly warnings: readonly string[] };

/** @throws LullError `CONFIG_MISSING`, `CONFIG_INVALID` (kind `config`) */
export function loadConfig(file: string, input: ResolveInput): LoadedConfig {
  return loadBytes(readConfigBytes(file), file, input);
}

/** As `loadConfig` for the file's bytes, read before. The result depends on nothing but these arguments. */
export function loadBytes(bytes: Uint8Array, file: string, input: ResolveInput): LoadedConfig {
  const text = checkedText(bytes, file);
  // What a crash or a full disk leaves of a file that was being saved; a person means no config by it.
  if (text.trim() === "") throw emptied(file);
  return resolveText(text, file, input);
}

/** As `loadConfig` for a text that is not written yet: every edit is checked by it first. */
export function resolveText(text: string, file: string, input: ResolveInput): LoadedConfig {
  const parsed = parseConfig(text, file);
  const config = resolveConfig(parsed.file, input);
  const problems = [...overlappingSources(parsed, config), ...neverGoodMoments(parsed, config)];
  if (problems.length > 0) throw configInvalid(parsed.source, problems);
  return {
    config,
    warnings: [...secretWarnings(config), ...conditionWarnings(config), ...notYetWarnings(parsed.file)],
  };
}

/** Two sources on one folder would commit each other's half-written files. */
function overlappingSources(parsed: ParsedConfig, config: Config): readonly Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, FolderSource>();
  const sources = config.sources.filter((source) => source.kind !== "settings");
  // Shortest first: whatever holds a folder is known before the folder itself.
  for (const source of sources.sort((a, b) => a.directory.length - b.directory.length)) {
    const other = ownerOf(source.directory, owners);
    if (other === undefined) owners.set(source.directory, source);
    else problems.push(overlap(parsed, source, other));
  }
  return problems;
}

type FolderSource = Exclude<Config["sources"][number], { readonly kind: "settings" }>;

/** The source of this folder or of the nearest one above it. */
function ownerOf(directory: string, owners: ReadonlyMap<string, FolderSource>): FolderSource | undefined {
  for (let path = directory; ; path = dirname(path)) {
    const owner = owners.get(path);
    if (owner !== undefined || path === dirname(path)) return owner;
  }
}

function overlap(parsed: ParsedConfig, source: FolderSource, other: FolderSource): Problem {
  const place = (of: FolderSource): readonly [number, number] =>
    rangeOf(parsed.document, ["sources", of.name, of.kind], "value");
  const { line } = parsed.source.lines.linePos(place(other)[0]);
  const how = source.directory === other.directory ? "is" : "lies in";
  return {
    message: `\`${source.directory}\` ${how} the folder of the source "${other.name}" (line ${line}); each folder belongs to one source`,
    range: place(source),
  };
}

function secretWarnings(config: Config): readonly string[] {
  return [...secretsOfProxies(config), ...secretsOfRemotes(config)];
}

/** A proxy of all sources is named once. */
function secretsOfProxies(config: Config): readonly string[] {
  const places = [
    { place: "transport.proxy", proxy: config.transport.proxy },
    ...config.sources.map(({ name, transport }) => ({
      place: `sources.${name}.transport.proxy`,
      proxy: transport.proxy,
    })),
  ];
  const told = new Set<string>();
  return places.flatMap(({ place, proxy }) => {
    if (proxy.kind !== "url" || told.has(proxy.url) || secretInUrl(proxy.url) === undefined) return [];
    told.add(proxy.url);
    const origin = new URL(proxy.url).origin;
    return [
      `\`${place}\` holds a password in clear text; store <user>:<password> with \`lull secret set ${origin}\` and take it out of the URL`,
    ];
  });
}

function secretsOfRemotes(config: Config): readonly string[] {
  return config.sources.flatMap((source) =>
    source.remotes.flatMap(({ name, url }) => {
      const secret = secretInUrl(url);
      if (secret === undefined) return [];
      return [
        `the remote "${name}" of "${source.name}" holds a ${secret} in clear text; store it with \`lull auth login\` and take it out of the URL`,
      ];
    }),
  );
}
