/** Looks at a watched folder from outside, without blocking on a server that does not answer. */
import { type BigIntStats, readFileSync, type Stats, statSync } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";

import { systemCode } from "../../base/errors.ts";

/**
 * By which a folder is known again: another one in its place, or another file system on it, has another text.
 * Undefined: there is no folder.
 */
export async function folderIdentity(folder: string): Promise<string | undefined> {
  try {
    return identityOf(await stat(folder, { bigint: true }));
  } catch (error) {
    return identityWithout(error);
  }
}

/** The same at once, for a folder of which it is known that it is on this machine: a server may never answer. */
export function folderIdentityAtOnce(folder: string): string | undefined {
  try {
    return identityOf(statSync(folder, { bigint: true }));
  } catch (error) {
    return identityWithout(error);
  }
}

/** Differs when a file system was mounted or unmounted since. Never blocks. Undefined where the system does not say. */
export function mountTable(): bigint | undefined {
  try {
    return Bun.hash(readFileSync("/proc/self/mountinfo")) as bigint;
  } catch {
    return undefined;
  }
}

function identityOf(found: BigIntStats): string | undefined {
  return found.isDirectory() ? `${found.dev}:${found.ino}` : undefined;
}

/** A folder that may not be looked at is there all the same. */
function identityWithout(error: unknown): string | undefined {
  const code = systemCode(error);
  return code === "EACCES" || code === "EPERM" ? code : undefined;
}

export type TreeLook = {
  readonly isLeftOut: (path: string, isFolder: boolean) => boolean;
  readonly ruleFile?: { readonly name: string; readonly enter: (folder: string) => void } | undefined;
  readonly signal: AbortSignal;
};

/**
 * Returns a number that differs when anything in the tree differs by name, size, mode or times: what polling compares.
 * Nothing of the tree is kept. Folders that can not be read count as empty.
 * @param directory absolute
 * @throws the system's error when it is not there
 */
export async function signatureOf(directory: string, look: TreeLook): Promise<bigint> {
  const top = Buffer.from(await realpath(directory)).toString("latin1");
  const { ruleFile, isLeftOut, signal } = look;
  let signature = 0n;
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined && !signal.aborted; folder = folders.pop()) {
    const names = await namesIn(`${top}/${folder}`);
    if (ruleFile !== undefined && names.includes(ruleFile.name)) ruleFile.enter(folder);
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const paths = names
        .slice(from, from + AT_ONCE)
        .map((name) => (folder === "" ? name : `${folder}/${name}`));
      const stats = await Promise.all(paths.map((path) => statsOf(`${top}/${path}`)));
      for (const [place, path] of paths.entries()) {
        const found = stats[place];
        const isFolder = found?.isDirectory() === true;
        if (isLeftOut(path, isFolder)) continue;
        if (isFolder) folders.push(path);
        // A sum, since the order in which a folder names its files is no change.
        signature = BigInt.asUintN(64, signature + Bun.hash(`${path}\0${detailOf(found)}`));
      }
    }
  }
  return signature;
}

/** Each waits for a thread: together they wake the process once. */
const AT_ONCE = 64;

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(Buffer.from(folder, "latin1"), { encoding: "latin1" });
  } catch {
    return [];
  }
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(Buffer.from(path, "latin1"));
  } catch {
    return undefined;
  }
}

function detailOf(stats: Stats | undefined): string {
  if (stats === undefined) return "";
  // A folder's own times tell of names that are looked at anyway, and of those that are left out.
  if (stats.isDirectory()) return "/";
  const { size, mode, mtimeMs, ctimeMs, ino } = stats;
  return `${size} ${mode} ${mtimeMs} ${ctimeMs} ${ino}`;
}
