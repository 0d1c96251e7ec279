/** What to do with one path, given the plan and what stands there. Pure: this is where "never overwrite" is decided. */
import type { FileVersion } from "../model.ts";
import { MODE } from "../model.ts";
import type { FileStat } from "../worktree/stat.ts";
import type { PlannedPath } from "./plan-checkout.ts";
import type { Present } from "./present-file.ts";
import { isSameVersion } from "./tree-difference.ts";

export type Decision =
  /** It is as it shall be; `stat` where it vouches for the content. */
  | { readonly kind: "done"; readonly stat: FileStat | undefined }
  /** Right content, wrong exec bit. */
  | { readonly kind: "set-mode"; readonly stat: FileStat }
  /** Put the new version in the place of nothing, or of a file that was recognised. */
  | { readonly kind: "write"; readonly present: Present }
  /** Take away the file that was recognised. */
  | { readonly kind: "remove"; readonly stat: FileStat }
  /** A folder stands there: to be replaced if it turns out to hold nothing that is not going away as well. */
  | { readonly kind: "replace-folder" }
  /** None of lull's business; the index entry stays as well. */
  | { readonly kind: "leave" }
  | { readonly kind: "blocked"; readonly reason: string };

export type DecisionRules = {
  /** `core.fileMode`: the exec bit of the file system counts. */
  readonly fileMode: boolean;
  /** `core.symlinks`: false: links are plain files that hold their target. */
  readonly symlinks: boolean;
  /** The user marked the path `skip-worktree`: it is absent on purpose. */
  readonly isSkipped: boolean;
};

export function decide(planned: PlannedPath, present: Present, rules: DecisionRules): Decision {
  const decision = decideChange(planned, present, rules);
  if (!isRepair(planned) || decision.kind === "done") return decision;
  const mayTouch = decision.kind !== "blocked" && isOwnWork(planned, present, rules);
  return mayTouch ? decision : { kind: "leave" };
}

/** The path does not change; it is planned only because an interrupted checkout may have touched it. */
export function isRepair({ before, after }: PlannedPath): boolean {
  return isSameVersion(before, after);
}

function decideChange(planned: PlannedPath, present: Present, rules: DecisionRules): Decision {
  switch (present.kind) {
    case "unknown":
      return blocked(present.why);
    case "missing":
      return decideMissing(planned, rules);
    case "obstructed":
      return planned.after === undefined ? DONE : blocked("a file or link stands where its folder must be");
    case "directory":
      return decideDirectory(planned);
    case "file":
    case "symlink":
      return decideFile(planned, present, rules);
  }
}

const DONE: Decision = { kind: "done", stat: undefined };

function decideMissing({ before, after, own }: PlannedPath, rules: DecisionRules): Decision {
  if (after === undefined || rules.isSkipped) return DONE;
  const isExpected = before === undefined || isSubmodule(before) || own.includes(undefined);
  return isExpected ? { kind: "write", present: { kind: "missing" } } : blocked("deleted meanwhile");
}

function decideDirectory({ after }: PlannedPath): Decision {
  // A tracked file whose place a folder has taken is gone already; a submodule's folder is never deleted.
  if (after === undefined || isSubmodule(after)) return DONE;
  return { kind: "replace-folder" };
}

function decideFile(planned: PlannedPath, present: PresentFile, rules: DecisionRules): Decision {
  const { before, after, own } = planned;
  if (after !== undefined && hasContentOf(present, after, rules)) {
    return hasModeOf(present, after, rules)
      ? { kind: "done", stat: present.stat }
      : { kind: "set-mode", stat: present.stat };
  }
  const expected = [before, ...own];
  if (expected.every((version) => version === undefined)) {
    return after === undefined ? DONE : blocked("an untracked file is in the way");
  }
  // A changed exec bit is an edit too, unless it is the very change that is to be made.
  const recognised = expected.some(
    (version) =>
      version !== undefined &&
      hasContentOf(present, version, rules) &&
      (hasModeOf(present, version, rules) || (after !== undefined && hasModeOf(present, after, rules))),
  );
  if (!recognised) return blocked("changed meanwhile");
  return after === undefined ? { kind: "remove", stat: present.stat } : { kind: "write", present };
}

/** True when what stands there is what an interrupted checkout left, and not what the branch has. */
function isOwnWork({ before, own }: PlannedPath, present: Present, rules: DecisionRules): boolean {
  const others = own.filter((version) => !isSameVersion(version, before));
  if (present.kind === "missing" || present.kind === "directory") return others.includes(undefined);
  if (present.kind !== "file" && present.kind !== "symlink") return false;
  return others.some(
    (version) =>
      version !== undefined && hasContentOf(present, version, rules) && hasModeOf(present, version, rules),
  );
}

type PresentFile = Extract<Present, { readonly kind: "file" | "symlink" }>;

function hasContentOf(present: PresentFile, version: FileVersion, rules: DecisionRules): boolean {
  if (isSubmodule(version)) return false;
  const kind = version.mode === MODE.symlink && rules.symlinks ? "symlink" : "file";
  return present.kind === kind && present.oids.includes(version.oid);
}

function hasModeOf(present: PresentFile, version: FileVersion, rules: DecisionRules): boolean {
  if (present.kind === "symlink" || version.mode === MODE.symlink || !rules.fileMode) return true;
  return present.stat.isExecutable === (version.mode === MODE.executable);
}

function isSubmodule(version: FileVersion): boolean {
  return version.mode === MODE.submodule;
}

function blocked(reason: string): Decision {
  return { kind: "blocked", reason };
}
