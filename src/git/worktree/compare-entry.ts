/** Compares one tracked path with what the work tree has at its place. */
import { fromSystem, systemCode } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { hashObject } from "../objects/hash-object.ts";
import { displayPath, toFsPath } from "../paths.ts";
import { blobSource, hashFile, readLink, withFile } from "./file-content.ts";
import { sameStat } from "./stat.ts";
import type { Oid } from "../model.ts";
import type { ChangeKind, SkippedPath } from "./changes.ts";
import type { Conversion } from "./conversion.ts";
import type { IndexTable } from "./index-table.ts";
import type { StatData } from "./index-model.ts";
import type { WorkTreeSettings } from "./settings.ts";
import type { FileStat } from "./stat.ts";

export type Comparison =
  | { readonly kind: "same" }
  /** Same content, but the index has old stat data. */
  | { readonly kind: "refreshed" }
  | { readonly kind: "changed"; readonly change: ChangeKind }
  | { readonly kind: "skipped"; readonly reason: SkippedPath["reason"] };

export type CompareInput = {
  readonly root: string;
  readonly index: IndexTable;
  readonly conversion: Conversion;
  readonly settings: WorkTreeSettings;
  readonly signal: AbortSignal | undefined;
};

const EMPTY_BLOB: Oid = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
const READABLE_BY_ALL = 0o444;
const SAME: Comparison = { kind: "same" };
const REFRESHED: Comparison = { kind: "refreshed" };

/** Stat data this much newer than the index comes from a clock that is wrong; writing the index again cures nothing. */
const LARGEST_RACE_SECONDS = 2;

/** @param stat what is at the path; neither a folder nor anything special */
export function compareEntry(input: CompareInput, position: number, stat: FileStat): Comparison {
  const { index, settings } = input;
  const mode = index.modeAt(position);
  const isLink = mode === MODE.symlink;
  // Without links in the file system a link is a plain file that holds its target.
  const isLinkFile = isLink && !settings.symlinks && stat.kind === "file";
  if ((stat.kind === "symlink") !== isLink && !isLinkFile) return changed("type-changed");
  if (index.isIntentToAdd(position)) return changed("added");

  const modeChanged = !isLink && settings.fileMode && stat.isExecutable !== (mode === MODE.executable);
  const entryStat = index.statAt(position);
  const isFresh = sameStat(entryStat, stat.data) && !isSmudged(entryStat, index.oidAt(position));
  if (isFresh && !index.isRacy(position)) return modeChanged ? changed("mode-changed") : SAME;

  const content = compareContent(input, position, stat);
  if (content.kind !== "same") return content;
  if (modeChanged) return changed("mode-changed");
  return isFresh && isFarAhead(entryStat, index) ? SAME : REFRESHED;
}

/**
 * True when the user may read the file. What everybody may read is not opened: that took half of the time of a first
 * scan of 10,000 files. Should it be refused all the same (by an access list, say), staging says so.
 */
export function isReadable(path: string | Buffer, mode: number, settings: WorkTreeSettings): boolean {
  // Without modes in the file system they are made up.
  if (settings.fileMode && (mode & READABLE_BY_ALL) === READABLE_BY_ALL) return true;
  try {
    // Really opened: access(2) asks for the wrong user under sudo, and network file systems answer it wrongly.
    return withFile(path, () => true) === true;
  } catch (error) {
    return !isDenied(error);
  }
}

function compareContent(input: CompareInput, position: number, stat: FileStat): Comparison {
  const path = input.index.pathAt(position);
  try {
    if (isSameContent(input, position, stat)) return SAME;
    const isRaw = input.index.modeAt(position) === MODE.symlink;
    return !isRaw && input.conversion.refusal(path) !== undefined ? skipped("filter") : changed("modified");
  } catch (error) {
    if (isDenied(error)) return skipped("unreadable");
    const code = systemCode(error) ?? "";
    if (code === "ENOENT" || code === "ENOTDIR") return changed("deleted");
    // Since lstat a link (ELOOP) or a socket (ENXIO) has taken its place.
    if (["ELOOP", "ENXIO", "EINVAL"].includes(code)) return changed("modified");
    throw fromSystem(error, `read ${displayPath(path)}`);
  }
}

function isSameContent(input: CompareInput, position: number, stat: FileStat): boolean {
  const { root, index, conversion, settings } = input;
  const path = index.pathAt(position);
  const fsPath = toFsPath(root, path);
  const oid = index.oidAt(position);
  if (stat.kind === "symlink") return hashObject("blob", readLink(fsPath)) === oid;
  const isLinkFile = index.modeAt(position) === MODE.symlink;
  const isTakenAsIs = isLinkFile || conversion.rule(path).kind === "none";
  const size = index.statAt(position).size;
  // Without conversion another size is another content; reading would only confirm it.
  if (isTakenAsIs && size !== 0 && size !== stat.data.size && isReadable(fsPath, stat.mode, settings))
    return false;
  const found = withFile(fsPath, (file) => {
    if (isLinkFile) return hashFile(file, input.signal);
    const source = blobSource(file, path, conversion);
    return source.kind === "stream" ? hashFile(file, input.signal) : hashObject("blob", source.bytes);
  });
  return found === oid;
}

/** A size of zero marks an entry as "to be compared", unless the file is really empty. */
function isSmudged(stat: StatData, oid: Oid): boolean {
  return stat.size === 0 && oid !== EMPTY_BLOB;
}

function isFarAhead(stat: StatData, index: IndexTable): boolean {
  return stat.mtimeSeconds > index.timestamp.seconds + LARGEST_RACE_SECONDS;
}

function isDenied(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(systemCode(error) ?? "");
}

function changed(change: ChangeKind): Comparison {
  return { kind: "changed", change };
}

function skipped(reason: SkippedPath["reason"]): Comparison {
  return { kind: "skipped", reason };
}
