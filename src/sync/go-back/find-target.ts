/** Finds what `--to` and `--at` mean: a savepoint, a revision, or what the branch was at a time. */
import { LullError } from "../../base/errors.ts";
import type { Repository, Savepoint } from "../../git/git.ts";
import type { Oid } from "../../git/model.ts";

export type Target = {
  /** A commit whose tree is to come back. */
  readonly commit: Oid;
  /** When it was made, milliseconds since 1970 UTC. */
  readonly at: number;
  readonly savepoint: string | undefined;
  /** What the savepoint was taken before. */
  readonly before: string | undefined;
  /** A commit with what was staged then, which is not staged again; undefined: nothing, or it is not known. */
  readonly staged: Oid | undefined;
};

export type TargetInput = {
  /** As typed; undefined: by time only. */
  readonly text: string | undefined;
  /** What the text or another flag says as a time; undefined: it is none. */
  readonly time: number | undefined;
  /** The branch's commit; undefined: it has none yet. */
  readonly head: Oid | undefined;
};

/** @throws LullError `NO_SUCH_STATE`, and that of `findRevision` (kind `usage`) */
export function findTarget(repository: Repository, { text, time, head }: TargetInput): Target {
  const savepoint = text === undefined ? undefined : savepointNamed(repository.savepoints(), text);
  if (savepoint !== undefined) return targetOf(savepoint);
  const revision = text === undefined ? undefined : repository.findRevision(text);
  const commit =
    revision ?? (time === undefined || head === undefined ? undefined : commitAt(repository, head, time));
  if (commit === undefined) throw nothingFound(text, time, head);
  return {
    commit,
    at: timeOf(repository, commit),
    savepoint: undefined,
    before: undefined,
    staged: undefined,
  };
}

export function targetOf({ commit, takenAt, name, before, index }: Savepoint): Target {
  return { commit, at: takenAt, savepoint: name, before, staged: index };
}

/** By its whole name or a start of it that no other has. */
function savepointNamed(all: readonly Savepoint[], text: string): Savepoint | undefined {
  const exact = all.find(({ name }) => name === text);
  const starting = text.length < SHORTEST_START ? [] : all.filter(({ name }) => name.startsWith(text));
  return exact ?? (starting.length === 1 ? starting[0] : undefined);
}

/** A day is no savepoint. */
const SHORTEST_START = 10;

/** What this device's branch was then: its own line of commits, without those that merges brought along. */
function commitAt(repository: Repository, head: Oid, time: number): Oid | undefined {
  for (let oid: Oid | undefined = head; oid !== undefined; [oid] = repository.readCommit(oid).parents) {
    if (timeOf(repository, oid) <= time) return oid;
  }
  return undefined;
}

function timeOf(repository: Repository, oid: Oid): number {
  return repository.readCommit(oid).committer.seconds * 1000;
}

function nothingFound(text: string | undefined, time: number | undefined, head: Oid | undefined): LullError {
  if (time !== undefined && head === undefined)
    return new LullError({
      kind: "usage",
      code: "NO_SUCH_STATE",
      message: "nothing is committed here yet, so there is no earlier state",
      hint: "`lull sync` makes the first one",
    });
  const isTime = time !== undefined;
  return new LullError({
    kind: "usage",
    code: "NO_SUCH_STATE",
    message: isTime
      ? `the history does not go back to ${text ?? "that time"}`
      : `"${text}" is no savepoint, no revision and no time`,
    hint: "`lull savepoints` shows what can be gone back to; a time is `2h`, `2 days ago`, `2026-03-01` or `2026-03-01 14:00`",
  });
}
