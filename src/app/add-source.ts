import { basename, sep } from "node:path";

import { LullError } from "../base/errors.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { Source } from "../config/config.ts";
import type { Repository } from "../git/git.ts";
import { shortRef } from "../git/model.ts";
import type { RepositoryState } from "../git/refs/repository-state.ts";
import type { Context, Deps, LoadedConfig } from "./deps.ts";
import { FIRST_BRANCH, firstBranch } from "./first-branch.ts";
import { noteChange, tolerate } from "./history.ts";
import { createLocalRemote, localRemotePath } from "./local-remote.ts";
import { refuseInvalidSources } from "./refuse-invalid-sources.ts";
import { chooseName } from "./source-name.ts";
import { absolutePath, localPathOrUrl, shortPath } from "./user-path.ts";

export type AddSourceInput = {
  /** The folder as typed. */
  readonly path: string;
  readonly name: string | undefined;
  readonly remote: string | undefined;
  readonly schedule: string | undefined;
};

export type AddSourceResult = {
  readonly name: string;
  readonly directory: string;
  readonly repository: "created" | "existing";
  readonly branch: string;
  readonly remote: {
    readonly url: string;
    /** given: named by the person; found: the repository's own; local: made by lull under the data folder. */
    readonly from: "given" | "found" | "local";
  };
  readonly configFile: string;
  /** True when there was no config file before. */
  readonly configCreated: boolean;
  /** What the new entry works with but should not keep, e.g. a password in its URL. */
  readonly warnings: readonly string[];
  /** When it will be due, as the config writes it; empty in a dry run. */
  readonly schedules: readonly string[];
  /** Whether changes of files make it due, too; false in a dry run. */
  readonly watched: boolean;
  /** The daemon that runs and takes it in by itself; undefined: none runs. */
  readonly daemonPid: number | undefined;
  /** True when only the plan is told. */
  readonly dryRun: boolean;
};

/**
 * Takes a folder into the config. A folder that is no repository becomes one; without any remote a bare
 * repository under the data folder serves as one. No file in the folder is read or changed.
 *
 * Throws `PATH_MISSING`, `NOT_A_FOLDER`, `FOLDER_TOO_WIDE`, `BAD_SOURCE`, `NAME_TAKEN`, `ALREADY_ADDED`, `UNSUPPORTED_REPOSITORY` and config errors.
 */
export async function addSource(
  deps: Deps,
  input: AddSourceInput & {
    readonly dryRun: boolean;
    /** Put into a config that has to be made first; default: the host name. */
    readonly device?: string;
  },
  context: Context,
): Promise<AddSourceResult> {
  const directory = absolutePath(input.path, deps);
  const before = deps.config.exists() ? await deps.config.load() : undefined;
  const existing = before?.config.sources ?? [];
  const name = chooseName(input.name ?? basename(directory), input.name !== undefined, existing);
  refuseTaken(directory, existing);
  const state = deps.git.inspect(directory);
  refuseUnusable(state, directory, input.remote !== undefined);
  if (state.kind === "not-a-repository") refuseTooWide(deps, directory);

  const isNew = state.kind === "missing" || state.kind === "not-a-repository";
  const remote = chooseRemote(deps, { name, given: input.remote, directory: isNew ? undefined : directory });
  const branch = isNew ? await branchFor(deps, { remote, directory }, context) : currentBranch(state);
  const entry = entryOf(deps, { directory, remote, schedule: input.schedule });
  await refuseInvalidSources(deps, [{ name, entry }]);
  if (!input.dryRun) {
    if (before === undefined) await deps.config.create({ device: input.device ?? deps.hostName });
    if (isNew) createRepository(deps, { directory, branch });
    if (remote.from === "local") createLocalRemote(deps, { directory: remote.url, branch });
    linkRemote(deps, directory, remote.url);
    await deps.config.addSource(name, entry, { dryRun: false });
    noteAdded(deps, name, { directory, remote, schedule: input.schedule });
  }
  return {
    name,
    directory,
    repository: isNew ? "created" : "existing",
    branch: shortRef(branch),
    remote: { url: remote.from === "local" ? remote.url : redactUrl(remote.url), from: remote.from },
    configFile: deps.config.file,
    configCreated: before === undefined && !input.dryRun,
    ...(await afterwards(deps, name, before)),
    daemonPid: runningDaemon(deps),
    dryRun: input.dryRun,
  };
}

type Added = {
  readonly directory: string;
  readonly remote: ChosenRemote;
  readonly schedule: string | undefined;
};

function noteAdded(deps: Deps, source: string, { directory, remote, schedule }: Added): void {
  const detail = { directory, remote: redactUrl(remote.url), schedule: schedule ?? null };
  noteChange(deps, { action: "add", source, detail });
}

type Entry = Readonly<Record<string, string>>;

function entryOf(deps: Deps, source: Added): Entry {
  const { directory, remote, schedule } = source;
  return {
    repo: shortPath(directory, deps.home),
    remote: remote.from === "local" ? shortPath(remote.url, deps.home) : remote.url,
    ...(schedule === undefined ? {} : { schedule }),
  };
}

/** What the config says now; in a dry run it knows nothing of the source. */
async function afterwards(
  deps: Deps,
  name: string,
  before: LoadedConfig | undefined,
): Promise<Pick<AddSourceResult, "warnings" | "schedules" | "watched">> {
  if (!deps.config.exists()) return { warnings: [], schedules: [], watched: false };
  const { config, warnings } = await deps.config.load();
  const source = config.sources.find((one) => one.name === name);
  return {
    warnings: warnings.filter((warning) => before?.warnings.includes(warning) !== true),
    schedules: source?.schedules.map(({ expression }) => expression) ?? [],
    watched: source?.watch !== undefined,
  };
}

function runningDaemon(deps: Deps): number | undefined {
  return tolerate(deps, () => deps.daemonProcess.owner())?.pid;
}

type ChosenRemote = { readonly url: string; readonly from: "given" | "found" | "local" };

function refuseTaken(directory: string, existing: readonly Source[]): void {
  const same = existing.find((source) => source.kind === "repo" && source.directory === directory);
  if (same === undefined) return;
  throw new LullError({
    kind: "usage",
    code: "ALREADY_ADDED",
    message: `${directory} is already the source "${same.name}"`,
    hint: `sync it with \`lull sync ${same.name}\``,
  });
}

/** A whole home folder holds keys, caches and lull's own data; who means it makes it a repository first. */
function refuseTooWide(deps: Deps, directory: string): void {
  const { dataDirectory, stateDirectory } = deps.places;
  const inside = [deps.home, dataDirectory, stateDirectory].find(
    (path) => path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep),
  );
  if (inside === undefined) return;
  throw new LullError({
    kind: "usage",
    code: "FOLDER_TOO_WIDE",
    message: `${directory} can not be a source: ${inside === deps.home ? "it holds your whole home folder" : `lull keeps its own data inside (${inside})`}`,
    hint: "name a folder of its own, such as ~/notes",
  });
}

function refuseUnusable(state: RepositoryState, directory: string, hasRemote: boolean): void {
  if (state.kind === "unsupported") {
    throw new LullError({
      kind: "unsafe",
      code: "UNSUPPORTED_REPOSITORY",
      message: `${directory} can not be synced: ${state.feature}`,
      hint: state.hint,
    });
  }
  if (state.kind === "missing" && !hasRemote) {
    throw new LullError({
      kind: "usage",
      code: "PATH_MISSING",
      message: `${directory} does not exist`,
      hint: `check the spelling, create it (\`mkdir -p ${directory}\`), or give --remote to fetch it from there`,
    });
  }
  if (state.kind === "not-a-repository" && state.reason !== undefined) {
    throw new LullError({
      kind: "usage",
      code: "NOT_A_FOLDER",
      message: `${directory} can not be a source: ${state.reason}`,
      hint: "name a folder of its own",
    });
  }
}

function chooseRemote(
  deps: Deps,
  wanted: {
    readonly name: string;
    readonly given: string | undefined;
    readonly directory: string | undefined;
  },
): ChosenRemote {
  if (wanted.given !== undefined) return { url: localPathOrUrl(wanted.given, deps), from: "given" };
  if (wanted.directory !== undefined) {
    const found = withRepository(deps, wanted.directory, (repository) => repository.remotes());
    const main = found.find((remote) => remote.name === "origin") ?? found[0];
    if (main !== undefined) return { url: redactUrl(main.url), from: "found" };
  }
  return { url: localRemotePath(deps, wanted.name), from: "local" };
}

/** The remote's own main branch, so that two devices do not start on `main` and `master`. */
async function branchFor(
  deps: Deps,
  { remote, directory }: { readonly remote: ChosenRemote; readonly directory: string },
  { signal }: Context,
): Promise<string> {
  if (remote.from === "local") return FIRST_BRANCH;
  return firstBranch(deps, await deps.transport.open(remote.url, { signal, directory }));
}

function currentBranch(state: RepositoryState): string {
  return state.kind === "ready" ? state.head.branch : FIRST_BRANCH;
}

function createRepository(deps: Deps, wanted: { readonly directory: string; readonly branch: string }): void {
  deps.makeDirectory(wanted.directory);
  deps.git.init(wanted.directory, { bare: false, branch: shortRef(wanted.branch) });
}

/** Lets the person's own git use the same remote; a remote that is already there is left as it is. */
function linkRemote(deps: Deps, directory: string, url: string): void {
  withRepository(deps, directory, (repository) => {
    if (repository.remotes().length === 0) repository.setRemote("origin", redactUrl(url));
  });
}

function withRepository<T>(deps: Deps, directory: string, use: (repository: Repository) => T): T {
  const repository = deps.git.open(directory);
  try {
    return use(repository);
  } finally {
    repository.close();
  }
}
