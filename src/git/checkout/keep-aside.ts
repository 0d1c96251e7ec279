/**
 * Copies a file of the work tree to another name beside it, so that a checkout may replace it: durable, as private as
 * it was, and never half a file, whatever dies. It does not touch the file itself.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
} from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { syncDirectory, writeFully } from "../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { type FileVersion, MODE, type RepoPath } from "../model.ts";
import { startObjectHash } from "../objects/hash-object.ts";
import { displayPath, joinPath, parentPath, toFsPath } from "../paths.ts";
import { sameStat, statHandle, statPath } from "../worktree/stat.ts";
import { newTemporaryName } from "../worktree/temporary-names.ts";
import { FolderStates } from "./folder-states.ts";

export type KeepAsideInput = {
  readonly path: RepoPath;
  /** In the same folder. */
  readonly copy: RepoPath;
  readonly signal: AbortSignal;
};

/**
 * Returns what the copy holds, byte by byte; undefined when there is no plain file at the path, when it changed
 * meanwhile, or when the copy's name is taken.
 * @param input root: the work tree's top folder, absolute, without a trailing slash
 * @throws the system's error, e.g. of a full disk; then there is no copy
 */
export function keepAside({
  root,
  path,
  copy,
  signal,
}: KeepAsideInput & { readonly root: string }): FileVersion | undefined {
  const folder = parentPath(path);
  // In the folder itself, so that a rename puts it in place on any file system; a scan knows such names.
  const temporary = toFsPath(root, joinPath(folder, newTemporaryName()));
  const target = toFsPath(root, copy);
  try {
    if (new FolderStates(root).at(folder).state.kind !== "folder") return undefined;
    const version = copyFile(toFsPath(root, path), temporary, signal);
    if (version === undefined || !place(temporary, target)) return undefined;
    syncDirectory(toFsPath(root, folder));
    return version;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "ENXIO"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `copy ${displayPath(path)} to ${displayPath(copy)}`);
  } finally {
    rmSync(temporary, { force: true });
  }
}

const PIECE = 1024 * 1024;

function copyFile(from: string | Buffer, to: string | Buffer, signal: AbortSignal): FileVersion | undefined {
  // Windows has no such flag, and its links need rights that hardly anybody has.
  const noFollow = (constants.O_NOFOLLOW as number | undefined) ?? 0;
  const nonBlocking = (constants.O_NONBLOCK as number | undefined) ?? 0;
  if (noFollow === 0 && statPath(from)?.kind !== "file") return undefined;
  const source = openSync(from, constants.O_RDONLY | noFollow | nonBlocking);
  try {
    const before = statHandle(source);
    if (before.kind !== "file") return undefined;
    const copy = openSync(to, "wx", 0o600);
    try {
      const hasher = startObjectHash("blob", before.size);
      const room = Buffer.allocUnsafe(Math.min(PIECE, before.size));
      for (let at = 0; at < before.size;) {
        throwIfAborted(signal);
        const length = readSync(source, room, 0, Math.min(room.length, before.size - at), at);
        if (length === 0) return undefined;
        hasher.update(room.subarray(0, length));
        writeFully(copy, room.subarray(0, length));
        at += length;
      }
      fchmodSync(copy, before.mode & 0o777);
      fsyncSync(copy);
      if (!sameStat(before.data, statHandle(source).data)) return undefined;
      return { mode: before.isExecutable ? MODE.executable : MODE.file, oid: hasher.digest("hex") };
    } finally {
      closeSync(copy);
    }
  } finally {
    closeSync(source);
  }
}

/** False when the name is taken: a link, other than a rename, replaces nothing. */
function place(temporary: string | Buffer, target: string | Buffer): boolean {
  try {
    linkSync(temporary, target);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return false;
    if (!NO_LINKS.has(code)) throw error;
  }
  if (statPath(target) !== undefined) return false;
  renameSync(temporary, target);
  return true;
}

/** File systems without links, as those of USB sticks. */
const NO_LINKS = new Set([
  "EPERM",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "EINVAL",
  "EMLINK",
  "EISDIR",
  "UNKNOWN",
]);
