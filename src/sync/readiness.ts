/** Turns the state of a repository into "go on" or a reason in words. Pure. */
import { LullError } from "../base/errors.ts";
import type { RepoSource } from "../config/config.ts";
import type { Head, RepositoryState } from "../git/refs/repository-state.ts";

/** Thrown when a source is left alone on purpose: the run ends as `skipped`, nothing was touched. */
export function isSkip(error: unknown): error is LullError {
  return error instanceof LullError && error.kind === "unsafe" && error.code === "REPOSITORY_BUSY";
}

export function refuseUnready(state: RepositoryState, source: RepoSource): Head {
  switch (state.kind) {
    case "ready":
      return state.head;
    case "missing":
      throw new LullError({
        kind: "guard",
        code: "FOLDER_MISSING",
        message: `the folder ${source.directory} is missing; nothing was changed anywhere`,
        causes: ["its drive is not mounted", "it was moved or deleted"],
        hint: `bring it back, or forget the source with \`lull remove ${source.name}\``,
      });
    case "not-a-repository":
      if (state.isEmpty === true) throw emptyFolder(source);
      throw new LullError({
        kind: "unsafe",
        code: "NOT_A_REPOSITORY",
        message: state.reason ?? `${source.directory} is not a git repository`,
        hint: `make it one with \`lull remove ${source.name}\` and \`lull add ${source.directory}\``,
      });
    case "unsupported":
      throw new LullError({
        kind: "unsafe",
        code: "UNSUPPORTED_REPOSITORY",
        message: `${source.directory} can not be synced: ${state.feature}`,
        hint: state.hint,
      });
    case "busy":
      throw new LullError({
        kind: "unsafe",
        code: "REPOSITORY_BUSY",
        message: state.reason,
        hint: state.hint,
      });
  }
}

/** `lull add` leaves a repository in every folder that it takes in: one without anything is another one. */
function emptyFolder(source: RepoSource): LullError {
  return new LullError({
    kind: "guard",
    code: "FOLDER_MISSING",
    message: `the folder ${source.directory} is empty; nothing was changed anywhere`,
    causes: ["its drive or share is not mounted", "it was emptied, its repository with it"],
    hint: `mount or restore it, and lull goes on by itself; to begin anew: \`lull remove ${source.name}\` and \`lull add ${source.directory}\``,
  });
}
