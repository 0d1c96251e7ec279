/** Arranges three-way merges from trees written as `{ path: content }`, and reads merged trees back. */
import { join } from "node:path";

import { compareTrees } from "../../../src/git/history/compare-trees.ts";
import { mergeCommits, type MergeCommitsInput } from "../../../src/git/merge/merge-commits.ts";
import type { ConflictResolver, MergeResult } from "../../../src/git/merge/merge-result.ts";
import type { ObjectReader } from "../../../src/git/model.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { type OverlayBatch, overlayBatch } from "./overlay-batch.ts";
import { commitAll, emptyRepository, type RandomFile, type RandomTree } from "./random-tree.ts";

/** A file is its content, or `mode content`: `100755 text`, `120000 target`, `160000 <oid>`. */
export type Files = Readonly<Record<string, string>>;

export function treeOf(files: Files): RandomTree {
  return new Map(Object.entries(files).map(([path, file]) => [path, fileOf(file)]));
}

function fileOf(file: string): RandomFile {
  const [, mode, content] = /^(1[0-7]{5}) ([^]*)$/.exec(file) ?? [];
  return mode === undefined || content === undefined ? { mode: "100644", content: file } : { mode, content };
}

/** Their version keeps the path and ours goes beside it, as lull's default does. */
export const keepBoth: ConflictResolver = (conflict) => {
  if (conflict.theirs === undefined) return { keep: "ours" };
  if (conflict.ours === undefined) return { keep: "theirs" };
  return { keep: "theirs", copyOtherTo: `${conflict.path}.copy` };
};

let shared: string | undefined;

/** One repository for all small merges of a test file: making it costs more than merging in it. */
export function sharedRepository(): string {
  return (shared ??= emptyRepository());
}

export type Merged = MergeResult & { readonly files: Files; readonly batch: OverlayBatch };

export function mergeFiles(
  base: Files,
  ours: Files,
  theirs: Files,
  options: Partial<MergeCommitsInput> = {},
): Merged {
  const plans = [
    { tree: treeOf(base), parents: [] },
    { tree: treeOf(ours), parents: [0] },
    { tree: treeOf(theirs), parents: [0] },
  ];
  const { directory, commits } = commitAll(plans, sharedRepository());
  const [, our = "", their = ""] = commits;
  const store = openObjectStore(join(directory, ".git"));
  const batch = overlayBatch(store);
  try {
    const result = mergeCommits({
      reader: store,
      batch,
      ours: our,
      theirs: their,
      resolve: keepBoth,
      ...options,
    });
    return { ...result, files: filesOf(batch, result.tree), batch };
  } finally {
    store.close();
  }
}

export function filesOf(reader: ObjectReader, tree: string): Files {
  const files: Record<string, string> = {};
  for (const { path, after } of compareTrees(reader, undefined, tree)) {
    if (after === undefined) continue;
    const mode = after.mode.toString(8);
    const content =
      mode === "160000" ? after.oid : Buffer.from(reader.read(after.oid).bytes).toString("latin1");
    files[path] = mode === "100644" ? content : `${mode} ${content}`;
  }
  return files;
}
