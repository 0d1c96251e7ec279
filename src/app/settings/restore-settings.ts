import { LullError } from "../../base/errors.ts";
import type { SettingsSource } from "../../config/config.ts";
import type { Savepoint } from "../../git/git.ts";
import { shortRef } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import { withoutSeal } from "../../settings/cipher.ts";
import { filesAt, type RepositoryFiles } from "../../settings/repository-files.ts";
import type { PlannedFile } from "../../settings/restore-plan.ts";
import type { Removal, Restored } from "../../settings/restore.ts";
import type { WentBack } from "../../sync/go-back/go-back.ts";
import { findTarget, type Target, targetOf } from "../../sync/go-back/find-target.ts";
import type { Context, Deps } from "../deps.ts";
import { isOf } from "../list-savepoints.ts";
import { absolutePath, shortPath } from "../user-path.ts";
import { carryOut, type LockedManaged, openManaged, planOf } from "./managed-repository.ts";
import { runningApps } from "./running-apps.ts";

export type RestoreSettingsInput = {
  readonly source: SettingsSource;
  readonly device: string;
  /** Apps, or paths in the home as typed; empty: everything. */
  readonly what: readonly string[];
  /** Undefined: as the repository has it now. */
  readonly to: { readonly text: string | undefined; readonly time: number | undefined } | undefined;
  /** Files that do not belong into the home, too. */
  readonly outside: boolean;
  readonly dryRun: boolean;
};

/**
 * Writes files of a settings source to where they live. What stands there is kept in a savepoint first.
 * @throws LullError `NOTHING_GATHERED`, `NO_SUCH_FILE` (kind `usage`), those of `findTarget`, `SOURCE_LOCKED`
 */
export async function restoreSettings(
  deps: Deps,
  input: RestoreSettingsInput,
  context: Context,
): Promise<WentBack> {
  const { source, device, dryRun, to } = input;
  using managed = await openManaged(deps, { source, device }, context);
  const { repository, head } = managed;
  const target = findTarget(repository, { text: to?.text ?? "HEAD", time: to?.time, head: head.commit });
  const files = filesAt(repository, target.commit);
  const isAskedFor = askedFor(deps, input.what);
  const all = await planOf(deps, managed, { files, isAskedFor, signal: context.signal });
  if (all.length === 0) throw nothingFound(source, input.what);
  const [outside, wanted] = split(all, (file) => file.outside && !input.outside);
  const work = { before: "a restore", target, device, files: wanted, removals: [], folders: files };
  const running = await runningApps(deps, changing(wanted), context);
  const done = dryRun ? undefined : await carryOut(deps, managed, work, context);
  return wentBack(deps, managed, { target, planned: wanted, outside, removals: [], running, done, dryRun });
}

/**
 * Takes the last restore or adoption back. What changed since stays.
 * @throws LullError `NOTHING_TO_UNDO` (kind `usage`)
 */
export async function undoSettings(
  deps: Deps,
  { source, device, dryRun }: Pick<RestoreSettingsInput, "source" | "device" | "dryRun">,
  context: Context,
): Promise<WentBack> {
  using managed = await openManaged(deps, { source, device }, context);
  const { repository } = managed;
  const last = repository
    .savepoints()
    .find((savepoint) => isOf(savepoint, source.name) && isOfHome(savepoint));
  if (last?.head === undefined) throw nothingToUndo(source);
  const { head } = last;
  const changes = repository.compare(head, last.commit);
  const then = filesAt(repository, head);
  const before = filesAt(repository, last.commit);
  const isChanged = new Set([
    ...changes.map(({ path }) => path),
    ...[...then.versions.keys()].filter((path) => modeIn(then, path) !== modeIn(before, path)),
  ]);
  const only = (files: RepositoryFiles): RepositoryFiles => ({
    ...files,
    versions: new Map([...files.versions].filter(([path]) => isChanged.has(path))),
  });
  const { signal } = context;
  // What the restore wrote, and what stood there before it.
  const written = await planOf(deps, managed, { files: only(then), signal });
  const wanted = await planOf(deps, managed, { files: only(before), signal });
  const touched = new Set(written.filter(({ is }) => is !== "same").map(({ path }) => path));
  const files = wanted.filter(({ path }) => !touched.has(path));
  const kept = new Set(wanted.map(({ path }) => path));
  const removals = written.flatMap((file): Removal[] =>
    file.is === "same" && !kept.has(file.path) ? [file] : [],
  );
  const target = targetOf(last);
  const work = { before: "an undo", target, device, files, removals, folders: before };
  const running = await runningApps(deps, changing(files), context);
  const done = dryRun ? undefined : await carryOut(deps, managed, work, context);
  const result = wentBack(deps, managed, {
    target,
    planned: files,
    outside: [],
    removals,
    running,
    done,
    dryRun,
  });
  return { ...result, left: [...result.left, ...[...touched].map((path) => shortPath(path, deps.home))] };
}

function changing(planned: readonly PlannedFile[]): readonly PlannedFile[] {
  return planned.filter(({ is }) => is === "only-there" || is === "different");
}

function modeIn({ modes }: RepositoryFiles, path: string): number | undefined {
  return modes.get(withoutSeal(displayPath(path)));
}

type Outcome = {
  readonly target: Target;
  readonly planned: readonly PlannedFile[];
  readonly outside: readonly PlannedFile[];
  readonly removals: readonly Removal[];
  readonly running: NonNullable<WentBack["running"]>;
  readonly done: Restored | undefined;
  readonly dryRun: boolean;
};

function wentBack(
  { home }: Deps,
  { source, head }: LockedManaged,
  { target, planned, outside, removals, running, done, dryRun }: Outcome,
): WentBack {
  const isLeft = new Set((done?.left ?? []).map(({ path }) => path));
  const changed = planned.flatMap(({ path, is }) => {
    if (isLeft.has(path) || (is !== "only-there" && is !== "different")) return [];
    return [
      { path: shortPath(path, home), change: is === "different" ? ("changed" as const) : ("added" as const) },
    ];
  });
  const removed = removals
    .filter(({ path }) => !isLeft.has(path))
    .map(({ path }) => ({ path: shortPath(path, home), change: "removed" as const }));
  const unknown = planned.flatMap((file) => (file.is === "unknown" ? [file] : []));
  return {
    source: source.name,
    branch: shortRef(head.branch),
    target,
    // First what replaces something: that is what a person looks for in a long list.
    files: [
      ...changed.filter(({ change }) => change === "changed"),
      ...removed,
      ...changed.filter(({ change }) => change === "added"),
    ],
    left: [],
    refused: [
      ...[...(done?.left ?? []), ...unknown].map(({ path, reason }) => ({
        path: shortPath(path, home),
        reason,
      })),
      ...outside.map(({ path }) => ({
        path,
        reason: "it does not belong into the home; --outside-home restores it, too",
      })),
    ],
    running,
    reopened: [],
    savepoint: done?.savepoint?.name,
    commit: undefined,
    keptFirst: 0,
    dryRun,
  };
}

/** By the app, a file or a folder in the home. */
function askedFor(
  deps: Deps,
  what: readonly string[],
): ((path: string, copy: string) => boolean) | undefined {
  if (what.length === 0) return undefined;
  const isAsked = what.map((text) => {
    const paths = [absolutePath(text, deps), absolutePath(text, { ...deps, cwd: deps.home })];
    return (path: string, copy: string): boolean =>
      copy.startsWith(`apps/${text}/`) || paths.some((one) => path === one || path.startsWith(`${one}/`));
  });
  return (path, copy) => isAsked.some((isIt) => isIt(path, copy));
}

function isOfHome({ before }: Savepoint): boolean {
  return ["a restore", "an adoption", "an undo", "a change of the home"].includes(before);
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function nothingFound({ name }: SettingsSource, what: readonly string[]): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_SUCH_FILE",
    message:
      what.length === 0 ? `"${name}" holds no file yet` : `"${name}" holds nothing of ${what.join(", ")}`,
    hint: `lull restore ${name} --dry-run shows all that it holds`,
  });
}

function nothingToUndo({ name }: SettingsSource): LullError {
  return new LullError({
    kind: "usage",
    code: "NOTHING_TO_UNDO",
    message: `nothing to take back: nothing of "${name}" was restored here yet`,
    hint: "`lull log` shows what each sync did",
  });
}
