import { historyOf } from "../../../src/git/history/commit-walk.ts";
import { mergeCommits } from "../../../src/git/merge/merge-commits.ts";
import type { ConflictResolver, MergeResult } from "../../../src/git/merge/merge-result.ts";
import type { ObjectReader } from "../../../src/git/model.ts";
import { overlayBatch } from "../../git/merge/overlay-batch.ts";
import type { Merge } from "./merge-list.ts";

export type OurMerge =
  | { readonly kind: "merged"; readonly result: MergeResult; readonly objects: ObjectReader }
  | { readonly kind: "failed"; readonly message: string };

export type OurRun = {
  readonly merges: readonly OurMerge[];
  readonly wallMs: number;
  readonly cpuMs: number;
};

/**
 * Merges in this process, which reads each commit once, as git's process does. What is merged stays in memory, as the comparison reads it.
 */
export function mergeHere(store: ObjectReader, merges: readonly Merge[], nodeOf = historyOf(store)): OurRun {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const done = merges.map(({ ours, theirs }): OurMerge => {
    const batch = overlayBatch(store);
    try {
      const result = mergeCommits({
        reader: store,
        batch,
        ours,
        theirs,
        nodeOf,
        resolve: keepWhatIsThere,
      });
      return { kind: "merged", result, objects: batch };
    } catch (error) {
      return { kind: "failed", message: String(error) };
    }
  });
  const wallMs = performance.now() - started;
  const cpu = process.cpuUsage(cpuBefore);
  return { merges: done, wallMs, cpuMs: (cpu.user + cpu.system) / 1000 };
}

/** As git leaves the files: a removed file that the other side changed stays, and so do both names of a rename. */
const keepWhatIsThere: ConflictResolver = ({ path, ours, reason }) => {
  if (reason === "rename") return { keep: "ours", copyOtherTo: path };
  return { keep: ours === undefined ? "theirs" : "ours" };
};
