import { isAbsolute, join, relative, sep } from "node:path";

import { LullError } from "../base/errors.ts";
import type { Config, RepoSource, Source } from "../config/config.ts";
import type { Savepoint } from "../git/git.ts";
import { type Oid, type RepoPath, shortRef } from "../git/model.ts";
import { repoPath } from "../git/paths.ts";
import { goBack, type GoBackRequest, type WentBack } from "../sync/go-back/go-back.ts";
import { refreshConflicts } from "./conflicts/list-conflicts.ts";
import type { Context, Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";
import { noteChange, tolerate } from "./history.ts";
import { isOf } from "./list-savepoints.ts";
import { restoreSettings, undoSettings } from "./settings/restore-settings.ts";
import { acquirePatiently } from "./acquire-patiently.ts";
import { syncDeps } from "./sync-deps.ts";
import { absolutePath } from "./user-path.ts";

export type { WentBack };

/** Another lull that syncs the source right now is waited for so long. */
const PATIENCE_MS = 15_000;

/**
 * Takes back what the last sync of a source did to its files; what changed since stays. An undo can be undone.
 * @throws LullError `NOTHING_TO_UNDO`, `UNKNOWN_SOURCE`, and those of `goBack`
 */
export async function undoSync(
  deps: Deps,
  input: { readonly name: string | undefined; readonly dryRun: boolean },
  context: Context,
): Promise<WentBack> {
  const { config } = await deps.config.load();
  const { dryRun } = input;
  const found = oneSource(config, input.name);
  if (found.kind === "settings")
    return undoSettings(deps, { source: found, device: config.device, dryRun }, context);
  const source = ofRepoKind(found);
  const request: GoBackRequest = {
    kind: "undo",
    choose: (savepoints, branch) => newest(savepoints, source.name, branch),
    after: (savepoint) => tipAfter(deps, source.name, savepoint.name),
  };
  return perform(deps, { config, source, request, dryRun }, context);
}

export type BringBackInput = {
  readonly kind: "rollback" | "restore";
  readonly name: string;
  /** As typed; empty: everything. */
  readonly paths: readonly string[];
  /** Undefined, of a settings source only: as its repository has it now. */
  readonly to: { readonly text: string | undefined; readonly time: number | undefined } | undefined;
  /** Of a settings source: files that do not belong into the home, too. */
  readonly outside?: boolean | undefined;
  readonly dryRun: boolean;
};

/**
 * Brings files of a source back as they were at a savepoint, a revision or a time. `rollback` removes what was not there
 * then, `restore` does not.
 */
export async function bringBack(deps: Deps, input: BringBackInput, context: Context): Promise<WentBack> {
  const { config } = await deps.config.load();
  const { to, dryRun } = input;
  const found = oneSource(config, input.name);
  if (found.kind === "settings" && input.kind === "restore") {
    const { device } = config;
    const { paths: what, outside = false } = input;
    return restoreSettings(deps, { source: found, device, what, to, outside, dryRun }, context);
  }
  const source = ofRepoKind(found);
  if (to === undefined) throw noState(input);
  const paths = input.paths.map((path) => pathInside(deps, source, path));
  const request: GoBackRequest = { kind: input.kind, to, paths };
  return perform(deps, { config, source, request, dryRun }, context);
}

type Work = {
  readonly config: Config;
  readonly source: RepoSource;
  readonly request: GoBackRequest;
  readonly dryRun: boolean;
};

async function perform(
  deps: Deps,
  { config, source, request, dryRun }: Work,
  context: Context,
): Promise<WentBack> {
  using _lock = await acquirePatiently(deps, { source, patienceMs: PATIENCE_MS }, context);
  const { device } = config;
  const options = { dryRun, signal: context.signal, onEvent: context.onEvent };
  const done = await goBack(syncDeps(deps, { source, device }), source, request, options);
  if (done.commit !== undefined) {
    const { target, savepoint, commit, files } = done;
    const to = target.savepoint ?? target.commit;
    noteChange(deps, {
      action: request.kind,
      source: source.name,
      detail: { to, savepoint, tip: commit, files: files.length },
    });
    tolerate(deps, () => refreshConflicts(deps, source));
  }
  return done;
}

function oneSource(config: Config, name: string | undefined): Source {
  const [only, ...others] = config.sources;
  if (name === undefined && (only === undefined || others.length > 0)) {
    throw new LullError({
      kind: "usage",
      code: "MISSING_ARGUMENT",
      message:
        only === undefined
          ? "there is no source yet"
          : `which one? There are ${config.sources.length} sources`,
      hint: only === undefined ? "take in a folder with `lull add FOLDER`" : "`lull list` shows their names",
    });
  }
  return findSource(config, name ?? only?.name ?? "");
}

function ofRepoKind(source: Source): RepoSource {
  if (source.kind === "repo") return source;
  throw new LullError({
    kind: "usage",
    code: "UNSUPPORTED_KIND",
    message: `"${source.name}" is of kind ${source.kind}, and this is for repo sources`,
    ...(source.kind === "settings" ? { hint: `lull restore ${source.name} --at '2 days ago'` } : {}),
  });
}

function noState({ kind, name }: BringBackInput): LullError {
  const flag = kind === "rollback" ? "to" : "at";
  return new LullError({
    kind: "usage",
    code: "MISSING_ARGUMENT",
    message: `--${flag} is missing: ${flag === "to" ? "to which state?" : "as it was when?"}`,
    hint: `\`lull savepoints ${name}\` shows what there is; a time will do as well: lull ${kind} ${name} --${flag} '2 days ago'`,
  });
}

function newest(savepoints: readonly Savepoint[], source: string, branch: string): Savepoint {
  const [last] = savepoints.filter((savepoint) => isOf(savepoint, source));
  if (last === undefined) {
    throw new LullError({
      kind: "usage",
      code: "NOTHING_TO_UNDO",
      message: `nothing to take back: no sync has changed "${source}" yet`,
      hint: "`lull log` shows what each sync did",
    });
  }
  if (last.branch === branch) return last;
  throw new LullError({
    kind: "unsafe",
    code: "OTHER_BRANCH",
    message: `the last savepoint of "${source}" is of the branch ${shortRef(last.branch)}, and ${shortRef(branch)} is checked out`,
    hint: `check out ${shortRef(last.branch)} first, or go to a state of this branch: lull rollback ${source} --to …`,
  });
}

/** Where the branch was when what took the savepoint had ended. */
function tipAfter(deps: Deps, source: string, savepoint: string): Oid | undefined {
  const key = { source, savepoint };
  return tolerate(deps, () => deps.runs.tipAfter(key) ?? deps.audit.tipAfter(key));
}

/** A path as typed, from the current folder when that lies in the source, else from the source's top. */
function pathInside(deps: Deps, source: RepoSource, text: string): RepoPath {
  const fromHere = absolutePath(text, deps);
  const isPlain = !isAbsolute(text) && !/^(?:~|\.{1,2}(?:[/\\]|$))/.test(text);
  const candidates = isPlain ? [fromHere, join(source.directory, text)] : [fromHere];
  for (const candidate of candidates) {
    const inside = relative(source.directory, candidate);
    if (inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
      return repoPath(inside.split(sep).join("/"));
  }
  throw new LullError({
    kind: "usage",
    code: "PATH_OUTSIDE",
    message: `${text} does not lie in the source "${source.name}" (${source.directory})`,
    hint: "name a path below that folder, or leave it out to mean everything",
  });
}
