import { branchCopy } from "../../settings/branch-copies.ts";
import { covering } from "../../settings/covers.ts";
import { findFiles } from "../../settings/find-files.ts";
import { readGathered, writeGathered } from "../../settings/gather-record.ts";
import { filesAt } from "../../settings/repository-files.ts";
import type { Selection } from "../../settings/selection.ts";
import type { PlannedFile } from "../../settings/restore-plan.ts";
import { NO_STAMP } from "../../settings/restore.ts";
import type { RunningApp } from "../../sync/go-back/go-back.ts";
import type { Context, Deps } from "../deps.ts";
import { absolutePath, shortPath } from "../user-path.ts";
import { carryOut, type LockedManaged, openManaged, planOf } from "./managed-repository.ts";
import { fetchFirst } from "./fetch-first.ts";
import { stageSelected } from "./preferences.ts";
import { runningApps } from "./running-apps.ts";
import { neverGathered, selectionsOf } from "./selections-of.ts";
import { settingsNamed } from "./settings-source.ts";

export type Choice = "remote" | "local";

/** A file as `adopt` shows it. */
export type AdoptedFile = {
  readonly path: string;
  readonly app: string | undefined;
  /** Bytes; undefined: there is none. */
  readonly here: number | undefined;
  readonly there: number | undefined;
  /** Milliseconds since 1970 UTC; undefined: there is none here. */
  readonly changedHere: number | undefined;
};

export type Adoption = {
  readonly source: string;
  readonly same: readonly AdoptedFile[];
  readonly onlyHere: readonly AdoptedFile[];
  readonly onlyThere: readonly AdoptedFile[];
  readonly different: readonly AdoptedFile[];
  /** What was written into the home, or would be. */
  readonly taken: readonly string[];
  /** Whose version here will be gathered by the next sync. */
  readonly kept: readonly string[];
  /** Could not be read or written, and why. */
  readonly left: readonly { readonly path: string; readonly reason: string }[];
  /** With what stood where something was written. */
  readonly savepoint: string | undefined;
  /** Apps that run and may overwrite what was taken, or would be. */
  readonly running: readonly RunningApp[];
  readonly dryRun: boolean;
};

export type AdoptInput = {
  readonly name: string | undefined;
  /** What becomes of a file that is there and is not, or not so, here; undefined: it waits. Asked in the order of paths. */
  readonly decide: (file: AdoptedFile, group: "onlyThere" | "different") => Choice | undefined;
  readonly dryRun: boolean;
};

/**
 * Compares the home of a new machine with what others have gathered, and takes over what is chosen. What is replaced is
 * kept in a savepoint; what exists only here is untouched, and gathered by the next sync.
 * @throws LullError `NO_SETTINGS` (kind `usage`), those of a sync, `SOURCE_LOCKED`
 */
export async function adoptSettings(deps: Deps, input: AdoptInput, context: Context): Promise<Adoption> {
  const { config } = await deps.config.load();
  const source = settingsNamed(config.sources, input.name);
  const { device } = config;
  await fetchFirst(deps, source, device, context);
  using managed = await openManaged(deps, { source, device }, context);
  const { selections } = await stageSelected(deps, await selectionsOf(deps, source), context.signal);
  const files = filesAt(managed.repository, managed.head.commit);
  const isCovered = covering(selections);
  const all = await planOf(deps, managed, { files, signal: context.signal });
  const planned = all.filter(({ copy, outside }) => isCovered(copy) && !outside);
  const taken: PlannedFile[] = planned.filter(({ is }) => is === "same");
  const kept: PlannedFile[] = [];
  const written: PlannedFile[] = [];
  for (const file of planned) {
    if (file.is !== "only-there" && file.is !== "different") continue;
    const choice = input.decide(shown(deps, file), file.is === "different" ? "different" : "onlyThere");
    if (choice === "remote" || (choice === undefined && input.dryRun)) written.push(file);
    if (choice === "remote") taken.push(file);
    else if (choice === "local" && file.is === "different") kept.push(file);
  }
  const target = { commit: managed.head.commit, at: deps.clock.now(), ...NO_STATE };
  const work = { before: "an adoption", target, device, files: taken, removals: [], folders: files };
  const running = await runningApps(deps, written, context);
  const done = input.dryRun ? undefined : await carryOut(deps, managed, work, context);
  if (!input.dryRun) await noteKept(managed, kept);
  const isLeft = new Set(done?.left.map(({ path }) => path));
  const of = (is: PlannedFile["is"]) =>
    planned.filter((file) => file.is === is).map((file) => shown(deps, file));
  return {
    source: source.name,
    same: of("same"),
    onlyHere: onlyHere(deps, selections, new Set(planned.map(({ copy }) => copy)), context),
    onlyThere: of("only-there"),
    different: of("different"),
    taken: taken
      .filter(({ is, path }) => is !== "same" && !isLeft.has(path))
      .map(({ path }) => shortPath(path, deps.home)),
    kept: kept.map(({ path }) => shortPath(path, deps.home)),
    left: [...(done?.left ?? []), ...planned.flatMap((file) => (file.is === "unknown" ? [file] : []))].map(
      ({ path, reason }) => ({ path: shortPath(path, deps.home), reason }),
    ),
    savepoint: done?.savepoint?.name,
    running,
    dryRun: input.dryRun,
  };
}

/** Bulk choices: these paths get the other one. */
export function bulkChoice(
  deps: Pick<Deps, "home" | "cwd">,
  { choice, except }: { readonly choice: Choice; readonly except: readonly string[] },
): AdoptInput["decide"] {
  const paths = except.flatMap((text) => [
    shortPath(absolutePath(text, deps), deps.home),
    shortPath(absolutePath(text, { home: deps.home, cwd: deps.home }), deps.home),
  ]);
  const other = choice === "remote" ? "local" : "remote";
  return ({ path, app }) => {
    const isExcepted =
      (app !== undefined && except.includes(app)) ||
      paths.some((one) => path === one || path.startsWith(`${one}/`));
    return isExcepted ? other : choice;
  };
}

const NO_STATE = { savepoint: undefined, before: undefined, staged: undefined };

/** The next gathering finds them changed, and the copy as it was: this device's version wins. */
async function noteKept(
  { repo, repository, cipher, variants }: LockedManaged,
  kept: readonly PlannedFile[],
): Promise<void> {
  if (kept.length === 0) return;
  const memory = readGathered(repository.gitDirectory);
  const files = new Map(memory.files);
  for (const { copy } of kept) {
    const there = await branchCopy(repo.directory, variants.nameOf(copy), cipher);
    if (there !== undefined) files.set(copy, { ...there, stamp: NO_STAMP, isYoung: false });
  }
  writeGathered(repository.gitDirectory, { ...memory, files });
}

function onlyHere(
  deps: Deps,
  selections: readonly Selection[],
  there: ReadonlySet<string>,
  { signal }: Context,
): readonly AdoptedFile[] {
  const never = neverGathered(deps);
  const found = findFiles({ selections, never, home: deps.home, signal });
  return found.files
    .filter(({ copy }) => !there.has(copy))
    .map(({ path, app, stat }) => ({
      path: shortPath(path, deps.home),
      app,
      here: stat.size,
      there: undefined,
      changedHere: stat.mtimeMs,
    }));
}

function shown({ home }: Deps, file: PlannedFile): AdoptedFile {
  const here = file.is === "unknown" ? undefined : file.here;
  return {
    path: shortPath(file.path, home),
    app: file.app,
    here: here?.bytes.length,
    there: file.is === "unknown" ? undefined : file.wanted.bytes.length,
    changedHere: here?.stamp.mtimeMs,
  };
}
