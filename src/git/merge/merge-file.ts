import { type FileMode, type FileVersion, MODE, type ObjectBatch, type Oid } from "../model.ts";
import type { ConflictReason } from "./merge-result.ts";
import { type MergeDriver, mergeText } from "./merge-text.ts";

/** One path on three sides; `undefined`: it does not exist there as a file. */
export type FileTriple = {
  readonly base: FileVersion | undefined;
  readonly ours: FileVersion | undefined;
  readonly theirs: FileVersion | undefined;
};

export type FileMerge = { readonly kind: "clean"; readonly version: FileVersion | undefined } | FileConflict;

export type FileConflict = {
  readonly kind: "conflict";
  readonly reason: ConflictReason;
  /** The mode that the standing side gets: a clean change of the executable bit survives a conflict of content. */
  readonly mode: FileMode | undefined;
  /** The contents with the lines of both sides where they conflict; undefined when one side has no lines. */
  readonly union?: (() => Oid | undefined) | undefined;
  /** What stands for the conflict when the merge is only the base of another one; writes it if need be. */
  readonly virtualBase: () => FileVersion | undefined;
};

export type FileMergeOptions = {
  readonly batch: ObjectBatch;
  readonly driver: MergeDriver;
  readonly labels?: { readonly ours: string; readonly theirs: string };
  readonly markerSize?: number;
};

/** Merges what three sides have at one path; the content of a clean merge is written into the batch. */
export function mergeFile({ base, ours, theirs }: FileTriple, options: FileMergeOptions): FileMerge {
  if (sameVersion(ours, theirs) || sameVersion(base, theirs)) return { kind: "clean", version: ours };
  if (sameVersion(base, ours)) return { kind: "clean", version: theirs };
  if (ours === undefined || theirs === undefined) return fileConflict("modify-delete", base);
  const reason = base === undefined ? "add-add" : "content";
  if (kindOf(ours) !== kindOf(theirs)) return fileConflict("type", base);
  if (!isRegular(ours) || !isRegular(theirs)) return mergeOther({ base, ours, theirs }, reason);

  const ancestor = isRegular(base) ? base : undefined;
  const mode = mergeModes(ancestor?.mode, ours.mode, theirs.mode);
  const { batch, driver } = options;
  const content = mergeContents(ancestor?.oid, ours.oid, theirs.oid, options);
  if (content.kind === "clean") {
    if (mode !== undefined) return { kind: "clean", version: { mode, oid: content.oid } };
    const virtualBase = { mode: ours.mode, oid: content.oid };
    return fileConflict(base === undefined ? "add-add" : "type", virtualBase);
  }
  const standing = mode ?? ours.mode;
  // As in git: lines that conflict stay with their markers, so that each side's way of resolving them shows as its own
  // change; what has no lines falls back to the base. Any other choice would let one side's resolution win without a
  // word.
  const virtualBase = (): FileVersion => ({
    mode: standing,
    oid:
      content.marked === undefined
        ? (ancestor?.oid ?? batch.write("blob", new Uint8Array(0)))
        : batch.write("blob", content.marked),
  });
  const union = (): Oid | undefined => {
    if (driver === "binary") return undefined;
    const joined = mergeContents(ancestor?.oid, ours.oid, theirs.oid, { ...options, driver: "union" });
    return joined.kind === "clean" ? joined.oid : undefined;
  };
  return { kind: "conflict", reason, mode: standing, union, virtualBase };
}

export function sameVersion(a: FileVersion | undefined, b: FileVersion | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

export function isRegular(version: FileVersion | undefined): version is FileVersion {
  return version?.mode === MODE.file || version?.mode === MODE.executable;
}

export function fileConflict(reason: ConflictReason, virtualBase: FileVersion | undefined): FileConflict {
  return { kind: "conflict", reason, mode: undefined, virtualBase: () => virtualBase };
}

/** Symlinks and submodules: of their content one side must not have changed. */
function mergeOther({ base, ours, theirs }: FileTriple, reason: ConflictReason): FileMerge {
  if (ours?.oid === theirs?.oid || base?.oid === theirs?.oid) return { kind: "clean", version: ours };
  if (base?.oid === ours?.oid) return { kind: "clean", version: theirs };
  return fileConflict(reason, base);
}

function kindOf(version: FileVersion): number {
  return version.mode === MODE.executable ? MODE.file : version.mode;
}

/** Returns undefined when the sides differ and neither has the base's mode. */
function mergeModes(base: FileMode | undefined, ours: FileMode, theirs: FileMode): FileMode | undefined {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : undefined;
}

type ContentMerge =
  | { readonly kind: "clean"; readonly oid: Oid }
  | { readonly kind: "conflict"; readonly marked: Uint8Array | undefined };

/** Blobs above this size (bytes) are not read; they conflict as binary files do. */
const CONTENT_LIMIT = 32 * 1024 * 1024;

function mergeContents(
  base: Oid | undefined,
  ours: Oid,
  theirs: Oid,
  options: FileMergeOptions,
): ContentMerge {
  const { batch, driver, labels, markerSize } = options;
  if (ours === theirs || base === theirs) return { kind: "clean", oid: ours };
  if (base === ours) return { kind: "clean", oid: theirs };
  if (driver === "ours") return { kind: "clean", oid: ours };
  const tooLarge = [base, ours, theirs].some(
    (oid) => oid !== undefined && batch.header(oid).size > CONTENT_LIMIT,
  );
  if (tooLarge || driver === "binary") return { kind: "conflict", marked: undefined };
  const merged = mergeText({
    base: base === undefined ? new Uint8Array(0) : batch.read(base).bytes,
    ours: batch.read(ours).bytes,
    theirs: batch.read(theirs).bytes,
    driver,
    ...(labels === undefined ? {} : { labels }),
    ...(markerSize === undefined ? {} : { markerSize }),
  });
  if (merged.clean) return { kind: "clean", oid: batch.write("blob", merged.bytes) };
  return { kind: "conflict", marked: merged.lines ? merged.bytes : undefined };
}
