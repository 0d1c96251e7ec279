/** The first pass: what would happen to each path as things stand. Writes nothing. */
import { accessSync, constants, readdirSync } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import type { RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import { displayPath, joinPath, parentPath, toFsPath } from "../paths.ts";
import type { Conversion } from "../worktree/conversion.ts";
import type { Decision, DecisionRules } from "./decide.ts";
import { decide, isRepair } from "./decide.ts";
import { FolderStates } from "./folder-states.ts";
import type { BlockedPath, CheckoutPlan, PlannedPath } from "./plan-checkout.ts";
import type { LookInput } from "./present-file.ts";
import { lookAt } from "./present-file.ts";

export type SurveyInput = LookInput & {
  readonly rulesOf: (path: RepoPath) => DecisionRules;
  /** By the attributes of the tree to come. */
  readonly outgoing: Conversion;
};

export type SurveyedPath = { readonly planned: PlannedPath; readonly decision: Decision };

export type Survey = {
  readonly removals: readonly SurveyedPath[];
  readonly writes: readonly SurveyedPath[];
  readonly blocked: readonly BlockedPath[];
};

export function survey(input: SurveyInput, plan: CheckoutPlan): Survey {
  const state: State = {
    input,
    folders: new FolderStates(input.root),
    leaving: new Set(),
    blocked: [...plan.blocked],
    writable: new Map(),
  };
  const removals = plan.removals.map((planned) => surveyPath(state, planned));
  for (const { planned, decision } of removals)
    if (decision.kind === "remove") state.leaving.add(planned.path);
  const writes = plan.writes.map((planned) => surveyPath(state, planned));
  return { removals, writes, blocked: state.blocked };
}

type State = {
  readonly input: SurveyInput;
  /** Each is asked for once: the second pass looks again at all that it writes to. */
  readonly folders: FolderStates;
  /** Files that will be gone before anything is written. */
  readonly leaving: Set<RepoPath>;
  readonly blocked: BlockedPath[];
  readonly writable: Map<RepoPath, boolean>;
};

function surveyPath(state: State, planned: PlannedPath): SurveyedPath {
  const { input, leaving, blocked } = state;
  throwIfAborted(input.signal);
  const { path } = planned;
  const found = lookAt(input, path, state.folders);
  // What is in the way now will have gone when this path's turn comes.
  const present =
    found.kind === "obstructed" && leaving.has(found.by) ? ({ kind: "missing" } as const) : found;
  const decision = decide(planned, present, input.rulesOf(path));
  const reason = obstacle(state, planned, decision);
  if (reason === undefined) return { planned, decision };
  if (!isRepair(planned)) blocked.push({ path, reason });
  return { planned, decision: isRepair(planned) ? { kind: "leave" } : { kind: "blocked", reason } };
}

function obstacle(state: State, planned: PlannedPath, decision: Decision): string | undefined {
  if (decision.kind === "blocked") return decision.reason;
  if (decision.kind === "done" || decision.kind === "leave") return undefined;
  const { input, leaving } = state;
  const { path, after } = planned;
  if (decision.kind === "replace-folder" && !isFolderLeaving(input, path, leaving))
    return "a folder is in the way";
  if (after !== undefined && after.mode !== MODE.symlink && after.mode !== MODE.submodule) {
    const filter = input.outgoing.refusal(path);
    if (filter !== undefined) return `it needs a filter that lull does not run (${filter})`;
  }
  try {
    if (after !== undefined && state.folders.isForeign(input.index, parentPath(path))) {
      return "another repository is in the way";
    }
    return isWritable(state, path) ? undefined : "its folder is not writable";
  } catch (error) {
    if (isDenied(error)) return "its folder can not be read";
    throw fromSystem(error, `look at ${displayPath(path)}`);
  }
}

/** True when the folder holds nothing but files that are going away, and other such folders. */
function isFolderLeaving(input: SurveyInput, directory: RepoPath, leaving: ReadonlySet<RepoPath>): boolean {
  try {
    const entries = readdirSync(toFsPath(input.root, directory), { encoding: "latin1", withFileTypes: true });
    return entries.every((entry) => {
      const path = joinPath(directory, entry.name);
      return entry.isDirectory() ? isFolderLeaving(input, path, leaving) : leaving.has(path);
    });
  } catch (error) {
    if (isDenied(error)) return false;
    throw fromSystem(error, `list ${displayPath(directory)}`);
  }
}

/** Asks for the nearest folder above that exists. */
function isWritable({ input, folders, writable }: State, path: RepoPath): boolean {
  const folder = folders.at(parentPath(path)).nearest;
  const known = writable.get(folder);
  if (known !== undefined) return known;
  const answer = mayWrite(toFsPath(input.root, folder));
  writable.set(folder, answer);
  return answer;
}

function mayWrite(fsPath: string | Buffer): boolean {
  try {
    accessSync(fsPath, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isDenied(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(systemCode(error) ?? "");
}
