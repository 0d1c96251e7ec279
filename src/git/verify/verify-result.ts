/**
 * Verifying: is everything of a repository there, whole and of one mind? This folder owns the checks, what they say in
 * words, and the repair of what can be repaired; it must not know sources or who asked. Nothing here writes but
 * `repair.ts` and what it calls.
 */
import type { Oid, Progress } from "../model.ts";

/**
 * `loss`: something of the person's is not there any more, unless a repair finds it elsewhere; `damage`: a part is
 * unsound, and what it stands for is there all the same; `note`: no damage, but worth knowing.
 */
export type Gravity = "loss" | "damage" | "note";

export type FindingCode =
  | "OBJECT_MISSING"
  | "OBJECT_DAMAGED"
  | "OBJECT_WRONG_KIND"
  | "COPY_DAMAGED"
  | "PACK_DAMAGED"
  | "PACK_INDEX_DAMAGED"
  | "PACK_WITHOUT_INDEX"
  | "INDEX_WITHOUT_PACK"
  | "CACHE_DAMAGED"
  | "REF_BROKEN"
  | "REF_WITHOUT_OBJECT"
  | "PACKED_REFS_BROKEN"
  | "HEAD_BROKEN"
  | "HEAD_UNBORN"
  | "REFLOG_BROKEN"
  | "REFLOG_WITHOUT_OBJECT"
  | "INDEX_DAMAGED"
  | "INDEX_WITHOUT_OBJECT"
  | "INDEX_TREES"
  | "INDEX_UNMERGED"
  | "CONFIG_BROKEN"
  | "FILE_CHANGED_UNSEEN"
  | "JOURNAL"
  | "LOCK"
  | "LEFTOVERS"
  | "UNREADABLE"
  | "UNSUPPORTED";

export type Finding = {
  readonly part: "object" | "ref" | "index" | "file" | "config" | "leftover";
  readonly gravity: Gravity;
  readonly code: FindingCode;
  /** A path in the git directory, the full name of a ref, a path in the work tree, or an object's name. */
  readonly where: string;
  /** What is wrong with it; goes on after `where`. */
  readonly what: string;
  /** What that means for the person, where it can be told. */
  readonly meaning: string | undefined;
  /** What mends it, in words; undefined: nothing that is known here. */
  readonly mend: string | undefined;
  /** The objects that are concerned. */
  readonly oids: readonly Oid[];
};

export type VerifyCounts = {
  readonly objects: number;
  /** On the disk. */
  readonly bytes: number;
  readonly branches: number;
  readonly tags: number;
  readonly savepoints: number;
  /** Tracked ones that were compared; undefined: there is no work tree, or nothing to compare it by. */
  readonly files: number | undefined;
  /** Files that differ from the index, as files do that somebody works on. */
  readonly localChanges: number;
};

export type VerifyResult = VerifyCounts & {
  /** The gravest first. */
  readonly findings: readonly Finding[];
};

export type VerifyInput = {
  readonly signal: AbortSignal;
  readonly onProgress?: Progress | undefined;
};

const ORDER: readonly Gravity[] = ["loss", "damage", "note"];

export function byGravity(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.gravity) - ORDER.indexOf(b.gravity));
}

export function finding(
  init: Pick<Finding, "part" | "gravity" | "code" | "where" | "what"> & Partial<Finding>,
): Finding {
  return { meaning: undefined, mend: undefined, oids: [], ...init };
}
