import { rmSync } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { DamagedData, objectCorrupt } from "../objects/damaged-data.ts";
import { DeltaPackWriter } from "../objects/delta-pack-writer.ts";
import { makeTemporaryDirectory } from "../objects/install-pack.ts";
import { verifyPack } from "../objects/verify-pack.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import { collectObjects } from "./collect-objects.ts";
import { findDuplicates } from "./find-duplicates.ts";
import type { MaintainInput, MaintainResult, ObjectCount } from "./maintenance-result.ts";
import { ObjectContent } from "./object-content.ts";
import { planRepack, type RepackPlan } from "./plan.ts";
import { removeEmptyFolders, removeReplaced } from "./remove-replaced.ts";
import { selectObjects, stillUnreachable } from "./select-objects.ts";
import { type ObjectSurvey, surveyObjects } from "./survey.ts";
import { writeRepack } from "./write-repack.ts";

type Repacked = Pick<
  Extract<MaintainResult, { readonly kind: "done" }>,
  "objectsPacked" | "newDeltas" | "objectsDropped" | "before" | "after" | "left"
>;

/** Packs what the plan says, and removes what is in the new pack then. */
export async function repackObjects(parts: RepositoryParts, input: MaintainInput): Promise<Repacked> {
  const { gitDirectory } = parts;
  const survey = surveyObjects(gitDirectory);
  const plan = planRepack(survey);
  const before = countOf(survey);
  if (plan.loose.length + plan.packs.length === 0) {
    const after = input.dryRun ? undefined : before;
    return { objectsPacked: 0, newDeltas: 0, objectsDropped: 0, before, after, left: plan.left };
  }
  try {
    const done = await repack(parts, input, survey, plan);
    const after = input.dryRun ? undefined : countOf(surveyObjects(gitDirectory));
    return { ...done, before, after };
  } catch (error) {
    throw error instanceof DamagedData ? objectCorrupt("in a pack", error.message, error) : error;
  } finally {
    parts.store.close();
    parts.store.refresh();
  }
}

async function repack(
  parts: RepositoryParts,
  input: MaintainInput,
  survey: ObjectSurvey,
  plan: RepackPlan,
): Promise<Omit<Repacked, "before" | "after">> {
  const { gitDirectory } = parts;
  const { signal, onProgress } = input;
  const duplicates = findDuplicates(gitDirectory, survey, plan);
  const fresh = plan.loose.filter(({ oid }) => !duplicates.has(oid));
  const collected = collectObjects(gitDirectory, { ...plan, loose: fresh });
  const { objects } = collected;
  const content = new ObjectContent(gitDirectory, objects);
  let directory: string | undefined;
  let writer: DeltaPackWriter | undefined;
  try {
    const selection = await selectObjects(parts, { collected, content, signal });
    const left = [...plan.left, ...collected.damaged, ...selection.left];
    const result = { objectsPacked: selection.wanted.length, objectsDropped: selection.dropped.length, left };
    if (input.dryRun) return { ...result, newDeltas: 0 };
    throwIfAborted(signal);
    let packed:
      | { readonly name: string; readonly oids: ReadonlySet<string>; readonly newDeltas: number }
      | undefined;
    if (selection.wanted.length > 0) {
      directory = makeTemporaryDirectory(gitDirectory, "maintenance");
      writer = new DeltaPackWriter(directory);
      const { wanted } = selection;
      const { newDeltas } = await writeRepack({
        objects,
        wanted,
        content,
        writer,
        directory,
        signal,
        onProgress,
      });
      const oids = await verifyPack(writer.path, gitDirectory, signal);
      throwIfAborted(signal);
      packed = { name: writer.place(gitDirectory), oids, newDeltas };
    }
    const dropped = await stillUnreachable(parts, { ...selection, objects, signal });
    const kept = removeReplaced(gitDirectory, {
      newPack: packed?.name,
      replaced: new Set([...(packed?.oids ?? []), ...duplicates]),
      dropped: new Set(dropped.map((object) => objects.oidOf(object))),
      loose: plan.loose,
      packs: selection.packs,
      objects,
    });
    removeEmptyFolders(gitDirectory);
    return {
      ...result,
      newDeltas: packed?.newDeltas ?? 0,
      objectsDropped: dropped.length,
      left: [...left, ...kept],
    };
  } finally {
    writer?.close();
    for (const { file } of collected.packs) file.close();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function countOf({ loose, packs }: ObjectSurvey): ObjectCount {
  const bytes =
    loose.reduce((total, { onDisk }) => total + onDisk, 0) +
    packs.reduce((total, pack) => total + pack.bytes, 0);
  return { packs: packs.length, loose: loose.length, bytes };
}
