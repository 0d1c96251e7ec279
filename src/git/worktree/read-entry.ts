/** Reads one path of the work tree into a batch, as the index entry that it should have now. */
import { constants } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import { hashObject } from "../objects/hash-object.ts";
import { MODE } from "../model.ts";
import { displayPath, toFsPath } from "../paths.ts";
import { blobSource, hashFile, readAll, readLink, withFile } from "./file-content.ts";
import { sameStat, statHandle, statPath } from "./stat.ts";
import type { Admit } from "./candidate-file.ts";
import type { FileMode, ObjectBatch, Oid, RepoPath } from "../model.ts";
import type { SkippedPath } from "./changes.ts";
import type { Conversion } from "./conversion.ts";
import type { BlobSource, OpenFile, ReadingRoom, StatOf } from "./file-content.ts";
import type { IndexUpdate, StatData } from "./index-model.ts";
import type { IndexTable } from "./index-table.ts";
import type { WorkTreeSettings } from "./settings.ts";
import type { FileStat } from "./stat.ts";

export type Reading =
  | { readonly kind: "found"; readonly update: IndexUpdate }
  /** Nothing is there, or a folder. */
  | { readonly kind: "gone" }
  /** It changed while it was read; what was read is worth nothing. */
  | { readonly kind: "changing" }
  | { readonly kind: "skipped"; readonly reason: SkippedPath["reason"] };

export type ReadEntryInput = {
  readonly root: string;
  readonly index: IndexTable;
  readonly batch: ObjectBatch;
  readonly conversion: Conversion;
  readonly settings: WorkTreeSettings;
  /** A quicker fstat than the usual one. */
  readonly statOf?: StatOf;
  readonly admit?: Admit | undefined;
  /** Left out: what is written to the batch may be kept by it. */
  readonly room?: ReadingRoom;
};

/** False where opening would follow a link (Windows). */
const IS_SAFE_TO_OPEN = (constants.O_NOFOLLOW as number | undefined) !== undefined;
const NOT_OPENED = new Set(["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "EINVAL", "ENXIO"]);
const CHANGING: Reading = { kind: "changing" };

/** The folders above the path must be real ones: links among them would be followed. */
export function readEntry(input: ReadEntryInput, path: RepoPath): Reading {
  try {
    // Nearly all are plain files: opening tells as much as lstat would, and links are not followed.
    const reading = IS_SAFE_TO_OPEN ? readPlainFile(input, path) : undefined;
    if (reading !== undefined) return reading;
    const stat = statPath(toFsPath(input.root, path));
    if (stat === undefined || stat.kind === "directory") return { kind: "gone" };
    if (stat.kind === "symlink") return readLinkEntry(input, path, stat);
    if (stat.kind === "file") return readFileEntry(input, path) ?? CHANGING;
    return { kind: "skipped", reason: stat.kind };
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["EACCES", "EPERM"].includes(code)) return { kind: "skipped", reason: "unreadable" };
    // Since lstat it vanished (ENOENT, ENOTDIR) or became a link (ELOOP, EINVAL) or a socket (ENXIO), or its size
    // changed while it was stored piece by piece.
    if (["ENOENT", "ENOTDIR", "ELOOP", "EINVAL", "ENXIO", "FILE_CHANGED"].includes(code)) return CHANGING;
    throw fromSystem(error, `read ${displayPath(path)}`);
  }
}

/** Undefined when it is none, or when it can not be opened: then lstat tells why. */
function readPlainFile(input: ReadEntryInput, path: RepoPath): Reading | undefined {
  try {
    return readFileEntry(input, path);
  } catch (error) {
    if (!NOT_OPENED.has(systemCode(error) ?? "")) throw error;
    return undefined;
  }
}

function readLinkEntry(input: ReadEntryInput, path: RepoPath, before: FileStat): Reading {
  const fsPath = toFsPath(input.root, path);
  const target = readLink(fsPath);
  const after = statPath(fsPath);
  if (after === undefined || !sameStat(before.data, after.data)) return CHANGING;
  return found(input, { mode: MODE.symlink, oid: input.batch.write("blob", target), stat: after.data });
}

function readFileEntry(input: ReadEntryInput, path: RepoPath): Reading | undefined {
  return withFile(
    toFsPath(input.root, path),
    (file): Reading => {
      const mode = modeOf(input, path, file.stat);
      const source: BlobSource =
        mode === MODE.symlink
          ? { kind: "bytes", bytes: readAll(file, input.room) }
          : blobSource(file, path, input.conversion, input.room);
      if (mode !== MODE.symlink && input.conversion.refusal(path) !== undefined) {
        return readRefused(input, path, { mode, source, stat: file.stat.data });
      }
      // Before anything is written, so that a file in motion leaves no stray object behind.
      if (source.kind === "bytes" && !isSettled(file, input.statOf)) return CHANGING;
      if (mode !== MODE.symlink && !isAdmitted(input, path, { file, source }))
        return { kind: "skipped", reason: "not-admitted" };
      const oid =
        source.kind === "bytes" ? input.batch.write("blob", source.bytes) : storeStream(input, path, file);
      if (source.kind === "stream" && !isSettled(file, input.statOf)) return CHANGING;
      return found(input, { mode, oid, stat: file.stat.data });
    },
    input.statOf,
  );
}

function isAdmitted(
  { admit }: ReadEntryInput,
  path: RepoPath,
  { file, source }: { readonly file: OpenFile; readonly source: BlobSource },
): boolean {
  if (admit === undefined) return true;
  const bytes = source.kind === "bytes" ? source.bytes : undefined;
  const oid = (): Oid => (bytes === undefined ? hashFile(file, undefined) : hashObject("blob", bytes));
  return admit({ path, size: file.stat.size, bytes, oid });
}

/** A large file that was only touched is read once more rather than deflated for nothing. */
function storeStream({ index, batch }: ReadEntryInput, path: RepoPath, file: OpenFile): Oid {
  const position = index.find(path);
  if (position >= 0 && index.statAt(position).size === file.stat.data.size) {
    const oid = hashFile(file, undefined);
    if (oid === index.oidAt(position) && batch.has(oid)) return oid;
  }
  return batch.writeBlobFrom(file.handle, file.stat.size);
}

type Refused = { readonly mode: FileMode; readonly source: BlobSource; readonly stat: StatData };

/** A path that a filter should convert: its stat data may be renewed, another content is not taken. */
function readRefused(input: ReadEntryInput, path: RepoPath, { mode, source, stat }: Refused): Reading {
  const position = input.index.find(path);
  const oid = source.kind === "bytes" ? hashObject("blob", source.bytes) : undefined;
  const isKnown = position >= 0 && input.index.oidAt(position) === oid;
  return isKnown && oid !== undefined
    ? found(input, { mode, oid, stat })
    : { kind: "skipped", reason: "filter" };
}

function isSettled(file: OpenFile, statOf: StatOf = statHandle): boolean {
  const now = statOf(file.handle);
  return sameStat(file.stat.data, now.data);
}

/**
 * Stat data as old as the lock or younger does not vouch for the content: a further change within the same tick of
 * the file system's clock would look the same. Older data does, since any later change gets a later time.
 */
function found({ index }: ReadEntryInput, update: IndexUpdate & { readonly stat: StatData }): Reading {
  const { seconds, nanoseconds } = index.lockedAt;
  const { mtimeSeconds, mtimeNanoseconds } = update.stat;
  const isOlder = mtimeSeconds < seconds || (mtimeSeconds === seconds && mtimeNanoseconds < nanoseconds);
  const isUnlocked = seconds === 0;
  return { kind: "found", update: isOlder || isUnlocked ? update : { ...update, stat: undefined } };
}

/** Where the file system keeps no exec bit or no links, the index is the only one who knows. */
function modeOf({ index, settings }: ReadEntryInput, path: RepoPath, stat: FileStat): FileMode {
  const position = index.find(path);
  const known = position < 0 ? undefined : index.modeAt(position);
  if (known === MODE.symlink && !settings.symlinks) return MODE.symlink;
  const isExecutable = settings.fileMode ? stat.isExecutable : known === MODE.executable;
  return isExecutable ? MODE.executable : MODE.file;
}
