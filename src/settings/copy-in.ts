/**
 * Writes copies into the managed repository's folder. Each is whole or not there: written under a name of lull's own,
 * then renamed. They are made durable together, before anybody notes that they stand.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory, syncDirectory } from "../base/atomic-file.ts";
import { LullError, systemCode } from "../base/errors.ts";
import type { Content } from "./content.ts";

export type CopyPlace = {
  /** Top folder of the managed repository, absolute. */
  readonly directory: string;
  readonly gitDirectory: string;
  /**
   * Opens what brings all of a file system to the disk in one call, as `platform` has it; undefined, or false from `run`:
   * each file is synced by itself.
   */
  readonly openSync: (folder: string) => FileSystemSync | undefined;
};

type FileSystemSync = { run(): boolean; close(): void };

/** From so many on, one call for the whole file system costs less than one for each file. */
const MANY = 16;

export class CopyWriter {
  readonly #place: CopyPlace;
  readonly #temporary: string;
  /** Folders with new or other names in them. */
  readonly #touched = new Set<string>();
  /** Files whose contents are not on the disk yet. */
  readonly #unsynced: string[] = [];
  /** Folders that are known to be some, and no links. */
  readonly #folders = new Set<string>();
  #sync: FileSystemSync | undefined;
  #count = 0;

  constructor(place: CopyPlace) {
    this.#place = place;
    this.#temporary = `${place.gitDirectory}/lull/tmp`;
  }

  /** @param copy path in the repository, as text */
  write(copy: string, { bytes, isLink, mode, stamp }: Content): void {
    const temporary = this.#freeName();
    if (isLink) symlinkSync(Buffer.from(bytes), temporary);
    else {
      // Whoever may read the home's file may not be who may read this folder; never more than that.
      writeFileSync(temporary, bytes, { mode: 0o600 });
      chmodSync(temporary, (mode & 0o777) | 0o600);
    }
    const seconds = stamp.mtimeMs / 1000;
    (isLink ? lutimesSync : utimesSync)(temporary, seconds, seconds);
    this.#put(temporary, copy);
  }

  /** For files of lull's own in the repository. */
  writeText(name: string, text: string): void {
    const temporary = this.#freeName();
    writeFileSync(temporary, text, { mode: 0o600 });
    this.#put(temporary, name);
  }

  /** Gives a copy that holds the right bytes the file's permissions. */
  setMode(copy: string, mode: number): void {
    chmodSync(`${this.#place.directory}/${copy}`, (mode & 0o777) | 0o600);
  }

  /** Also removes the folders that get empty by it. */
  remove(copy: string): void {
    const { directory } = this.#place;
    this.#refuseLinks(copy);
    const target = `${directory}/${copy}`;
    unlinkSync(target);
    for (let folder = dirname(target); folder.length > directory.length; folder = dirname(folder)) {
      this.#touched.add(dirname(folder));
      if (!removedEmpty(folder)) {
        this.#touched.add(folder);
        break;
      }
      this.#touched.delete(folder);
    }
  }

  /** Brings contents and names to the disk. */
  makeDurable(): void {
    const isDone = this.#unsynced.length >= MANY && this.#sync?.run() === true;
    this.#sync?.close();
    this.#sync = undefined;
    if (!isDone) {
      for (const path of this.#unsynced) syncFile(path);
      for (const folder of this.#touchedAndAbove()) if (isFolder(folder)) syncDirectory(folder);
    }
    this.#unsynced.length = 0;
    this.#touched.clear();
  }

  #touchedAndAbove(): ReadonlySet<string> {
    const folders = new Set<string>();
    for (const touched of this.#touched)
      for (let folder = touched; folder.length >= this.#place.directory.length; folder = dirname(folder))
        folders.add(folder);
    return folders;
  }

  #freeName(): string {
    makePrivateDirectory(this.#temporary);
    this.#sync ??= this.#place.openSync(this.#place.directory);
    const temporary = `${this.#temporary}/copy-${process.pid}-${++this.#count}`;
    rmSync(temporary, { force: true });
    return temporary;
  }

  #put(temporary: string, name: string): void {
    const target = `${this.#place.directory}/${name}`;
    this.#refuseLinks(name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    renameSync(temporary, target);
    this.#touched.add(dirname(target));
    if (!isLink(target)) this.#unsynced.push(target);
  }

  /** What comes from a remote may be a link in the place of a folder: a copy would go where it leads. */
  #refuseLinks(name: string): void {
    const { directory } = this.#place;
    for (let slash = name.indexOf("/"); slash >= 0; slash = name.indexOf("/", slash + 1)) {
      const folder = name.slice(0, slash);
      if (this.#folders.has(folder)) continue;
      const stat = lstatSync(`${directory}/${folder}`, { throwIfNoEntry: false });
      if (stat === undefined) return;
      if (!stat.isDirectory())
        throw new LullError({
          kind: "failed",
          code: "IN_THE_WAY",
          message: `"${folder}" in the managed repository is no folder`,
          hint: `look at ${directory}/${folder}, and move it away`,
        });
      this.#folders.add(folder);
    }
  }
}

function syncFile(path: string): void {
  const handle = openSync(path, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function isLink(path: string): boolean {
  return lstatSync(path).isSymbolicLink();
}

function removedEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}
