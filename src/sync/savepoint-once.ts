/** One savepoint a run, before its first change: later rounds only go on with what this run has begun. */
import type { CommitInput } from "../git/git.ts";
import { authorOf } from "./author.ts";
import type { RunContext } from "./run-context.ts";

export function savepointOf({
  source,
  recorder,
  options,
}: RunContext): NonNullable<CommitInput["savepoint"]> {
  return {
    source: source.name,
    before: options.purpose ?? "a sync",
    taken: ({ name }) => {
      recorder.savepoint = name;
    },
  };
}

/** For a change that no commit of the folder's own changes came before. */
export function takeSavepointOnce(context: RunContext): void {
  const { repository, recorder, options, guards, branch } = context;
  if (recorder.savepoint !== undefined) return;
  const { taken, ...note } = savepointOf(context);
  const { uncommitted } = recorder;
  taken(
    repository.savepoint({
      note,
      paths: uncommitted.map(({ path }) => path),
      // What no commit would take in is not stored here either: a huge file again in every run.
      admit: uncommitted.length === 0 ? undefined : guards.judge(uncommitted, repository.readRef(branch)),
      author: authorOf(context),
      signal: options.signal,
    }),
  );
}
