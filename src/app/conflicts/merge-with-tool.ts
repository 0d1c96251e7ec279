import { LullError } from "../../base/errors.ts";
import type { Repository } from "../../git/git.ts";
import { type FileVersion, MODE } from "../../git/model.ts";
import { baseName, displayPath } from "../../git/paths.ts";
import { refuseUnready } from "../../sync/readiness.ts";
import type { Context, Deps } from "../deps.ts";
import type { FoundConflict } from "./find-conflict.ts";
import { recordOf } from "./learn-conflicts.ts";
import { sideOfCopy } from "./list-conflicts.ts";

/** Runs a merge tool on a person's screen; undefined: it decided nothing. */
export type MergeTool = (input: {
  /** Its name, or `auto` for the one that git is set to. */
  readonly tool: string;
  readonly fileName: string;
  readonly base: Uint8Array;
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  readonly merged: Uint8Array;
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
}) => Promise<Uint8Array | undefined>;

export type ToolInput = {
  readonly found: FoundConflict;
  readonly tool: string;
  readonly deadlineMs: number | undefined;
};

/**
 * Has the person merge both versions, as they are in the folder now, and returns what they made of them. Nothing is
 * changed here.
 * @throws LullError `NOTHING_TO_MERGE`, `NOT_MERGED` (kind `conflict`) and those of the tool
 */
export async function mergeWithTool(deps: Deps, input: ToolInput, context: Context): Promise<Uint8Array> {
  const { source, conflict } = input.found;
  const record = recordOf(conflict);
  const head = refuseUnready(deps.git.inspect(source.directory), source);
  const repository = deps.git.open(source.directory);
  try {
    const copySide = record.copy === undefined ? undefined : sideOfCopy(record);
    const placeOf = (side: "ours" | "theirs"): string | undefined => {
      if (record.kept === "both") return side === copySide ? record.copy : record.path;
      return record.kept === side ? record.path : undefined;
    };
    const contentOf = (side: "ours" | "theirs"): Uint8Array => {
      const place = placeOf(side);
      const now = place === undefined ? undefined : repository.readWorkFile(place);
      return now ?? readFile(repository, record[side], displayPath(record.path));
    };
    const [local, remote] = [contentOf("ours"), contentOf("theirs")];
    const standing = head.commit === undefined ? undefined : repository.readWorkFile(record.path);
    const merged = await deps.mergeTool({
      tool: input.tool,
      fileName: displayPath(baseName(record.path)),
      base:
        record.base === undefined
          ? new Uint8Array(0)
          : readFile(repository, record.base, displayPath(record.path)),
      local,
      remote,
      merged: standing ?? remote,
      deadlineMs: input.deadlineMs,
      signal: context.signal,
    });
    if (merged === undefined) throw notMerged(displayPath(record.path));
    return merged;
  } finally {
    repository.close();
  }
}

function readFile(repository: Repository, version: FileVersion | undefined, path: string): Uint8Array {
  if (version?.mode === MODE.file || version?.mode === MODE.executable)
    return repository.readBlob(version.oid);
  throw new LullError({
    kind: "conflict",
    code: "NOTHING_TO_MERGE",
    message: `${path} can not be merged by a tool: it is not a file on both sides`,
    hint: "lull resolve --keep local, remote or both",
    data: { path },
  });
}

function notMerged(path: string): LullError {
  return new LullError({
    kind: "conflict",
    code: "NOT_MERGED",
    message: `the merge tool ended without a result for ${path}`,
    causes: ["it was left without saving", "it reported a failure"],
    hint: "the conflict stays open and nothing was changed; run `lull resolve` again",
    data: { path },
  });
}
