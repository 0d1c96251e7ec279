/** What a resolution would change, from the record and the files as they are in the last commit. Pure. */
import { LullError } from "../../base/errors.ts";
import type { EditCommitInput, NewFile } from "../../git/git.ts";
import { type FileMode, type FileVersion, MODE, type RepoPath } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import { conflictCopyPath } from "../../sync/conflicts/copy-path.ts";
import type { ConflictRecord } from "../../sync/conflicts/conflict-record.ts";
import { isFolder, sideOfCopy } from "./list-conflicts.ts";

/** Which version gets the name; bytes: a content that somebody made of both. */
export type Keep = "local" | "remote" | "both" | { readonly bytes: Uint8Array };

export type PlanInput = {
  readonly record: ConflictRecord;
  readonly keep: Keep;
  /** What the last commit has at a path, folders included. */
  readonly versionAt: (path: RepoPath) => FileVersion | undefined;
  /** Local time for a copy's name, as `20260301-140512`. */
  readonly stamp: string;
};

type Edits = EditCommitInput["edits"];

/** @throws LullError `FOLDER_IN_THE_WAY` (kind `conflict`) where a folder would have to make room for a file */
export function planResolution(input: PlanInput): Edits {
  const { record, keep, versionAt } = input;
  if (typeof keep === "object") return written(input, { bytes: keep.bytes, mode: modeFor(input) });
  if (record.kept !== "both" || record.copy === undefined) return inPlace(input, keep);
  if (keep === "both") return new Map();
  const copied = sideOfCopy(record) === (keep === "local" ? "ours" : "theirs");
  if (record.reason === "rename") return new Map([[copied ? record.path : record.copy, undefined]]);
  // What was deleted by hand is still in the history, and the person wants it.
  if (copied) return written(input, versionAt(record.copy) ?? record[sideOfCopy(record)]);
  const wanted = keep === "local" ? record.ours : record.theirs;
  const isGone = versionAt(record.path) === undefined && !isFolder(wanted);
  return new Map([[record.copy, undefined], ...(isGone ? [[record.path, wanted] as const] : [])]);
}

/** Where no copy was made, this device's version has the name (`manual`), or a rule has chosen. */
function inPlace({ record, versionAt, stamp }: PlanInput, keep: "local" | "remote" | "both"): Edits {
  const { path, ours, theirs } = record;
  const stands = versionAt(path);
  if (keep === "local") return isStanding(record, "ours") ? new Map() : new Map([[path, ours]]);
  if (keep === "remote") {
    if (isStanding(record, "theirs")) return new Map();
    refuseFolder(path, [stands, theirs]);
    return new Map([[path, theirs]]);
  }
  const other = isStanding(record, "ours") ? theirs : ours;
  if (other === undefined) return new Map();
  if (stands === undefined) return new Map([[path, other]]);
  refuseFolder(path, [other]);
  return new Map([[freeName(conflictCopyPath(path, { device: "other", stamp }), versionAt), other]]);
}

function isStanding(record: ConflictRecord, side: "ours" | "theirs"): boolean {
  return record.kept === side;
}

function written({ record, versionAt }: PlanInput, version: FileVersion | NewFile | undefined): Edits {
  refuseFolder(record.path, [versionAt(record.path)]);
  const edits = new Map<RepoPath, FileVersion | NewFile | undefined>([[record.path, version]]);
  if (record.copy !== undefined) edits.set(record.copy, undefined);
  return edits;
}

/** A file that was made of both keeps what it could be run as, and is no link. */
function modeFor({ record, versionAt }: PlanInput): FileMode {
  const modes = [versionAt(record.path), record.ours, record.theirs].map((version) => version?.mode);
  return modes.find((mode) => mode === MODE.file || mode === MODE.executable) ?? MODE.file;
}

function freeName(wanted: RepoPath, versionAt: PlanInput["versionAt"]): RepoPath {
  let name = wanted;
  for (let number = 2; versionAt(name) !== undefined; number++) name = `${wanted}-${number}`;
  return name;
}

function refuseFolder(path: RepoPath, versions: readonly (FileVersion | undefined)[]): void {
  if (!versions.some(isFolder)) return;
  throw new LullError({
    kind: "conflict",
    code: "FOLDER_IN_THE_WAY",
    message: `${displayPath(path)} is a folder on one side and a file on the other; only you can take one of them away`,
    hint: "move or delete what you do not want, or keep both: `lull resolve --keep both`",
    data: { path: displayPath(path) },
  });
}
