import { LullError } from "../../base/errors.ts";
import { redactUrl } from "../../base/redact-url.ts";
import type { SettingsSource, Source } from "../../config/config.ts";
import type { Context, Deps } from "../deps.ts";
import { FIRST_BRANCH } from "../first-branch.ts";
import { getEncryption } from "../get-encryption.ts";
import { noteChange } from "../history.ts";
import { createLocalRemote, localRemotePath } from "../local-remote.ts";
import { refuseInvalidSources } from "../refuse-invalid-sources.ts";
import { localPathOrUrl, shortPath } from "../user-path.ts";
import { lookForApps } from "./app-here.ts";
import { settingsNamed, settingsSources, sourcesOf } from "./settings-source.ts";

export type AddAppsInput = {
  /** By their ids. */
  readonly apps: readonly string[];
  /** Undefined: the only settings source, or a new one. */
  readonly source: string | undefined;
  /** Of a new source; undefined: one that lull makes on this machine. */
  readonly remote: string | undefined;
  /** All files of these apps are kept encrypted. */
  readonly encrypt: boolean;
  readonly dryRun: boolean;
};

export type AddAppsResult = {
  readonly source: string;
  /** The remote of a source that was made for them; undefined: it was there. */
  readonly created: { readonly remote: string; readonly from: "given" | "local" } | undefined;
  readonly added: readonly string[];
  /** In the source already, as they are. */
  readonly already: readonly string[];
  /** In the source already, and from now on encrypted. */
  readonly sealed: readonly string[];
  /** Files that may be kept encrypted only, on a device without a key: they stay out. With the home as `~`. */
  readonly noKey: readonly string[];
  readonly configFile: string;
  readonly dryRun: boolean;
};

/** What a settings source is called when lull makes it. */
const FIRST_NAME = "settings";

/**
 * Takes apps of the catalogue into a settings source, which is made where there is none. No file is gathered yet.
 * @throws LullError `UNKNOWN_APP`, `NO_SETTINGS`, `NAME_TAKEN`, `BAD_FLAGS` (kind `usage`), those of the config
 */
export async function addApps(deps: Deps, input: AddAppsInput, context: Context): Promise<AddAppsResult> {
  const { catalogue } = await deps.settings.openCatalogue();
  const apps = [...new Set(input.apps)].map((id) => catalogue.find(id));
  const sources = deps.config.exists() ? (await deps.config.load()).config.sources : [];
  const work = settingsSources(sources).length === 0 ? addToNew : addToExisting;
  const done = await work(
    deps,
    sources,
    input,
    apps.map(({ id }) => id),
  );
  const look = lookForApps(deps, context.signal);
  const having = deps.config.exists() ? settingsSources((await deps.config.load()).config.sources) : [];
  const sealed = apps.flatMap((app) => {
    const of = sourcesOf(having, app.id);
    return (look(app, of)?.files ?? []).filter(
      ({ encrypt, isLink }) => encrypt || (input.encrypt && !isLink),
    );
  });
  const hasKey = sealed.length === 0 || (await getEncryption(deps)) !== undefined;
  return {
    ...done,
    noKey: hasKey ? [] : sealed.map(({ path }) => shortPath(path, deps.home)),
    configFile: deps.config.file,
    dryRun: input.dryRun,
  };
}

type Added = Pick<AddAppsResult, "source" | "created" | "added" | "already" | "sealed">;

async function addToExisting(
  deps: Deps,
  sources: readonly Source[],
  { source: name, remote, encrypt, dryRun }: AddAppsInput,
  apps: readonly string[],
): Promise<Added> {
  const source = settingsNamed(sources, name);
  if (remote !== undefined) throw hasRemote(source, remote);
  const known = new Map(source.apps.map((app) => [app.name, app.encrypt]));
  const added = apps.filter((id) => !known.has(id));
  const sealed = encrypt ? apps.filter((id) => known.get(id) === false) : [];
  const already = apps.filter((id) => known.has(id) && !sealed.includes(id));
  if (added.length + sealed.length > 0) {
    const change = (item: unknown): unknown =>
      sealed.includes(nameOf(item)) ? entry(nameOf(item), true) : item;
    const edit = { add: added.map((id) => entry(id, encrypt)), change };
    await deps.config.editList(["sources", source.name, "apps"], edit, { dryRun });
    if (!dryRun) note(deps, source.name, [...added, ...sealed], encrypt);
  }
  return { source: source.name, created: undefined, added, already, sealed };
}

async function addToNew(
  deps: Deps,
  sources: readonly Source[],
  { source: given, remote, encrypt, dryRun }: AddAppsInput,
  apps: readonly string[],
): Promise<Added> {
  const name = given ?? FIRST_NAME;
  if (sources.some((source) => source.name === name)) throw nameTaken(name, given !== undefined);
  const url = remote === undefined ? localRemotePath(deps, name) : localPathOrUrl(remote, deps);
  const written = {
    settings: {},
    remote: remote === undefined ? shortPath(url, deps.home) : url,
    apps: apps.map((id) => entry(id, encrypt)),
  };
  await refuseInvalidSources(deps, [{ name, entry: written }]);
  if (!dryRun) {
    if (!deps.config.exists()) await deps.config.create({ device: deps.hostName });
    if (remote === undefined) createLocalRemote(deps, { directory: url, branch: FIRST_BRANCH });
    await deps.config.addSource(name, written, { dryRun: false });
    note(deps, name, apps, encrypt);
  }
  const from = remote === undefined ? ("local" as const) : ("given" as const);
  return { source: name, created: { remote: redactUrl(url), from }, added: apps, already: [], sealed: [] };
}

/** As a person would write it. */
function entry(id: string, encrypt: boolean): unknown {
  return encrypt ? { name: id, encrypt } : id;
}

/** Of an entry of `apps` as the file has it. */
export function nameOf(item: unknown): string {
  if (typeof item === "string") return item;
  return String((item as { readonly name?: unknown } | null)?.name);
}

function note(deps: Deps, source: string, apps: readonly string[], encrypt: boolean): void {
  noteChange(deps, { action: "apps add", source, detail: { apps: apps.join(" "), encrypt } });
}

function hasRemote({ name }: SettingsSource, url: string): LullError {
  return new LullError({
    kind: "usage",
    code: "BAD_FLAGS",
    message: `--remote is for a new source, and "${name}" is there already`,
    hint: `leave it out, or give the source another remote: lull config set sources.${name}.remote ${redactUrl(url)}`,
  });
}

function nameTaken(name: string, isGiven: boolean): LullError {
  return new LullError({
    kind: "usage",
    code: "NAME_TAKEN",
    message: `there is already a source named "${name}", and it is none of settings`,
    hint: isGiven ? "choose another name with --source" : "name the new one yourself: --source app-settings",
  });
}
