/**
 * Keeps the list of conflicts in step with the history and the files: the merges tell which there are, whoever made
 * them, and the files tell which of them somebody has resolved.
 */
import type { Repository } from "../../git/git.ts";
import type { FileVersion, Oid } from "../../git/model.ts";
import type { StoredConflict } from "../../store/conflict-store.ts";
import { type ConflictRecord, needsPerson, readRecords } from "../../sync/conflicts/conflict-record.ts";
import { readResolutions } from "../../sync/conflicts/resolution-record.ts";
import type { Deps } from "../deps.ts";

type Parts = Pick<Deps, "conflicts" | "clock">;

/** Of a history that was not read before, so many of the newest commits; older conflicts bother nobody. */
const MOST_COMMITS = 5000;

/** @param tip the commit that the branch has now */
export function learnConflicts(deps: Parts, source: string, repository: Repository, tip: Oid): void {
  const mark = deps.conflicts.mark(source);
  if (mark !== tip) readHistory(deps, source, repository, { tip, mark });
  for (const conflict of deps.conflicts.list({ source, open: true })) {
    const resolution = settledBy(repository, tip, recordOf(conflict));
    if (resolution !== undefined) deps.conflicts.resolve(conflict, { at: deps.clock.now(), resolution });
  }
}

function readHistory(
  deps: Parts,
  source: string,
  repository: Repository,
  { tip, mark }: { readonly tip: Oid; readonly mark: Oid | undefined },
): void {
  const known = mark !== undefined && repository.has(mark) ? mark : undefined;
  const commits = repository.newCommits(tip, known, MOST_COMMITS);
  const conflicts = commits.flatMap((commit) =>
    readRecords(commit.oid, commit).map((record) => toStored(source, record)),
  );
  deps.conflicts.learn({ source, tip, conflicts });
  // Oldest first: what was decided, taken back and decided again is as the last word says.
  for (const commit of commits.toReversed()) {
    const at = commit.committer.seconds * 1000;
    for (const { keep, isTakenBack, ...of } of readResolutions(commit)) {
      const key = { source, ...of };
      if (isTakenBack) deps.conflicts.reopen(key);
      else deps.conflicts.resolve(key, { at, resolution: `kept ${keep}` });
    }
  }
}

function toStored(source: string, record: ConflictRecord): StoredConflict {
  const { commit, path, at: metAt } = record;
  const end = needsPerson(record)
    ? { resolvedAt: undefined, resolution: undefined }
    : { resolvedAt: metAt, resolution: `settled by ${record.strategy}` };
  return { source, commit, path, metAt, ...end, detail: JSON.stringify(record) };
}

export function recordOf(conflict: StoredConflict): ConflictRecord {
  return JSON.parse(conflict.detail) as ConflictRecord;
}

/** What the files say became of it; undefined: it is open. */
function settledBy(repository: Repository, tip: Oid, record: ConflictRecord): string | undefined {
  const at = (path: string): FileVersion | undefined => repository.versionAt(tip, path);
  if (record.kept === "both") {
    if (record.copy === undefined || at(record.copy) === undefined) return "copy removed";
    return record.reason === "rename" && at(record.path) === undefined ? "one name removed" : undefined;
  }
  const now = at(record.path);
  const isTheirs = now?.oid === record.theirs?.oid && now?.mode === record.theirs?.mode;
  return isTheirs ? "the remote's version was taken" : undefined;
}
