/**
 * Carries out a checkout. A first pass looks at every path and writes nothing, so that what is known to be blocked
 * blocks all; a second pass looks again right before it replaces or removes each file. What it does not recognise, it
 * does not touch. The caller holds the index lock and does everything about index, branch and journal.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { makePrivateDirectory } from "../../base/atomic-file.ts";
import type { FileVersion, Oid, Progress, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { AttributesInput } from "../worktree/attributes.ts";
import { openAttributes } from "../worktree/attributes.ts";
import type { Conversion } from "../worktree/conversion.ts";
import { createConversion, workTreeConversion } from "../worktree/conversion.ts";
import type { OpenFolderStats } from "../worktree/folder-look.ts";
import type { IndexUpdate } from "../worktree/index-model.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import { checkSameRoot, rootStat } from "../worktree/root-folder.ts";
import type { WorkTreeSettings } from "../worktree/settings.ts";
import type { CheckoutStep } from "./apply-changes.ts";
import { ApplyChanges } from "./apply-changes.ts";
import type { BlockedPath } from "./plan-checkout.ts";
import { planCheckout } from "./plan-checkout.ts";
import type { DiskCalls } from "./durability.ts";
import { Durability } from "./durability.ts";
import type { Survey, SurveyedPath } from "./survey.ts";
import { survey } from "./survey.ts";
import { TreeAttributes } from "./tree-attributes.ts";
import type { NameRules } from "./tree-names.ts";
import type { GuardedRename } from "./put-in-place.ts";
import { createFileWriter, sweepTemporaryFiles } from "./write-file.ts";
import { WritingLane, type WritingThread } from "./writing-lane.ts";

export type CheckoutTreeInput = {
  /** The work tree's top folder, absolute, without a trailing slash. */
  readonly root: string;
  readonly gitDirectory: string;
  readonly store: Pick<ObjectStore, "has" | "read" | "header" | "open" | "recent" | "gitDirectory">;
  /** As read under its lock, which the caller holds. Not changed here. */
  readonly index: IndexTable;
  readonly settings: WorkTreeSettings;
  /** Windows' rules for names hold as well. */
  readonly windows: boolean;
  /** Tree of the branch's commit; undefined while it has none. */
  readonly from: Oid | undefined;
  /** Tree to come. */
  readonly to: Oid;
  /** Trees that an interrupted checkout may have begun to write. */
  readonly alsoExpected: readonly Oid[];
  /** What the person has at a path, and a copy beside it as well. */
  readonly keptAside?: ReadonlyMap<RepoPath, FileVersion> | undefined;
  /** Called once, after the first pass found nothing blocked and before the first byte is written. */
  readonly beforeFirstWrite?: (() => void) | undefined;
  readonly disk: DiskCalls;
  readonly openFolderStats?: OpenFolderStats | undefined;
  readonly guardedRename?: (() => GuardedRename | undefined) | undefined;
  /** Left out: one thread does it all. */
  readonly help?: WritingHelp | undefined;
  /** Called right before each step; what it throws ends the checkout there. Lets tests be the crash or the user. */
  readonly trace?: ((step: CheckoutStep, path: RepoPath) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** `checkout` counts paths, `writing` the bytes of one large file. */
  readonly onProgress?: Progress | undefined;
};

/** A second thread for many files. */
export type WritingHelp = {
  readonly isStarted: boolean;
  /** Undefined where a second thread is of no use. It may come late, fail or never answer. */
  start(): WritingThread | undefined;
  /** As for `WritingLane`. */
  readonly mostSilenceMs?: number;
};

/** A thread is worth starting for so many files, and worth using for so many. */
const WORTH_STARTING = 2000;
const WORTH_USING = 200;

/** `updates` holds the index entries of all paths that are as they shall be, also when others were blocked. */
export type CheckoutTreeResult = {
  readonly updates: ReadonlyMap<RepoPath, IndexUpdate | undefined>;
  readonly written: number;
  readonly removed: number;
} & ({ readonly kind: "done" } | { readonly kind: "blocked"; readonly paths: readonly BlockedPath[] });

/**
 * @throws LullError `TREE_NAME_FORBIDDEN`, `FOLDER_MISSING`, `OBJECT_MISSING`, `OBJECT_CORRUPT`, `INTERRUPTED`, system
 *   errors of a full or failing disk: then some files may be new already, and the next checkout goes on from there
 */
export function checkoutTree(input: CheckoutTreeInput): CheckoutTreeResult {
  const { root, settings } = input;
  const rootBefore = rootStat(root);
  const names: NameRules = { windows: input.windows, ignoreCase: settings.ignoreCase };
  const plan = planCheckout({ ...input, reader: input.store, names });
  const outgoing = outgoingConversion(input);
  const look = {
    root,
    index: input.index,
    conversions: [workTreeConversion({ ...input, objects: input.store }), outgoing],
    signal: input.signal,
  };
  const rulesOf = (path: RepoPath) => ({
    fileMode: settings.fileMode,
    symlinks: settings.symlinks,
    isSkipped: isSkipped(input.index, path),
  });
  const found = survey({ ...look, rulesOf, outgoing }, plan);
  if (found.blocked.length > 0)
    return { kind: "blocked", paths: found.blocked, updates: new Map(), written: 0, removed: 0 };

  using apply = new ApplyChanges(
    {
      look,
      rulesOf,
      lockedAt: input.index.lockedAt,
      checkRoot: () => checkSameRoot(root, rootBefore),
      trace: input.trace,
    },
    () => {
      input.trace?.("journal", "");
      input.beforeFirstWrite?.();
      const temporaryDirectory = preparedTemporaryDirectory(input.gitDirectory);
      const expected = [...found.removals, ...found.writes].filter(isWork).length;
      const durability = new Durability({ root, temporaryDirectory, expected, disk: input.disk });
      const { symlinks } = settings;
      const lane = durability.isDeferring ? writingLane(input, temporaryDirectory, expected) : undefined;
      const writer = createFileWriter({
        ...input,
        temporaryDirectory,
        conversion: outgoing,
        symlinks,
        durability,
        lane,
        rename: input.guardedRename?.(),
        stats: expected >= WORTH_USING ? input.openFolderStats?.(root) : undefined,
        onPiece: (done, total) => {
          throwIfAborted(input.signal);
          input.onProgress?.("writing", done, total);
        },
      });
      return { writer, durability, lane };
    },
  );
  const blocked = applyAll(input, found, apply);
  apply.syncFolders();
  const { updates, written, removed } = apply;
  return blocked === undefined
    ? { kind: "done", updates, written, removed }
    : { kind: "blocked", paths: [blocked], updates, written, removed };
}

/** Returns the first path that turned out to be blocked; nothing is done after it. */
function applyAll(input: CheckoutTreeInput, found: Survey, apply: ApplyChanges): BlockedPath | undefined {
  const total = found.removals.length + found.writes.length;
  let done = 0;
  for (const { planned, decision } of [...found.removals, ...found.writes]) {
    throwIfAborted(input.signal);
    const blocked = apply.path(planned, decision);
    if (blocked !== undefined) return blocked;
    input.onProgress?.("checkout", ++done, total);
  }
  return apply.finish();
}

function writingLane(
  { help, store }: CheckoutTreeInput,
  temporaryDirectory: string,
  expected: number,
): WritingLane | undefined {
  const isWorth = help !== undefined && expected >= (help.isStarted ? WORTH_USING : WORTH_STARTING);
  const thread = isWorth ? help.start() : undefined;
  if (thread === undefined) return undefined;
  const { gitDirectory } = store;
  const { mostSilenceMs } = help ?? {};
  return new WritingLane(thread, {
    gitDirectory,
    temporaryDirectory,
    memory: store.recent?.shared,
    mostSilenceMs,
  });
}

function isWork({ decision }: SurveyedPath): boolean {
  return decision.kind !== "done" && decision.kind !== "leave";
}

function isSkipped(index: IndexTable, path: RepoPath): boolean {
  const position = index.find(path);
  return position >= 0 && index.isSkipWorktree(position);
}

function preparedTemporaryDirectory(gitDirectory: string): string {
  const path = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(path);
  sweepTemporaryFiles(path);
  return path;
}

/** Line ends as the attributes of the tree to come say, not those that happen to lie in the work tree. */
function outgoingConversion({ gitDirectory, settings, store, to, index }: CheckoutTreeInput): Conversion {
  const attributesOfTree = new TreeAttributes(store, to);
  const read: AttributesInput["read"] = (directory) => attributesOfTree.read(directory);
  const { attributesFile, ignoreCase } = settings;
  const stored = (path: RepoPath): Uint8Array | undefined => {
    const position = index.find(path);
    if (position < 0 || index.versionAt(position).mode === MODE.submodule) return undefined;
    return store.read(index.oidAt(position)).bytes;
  };
  return createConversion({
    attributes: openAttributes({ gitDirectory, attributesFile, ignoreCase, read }),
    settings,
    stored,
  });
}
