/** Reads refs: a loose file first, then `packed-refs`. A ref that is damaged is an error, never "no commit yet". */
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
} from "node:fs";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { mayExist } from "../../base/may-exist.ts";
import type { Oid } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import { commonDirectory, OWN_FOLDERS } from "./common-directory.ts";
import { findPackedRef, hasPackedRefBelow, readPackedRefs } from "./packed-refs.ts";
import { isRefName, isRootRef, refNameFromBytes, refPath } from "./ref-name.ts";

export type RefValue =
  | { readonly kind: "direct"; readonly oid: Oid }
  | { readonly kind: "symbolic"; readonly target: string };

/** Where a chain of symbolic refs ends; `oid` is undefined when that last ref does not exist (an unborn branch). */
export type ResolvedRef = { readonly name: string; readonly oid: Oid | undefined };

/** As git's SYMREF_MAXDEPTH. */
const MAXIMUM_DEPTH = 5;

/** A ref file holds a name or 40 digits; more than this is something else. */
const MAXIMUM_SIZE = 64 * 1024;

/**
 * Reads one ref without following it.
 * @throws LullError `REF_BROKEN` (kind `unsafe`) when there is a file that holds no ref; `REF_NAME_INVALID`.
 */
export function readRef(gitDirectory: string, name: string): RefValue | undefined {
  checkName(name);
  const loose = readLooseRef(gitDirectory, name);
  if (loose !== undefined) return loose;
  const oid = findPackedRef(gitDirectory, name);
  return oid === undefined ? undefined : { kind: "direct", oid };
}

/** Follows symbolic refs to the end. Same errors as `readRef`; a loop counts as broken. */
export function resolveRef(gitDirectory: string, name: string): ResolvedRef {
  let current = name;
  for (let depth = 0; depth <= MAXIMUM_DEPTH; depth++) {
    const value = readRef(gitDirectory, current);
    if (value?.kind !== "symbolic") return { name: current, oid: value?.oid };
    current = value.target;
  }
  throw brokenRef(gitDirectory, name, "its symbolic refs do not end");
}

/**
 * Returns all refs whose names start with the prefix (`refs/`, `refs/heads/`), symbolic ones resolved, dangling ones
 * left out, as git does.
 * @param onBroken called with each damaged ref; without it the first one throws `REF_BROKEN`
 */
export function listRefs(
  gitDirectory: string,
  prefix: string,
  onBroken?: (name: string) => void,
): Map<string, Oid> {
  // Loose before packed: the other way round, a ref that `git pack-refs` moves in between would be in neither.
  const found = new Map<string, Oid | undefined>();
  for (const name of looseRefNames(gitDirectory, prefix.slice(0, prefix.lastIndexOf("/")))) {
    if (!name.startsWith(prefix) || !isRefName(name)) continue;
    try {
      const plain = readPlainRef(gitDirectory, name);
      found.set(name, plain?.kind === "direct" ? plain.oid : resolveRef(gitDirectory, name).oid);
    } catch (error) {
      const damaged = error instanceof LullError && error.code === "REF_BROKEN";
      if (!damaged || onBroken === undefined) throw error;
      found.set(name, undefined);
      onBroken(name);
    }
  }
  for (const [name, { oid }] of readPackedRefs(gitDirectory)) {
    if (name.startsWith(prefix) && !found.has(name)) found.set(name, oid);
  }
  const refs = new Map<string, Oid>();
  for (const name of inOrder([...found.keys()])) {
    const oid = found.get(name);
    if (oid !== undefined) refs.set(name, oid);
  }
  return refs;
}

const PLAIN = /^(?:[0-9a-f]{40}|ref: refs\/\S+)\n$/;
/** The file of a ref holds 41 bytes or the name of another; what fills all of these is looked at closer. */
const plainBytes = Buffer.alloc(256);

/**
 * The usual case of a loose ref, with half the system calls: 3,000 of them are read whenever refs are listed.
 * Undefined: look closer.
 */
function readPlainRef(gitDirectory: string, name: string): RefValue | undefined {
  let handle: number | undefined;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    handle = openSync(refPath(gitDirectory, name), flags);
    const length = readSync(handle, plainBytes, 0, plainBytes.length, null);
    const text = plainBytes.toString("latin1", 0, length);
    const isPlain = PLAIN.test(text) && length < plainBytes.length && !text.startsWith(ZERO_OID);
    return isPlain ? parse(gitDirectory, name, text) : undefined;
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Most often they are in order already, as packed-refs has them. */
function inOrder(names: string[]): readonly string[] {
  const isSorted = names.every((name, at) => at === 0 || (names[at - 1] ?? "") < name);
  return isSorted ? names : names.sort();
}

/** Tells whether there is any ref whose name starts with the prefix (`refs/replace/`), whole or damaged; cheap. */
export function hasRefBelow(gitDirectory: string, prefix: string): boolean {
  const folder = prefix.slice(0, -1);
  return (
    (mayExist(refPath(gitDirectory, folder)) && looseRefNames(gitDirectory, folder).length > 0) ||
    hasPackedRefBelow(gitDirectory, prefix)
  );
}

/** Reads the loose file of a ref only; undefined when there is none. */
export function readLooseRef(gitDirectory: string, name: string): RefValue | undefined {
  const plain = readPlainRef(gitDirectory, name);
  if (plain !== undefined) return plain;
  const path = refPath(gitDirectory, name);
  // A second look when the file went away in between: `git pack-refs` is moving it into packed-refs.
  for (let attempt = 1; ; attempt++) {
    try {
      const stat = lstatSync(path);
      if (stat.isDirectory()) return undefined;
      if (stat.isSymbolicLink()) return readSymbolicLink(gitDirectory, name);
      if (!stat.isFile() || stat.size > MAXIMUM_SIZE)
        throw brokenRef(gitDirectory, name, "it is no small regular file");
      return parse(gitDirectory, name, readFileSync(path, "latin1"));
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOTDIR" || (code === "ENOENT" && attempt > 1)) return undefined;
      if (code !== "ENOENT") throw fromSystem(error, `read ref ${name}`);
    }
  }
}

/** Says what is wrong with a ref and where its last good value is likely to be found. */
export function brokenRef(gitDirectory: string, name: string, why: string): LullError {
  return new LullError({
    kind: "unsafe",
    code: "REF_BROKEN",
    message: `${name} appears to be broken (${why})`,
    hint:
      "`lull verify --repair` brings it back from its log, a savepoint or what the remote had; by hand: the second" +
      ` column of the last line in ${gitDirectory}/logs/${name} is its last good commit`,
    data: { ref: name },
  });
}

function parse(gitDirectory: string, name: string, content: string): RefValue {
  const symbolic = /^ref:\s*([^\n]*?)\s*$/.exec(content)?.[1];
  if (symbolic !== undefined)
    return { kind: "symbolic", target: checkedTarget(gitDirectory, name, symbolic) };
  const oid = /^([0-9a-f]{40})(?:\s|$)/i.exec(content)?.[1]?.toLowerCase();
  if (oid === undefined)
    throw brokenRef(gitDirectory, name, content === "" ? "its file is empty" : "its file holds no commit");
  if (oid === ZERO_OID) throw brokenRef(gitDirectory, name, "it points to nothing");
  return { kind: "direct", oid };
}

/** Very old repositories hold HEAD as a link to `refs/heads/…`. */
function readSymbolicLink(gitDirectory: string, name: string): RefValue {
  const target = readlinkSync(refPath(gitDirectory, name), "latin1");
  if (target.startsWith("refs/"))
    return { kind: "symbolic", target: checkedTarget(gitDirectory, name, target) };
  throw brokenRef(gitDirectory, name, "it is a symbolic link");
}

function checkedTarget(gitDirectory: string, name: string, bytes: string): string {
  const target = refNameFromBytes(bytes);
  if (!isRefName(target)) throw brokenRef(gitDirectory, name, "it names no valid ref");
  return target;
}

/** Returns the names of all files below a folder of refs, whether or not they hold one. */
export function looseRefNames(gitDirectory: string, directory: string): string[] {
  const names: string[] = [];
  const pending = [directory === "" ? "refs" : directory];
  // A linked work tree has them elsewhere than the rest of `refs`, where they may be missing.
  if (pending[0] === "refs" && commonDirectory(gitDirectory) !== gitDirectory) pending.push(...OWN_FOLDERS);
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    try {
      for (const entry of readdirSync(refPath(gitDirectory, folder), {
        encoding: "latin1",
        withFileTypes: true,
      })) {
        const name = `${folder}/${refNameFromBytes(entry.name)}`;
        if (entry.isDirectory()) pending.push(name);
        else names.push(name);
      }
    } catch (error) {
      const code = systemCode(error);
      if (code !== "ENOENT" && code !== "ENOTDIR") throw fromSystem(error, `list ${gitDirectory}/${folder}`);
    }
  }
  return names;
}

function checkName(name: string): void {
  if (isRefName(name) || isRootRef(name)) return;
  throw new LullError({
    kind: "usage",
    code: "REF_NAME_INVALID",
    message: `${JSON.stringify(name)} is not a valid name for a branch or ref`,
    hint: "see `git help check-ref-format` for the rules",
  });
}
