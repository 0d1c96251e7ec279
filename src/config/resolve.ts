/** From the file's own words to the resolved config: defaults merged in, paths absolute, durations in numbers. Pure. */
import type { Config, CredentialConfig, RemoteConfig, Source, SettingsSource } from "./config.ts";
import { DEFAULTS } from "./defaults.ts";
import { resolveBehaviour } from "./resolve-behaviour.ts";
import { expandPath, expandRemote } from "./resolve-path.ts";
import { resolveDaemon, resolveNotify } from "./resolve-program.ts";
import { resolveTransport } from "./resolve-transport.ts";
import type { ConfigFile, SourceFile } from "./schema.ts";
import { namedRemotes } from "./source-schema.ts";

export type ResolveInput = {
  /** The user's home folder, for `~`. */
  readonly home: string;
  /** This machine's name when the file gives none. */
  readonly device: string;
};

export function resolveConfig(file: ConfigFile, input: ResolveInput): Config {
  const sources = Object.entries(file.sources ?? {}).map(([name, source]) =>
    resolveSource(file, { name, source, home: input.home }),
  );
  return {
    version: 1,
    device: file.device ?? input.device,
    sources,
    notify: resolveNotify(file.notify, input.home),
    daemon: resolveDaemon(file.daemon),
    transport: resolveTransport({ common: file.transport }, input.home),
    logins: Object.entries(file.logins ?? {}).map(([host, { service, client_id, url }]) => ({
      // The URL standard leaves the usual port out.
      host: new URL(`https://${host}`).host,
      service,
      clientId: client_id,
      url,
    })),
  };
}

type Naming = { readonly name: string; readonly source: SourceFile; readonly home: string };

function resolveSource(file: ConfigFile, { name, source, home }: Naming): Source {
  const common = {
    name,
    enabled: source.enabled ?? DEFAULTS.source.enabled,
    ...resolveBehaviour(source, file),
    transport: resolveTransport({ common: file.transport, own: source.transport }, home),
    remotes: resolveRemotes(source, home),
    credential: resolveCredential(source.credential, home),
    direction: source.direction ?? DEFAULTS.source.direction,
    autoCommit: source.auto_commit ?? DEFAULTS.source.auto_commit,
    syncDeletions: source.sync_deletions ?? DEFAULTS.source.sync_deletions,
    squash: source.squash ?? DEFAULTS.source.squash,
    hooks: source.hooks ?? DEFAULTS.source.hooks,
  };
  const branches = source.branches ?? [];
  if (source.repo !== undefined) {
    return { ...common, kind: "repo", directory: expandPath(source.repo, home), branches };
  }
  if (source.discover !== undefined) {
    const depth = source.depth ?? DEFAULTS.kinds.discover.depth;
    return { ...common, kind: "discover", directory: expandPath(source.discover, home), depth, branches };
  }
  return { ...common, ...resolveSettings(source, home), kind: "settings" };
}

type OfSettings = Pick<
  SettingsSource,
  "watch" | "directory" | "mode" | "apps" | "files" | "exclude" | "variants"
>;

function resolveSettings(source: SourceFile, home: string): OfSettings {
  const { settings, mode, apps = [], files = [], exclude = [], variants = {} } = source;
  const directory = settings?.directory;
  return {
    // Not yet: what is said of watching for all sources is not meant for a home.
    watch: undefined,
    directory: directory === undefined ? undefined : expandPath(directory, home),
    mode: mode ?? DEFAULTS.kinds.settings.mode,
    apps: apps.map((entry) => {
      const { name, encrypt = DEFAULTS.file.encrypt } = typeof entry === "string" ? { name: entry } : entry;
      return { name, encrypt };
    }),
    files: files.map((entry) => {
      const { path, encrypt = DEFAULTS.file.encrypt } = typeof entry === "string" ? { path: entry } : entry;
      return { path, encrypt };
    }),
    exclude,
    variants: { os: variants.os ?? [], device: variants.device ?? [] },
  };
}

function resolveRemotes({ remote, remotes }: SourceFile, home: string): readonly RemoteConfig[] {
  const named = Array.isArray(remotes)
    ? namedRemotes(remotes)
    : Object.entries(remotes ?? (remote === undefined ? {} : { origin: remote })).map(([name, url]) => ({
        name,
        url,
      }));
  return named.map(({ name, url }) => ({ name, url: expandRemote(url, home) }));
}

function resolveCredential(given: SourceFile["credential"], home: string): CredentialConfig | undefined {
  if (given?.env !== undefined) return { kind: "env", name: given.env };
  if (given?.command !== undefined) return { kind: "command", command: given.command };
  return given?.file === undefined ? undefined : { kind: "file", path: expandPath(given.file, home) };
}
