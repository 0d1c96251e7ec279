import { type Dirent, lstatSync, readdirSync, rmSync } from "node:fs";

import type { Clock } from "../../base/clock.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { keepOwner } from "../objects/pack-keep.ts";
import { sweepMarks } from "../refs/lock-marks.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** No sync takes a day, not even a first one over a slow line: its deadlines are shorter. */
const OWN_AGE_MS = DAY_MS;
/** Git's own rule for what its crashes leave. */
const GIT_AGE_MS = 14 * DAY_MS;

/** Removes what crashes of lull and of git have left. @returns how many files and folders (with `dryRun`: would be) */
export function sweepTemporaryFiles(gitDirectory: string, clock: Clock, dryRun: boolean): number {
  const own = clock.now() - OWN_AGE_MS;
  const gits = clock.now() - GIT_AGE_MS;
  const objects = `${gitDirectory}/objects`;
  const stale = [
    ...olderThan(own, `${gitDirectory}/lull/tmp`, () => true),
    ...olderThan(
      gits,
      objects,
      (name) => /^tmp_(?:obj|objdir|pack)[-_]/.test(name) || name.startsWith("incoming-"),
    ),
    ...olderThan(gits, `${objects}/pack`, (name) => /^(?:tmp_|\.tmp-)/.test(name)),
    ...abandonedKeeps(`${objects}/pack`, { own, gits }),
  ];
  for (let folder = 0; folder < 256; folder++) {
    const path = `${objects}/${folder.toString(16).padStart(2, "0")}`;
    stale.push(...olderThan(gits, path, (name) => name.startsWith("tmp_obj_")));
  }
  if (!dryRun) for (const path of stale) remove(path);
  return stale.length + sweepMarks(gitDirectory, dryRun);
}

/** A lull may have been asleep with its machine for days; one on another machine cannot be asked whether it lives. */
function abandonedKeeps(folder: string, limits: { readonly own: number; readonly gits: number }): string[] {
  const isKeep = (name: string): boolean => /^pack-[0-9a-f]{40}\.keep$/.test(name);
  const veryOld = new Set(olderThan(limits.gits, folder, isKeep));
  return olderThan(limits.own, folder, isKeep).filter((path) => {
    const owner = keepOwner(path);
    return owner === "gone" || (owner === "unknown" && veryOld.has(path));
  });
}

function olderThan(limit: number, folder: string, isTemporary: (name: string) => boolean): string[] {
  return entriesOf(folder)
    .filter((entry) => isTemporary(entry.name) && newestIn(`${folder}/${entry.name}`, entry) < limit)
    .map((entry) => `${folder}/${entry.name}`);
}

/** A folder's own time says when a file came into it, not that one in it still grows. */
function newestIn(path: string, entry: Dirent): number {
  const own = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
  if (!entry.isDirectory()) return own;
  return Math.max(own, ...entriesOf(path).map((inner) => newestIn(`${path}/${inner.name}`, inner)));
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw fromSystem(error, `list ${folder}`);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    throw fromSystem(error, `remove ${path}`);
  }
}
