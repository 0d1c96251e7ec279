import { existsSync, readdirSync, rmdirSync, statSync, unlinkSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { loosePath } from "../objects/loose-object.ts";
import type { SourcePack, StoredObjects } from "./stored-objects.ts";
import type { LooseFile } from "./survey.ts";

export type Removal = {
  /** Undefined when nothing was to be packed. */
  readonly newPack: string | undefined;
  /** What was read back from the new pack, or from one that stays. */
  readonly replaced: ReadonlySet<Oid>;
  readonly dropped: ReadonlySet<Oid>;
  readonly loose: readonly LooseFile[];
  readonly packs: readonly SourcePack[];
  readonly objects: StoredObjects;
};

/** Removes loose files and packs of which nothing is lost. @returns what had to stay, and why */
export function removeReplaced(gitDirectory: string, removal: Removal): string[] {
  const objects = `${gitDirectory}/objects`;
  const isThere = (): boolean =>
    removal.newPack === undefined ||
    ["pack", "idx"].every((extension) => existsSync(`${objects}/pack/${removal.newPack}.${extension}`));
  const taken = `${removal.newPack} was taken away by another git; what it replaces stays`;
  if (!isThere()) return [taken];
  const left: string[] = [];
  for (const { oid, modified } of removal.loose) {
    const path = loosePath(objects, oid);
    const mayGo = removal.replaced.has(oid) || (removal.dropped.has(oid) && isUntouched(path, modified));
    if (mayGo && !remove(path)) left.push(`${path} is in use`);
  }
  if (!isThere()) return [...left, taken];
  for (const pack of removal.packs) {
    if (pack.name === removal.newPack) continue;
    const reason = removePack(`${objects}/pack`, pack, removal);
    if (reason !== undefined) left.push(`${pack.name} ${reason}`);
  }
  return left;
}

/** Git makes them anew when it needs them; a folder in which somebody is writing is not empty. */
export function removeEmptyFolders(gitDirectory: string): void {
  for (let folder = 0; folder < 256; folder++) {
    try {
      rmdirSync(`${gitDirectory}/objects/${folder.toString(16).padStart(2, "0")}`);
    } catch {
      // Not empty, or not there.
    }
  }
}

/** Index first: without it nobody begins to read the pack. */
function removePack(directory: string, pack: SourcePack, removal: Removal): string | undefined {
  const { members, name, modified } = pack;
  const isCovered = members.every((object) => {
    const oid = removal.objects.oidOf(object);
    return removal.replaced.has(oid) || removal.dropped.has(oid);
  });
  if (!isCovered) return "holds objects that are nowhere else";
  // Whoever relies on an object that is to be dropped has set the pack's time anew.
  if (!isUntouched(`${directory}/${name}.pack`, modified)) return "was used meanwhile";
  // Windows does not remove what another program has open.
  pack.file.close();
  const files = readdirSync(directory).filter((file) => file.startsWith(`${name}.`));
  if (files.some((file) => /\.(?:keep|mtimes|bitmap|promisor)$/.test(file)))
    return "was marked to stay meanwhile";
  for (const extension of ["idx", "pack"]) {
    if (!remove(`${directory}/${name}.${extension}`)) return "is in use";
  }
  for (const file of files) if (!/\.(?:idx|pack)$/.test(file)) remove(`${directory}/${file}`);
  return undefined;
}

function isUntouched(path: string, modified: number): boolean {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs === modified;
}

/** Returns false when it cannot be removed for the moment: the next maintenance tries again. */
function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "ENOENT") return true;
    if (["EPERM", "EACCES", "EBUSY"].includes(code)) return false;
    throw fromSystem(error, `remove ${path}`);
  }
}
