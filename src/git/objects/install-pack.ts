import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readSync, renameSync } from "node:fs";

import { makePrivateDirectory, syncDirectory, writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import { DamagedData } from "./damaged-data.ts";
import type { EntryTable } from "./entry-table.ts";
import { keepPack } from "./pack-keep.ts";
import { encodePackIndex } from "./pack-index-writer.ts";

const READ_SIZE = 1024 * 1024;

/** Creates a fresh private folder in `<gitdir>/lull/tmp`; leftovers of a crash are swept by maintenance. */
export function makeTemporaryDirectory(gitDirectory: string, prefix: string): string {
  const parent = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(parent);
  try {
    return mkdtempSync(`${parent}/${prefix}-`);
  } catch (error) {
    throw fromSystem(error, `create a temporary folder in ${parent}`);
  }
}

export function encodePackHeader(count: number): Buffer {
  const header = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  header.writeUInt32BE(count, 8);
  return header;
}

export type InstalledPack = {
  /** `pack-<checksum>` */
  readonly name: string;
  /** To be disposed of when refs name what the pack holds, or never will: a `git repack -a -d` leaves it alone until then. */
  readonly keep: Disposable;
};

/**
 * Moves a finished pack and its index in place: pack first, because an index without a pack is not looked at.
 * Durable when it returns.
 * @param directory holds `pack` and gets the index; both already synced or synced here
 */
export function installPack(
  gitDirectory: string,
  directory: string,
  entries: EntryTable,
  checksum: Uint8Array,
): InstalledPack {
  const files = { pack: `${directory}/pack`, index: `${directory}/idx` };
  try {
    const handle = openSync(files.index, "wx", 0o444);
    try {
      writeFully(handle, encodePackIndex(entries, checksum));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fromSystem(error, `write ${files.index}`);
  }
  const keep = keepPack(`${packFolder(gitDirectory)}/${packName(checksum)}`);
  try {
    return { name: placePack(gitDirectory, files, checksum), keep };
  } catch (error) {
    keep[Symbol.dispose]();
    throw error;
  }
}

/**
 * The second half of `installPack`, for files that are written and synced already.
 * @returns the pack's name, `pack-<checksum>`
 */
export function placePack(
  gitDirectory: string,
  files: { readonly pack: string; readonly index: string },
  checksum: Uint8Array,
): string {
  const name = packName(checksum);
  const target = packFolder(gitDirectory);
  try {
    renameSync(files.pack, `${target}/${name}.pack`);
    renameSync(files.index, `${target}/${name}.idx`);
  } catch (error) {
    throw fromSystem(error, `write ${target}/${name}.pack`);
  }
  syncDirectory(target);
  return name;
}

function packName(checksum: Uint8Array): string {
  return `pack-${Buffer.from(checksum).toString("hex")}`;
}

function packFolder(gitDirectory: string): string {
  const path = `${gitDirectory}/objects/pack`;
  try {
    if (mkdirSync(path, { recursive: true }) !== undefined) syncDirectory(`${gitDirectory}/objects`);
  } catch (error) {
    throw fromSystem(error, `create ${path}`);
  }
  return path;
}

/**
 * Writes the final number of objects and the checksum over everything, and syncs.
 * @param end where the checksum belongs
 * @returns the checksum
 */
export function finishPackFile(handle: number, count: number, end: number): Uint8Array {
  writeFully(handle, encodePackHeader(count), 0);
  const checksum = hashFile(handle, end);
  writeFully(handle, checksum, end);
  fsyncSync(handle);
  return checksum;
}

/** Returns the SHA-1 of a file's first `end` bytes. */
function hashFile(handle: number, end: number): Uint8Array {
  const hasher = new Bun.CryptoHasher("sha1");
  const buffer = Buffer.allocUnsafeSlow(Math.min(end, READ_SIZE));
  for (let at = 0; at < end;) {
    const count = readSync(handle, buffer, 0, Math.min(buffer.length, end - at), at);
    if (count === 0) throw new DamagedData("short", "the temporary pack was cut short by somebody else");
    hasher.update(buffer.subarray(0, count));
    at += count;
  }
  return hasher.digest();
}
