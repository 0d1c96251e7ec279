import { lstatSync } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import type { ObjectKind, Oid } from "../model.ts";
import { alternateFolders } from "../objects/alternates.ts";
import { loosePath, openLoose } from "../objects/loose-object.ts";
import { attempt, list } from "./attempt.ts";
import { ObjectSurvey } from "./object-survey.ts";
import { PackSurvey } from "./survey-packs.ts";
import type { VerifyInput } from "./verify-result.ts";
import { startWork } from "./work.ts";

/** Larger objects are hashed piece by piece. */
const WHOLE_UP_TO = 4 * 1024 * 1024;

/**
 * Reads every object of a repository, and of those that it borrows from, and compares it with its name.
 * @throws LullError `INTERRUPTED`; damage is no error here
 */
export async function surveyObjects(gitDirectory: string, input: VerifyInput): Promise<ObjectSurvey> {
  const own = `${gitDirectory}/objects`;
  const folders = [own, ...alternateFolders(own)];
  const survey = new ObjectSurvey();
  const plans = folders.map((objects) => ({
    objects,
    loose: looseFiles(objects),
    packs: new PackSurvey(`${objects}/pack`, { survey, isOwn: objects === own, gitDirectory }),
  }));
  const total = plans.reduce(
    (sum, { loose, packs }) => sum + packs.work + loose.reduce((all, { size }) => all + size, 0),
    0,
  );
  const work = startWork(total, "check objects", input);
  for (const { objects, loose, packs } of plans) {
    await packs.run(work);
    for (const { oid, size } of loose) {
      checkLoose(survey, { objects, oid, isOwn: objects === own });
      survey.bytes += size;
      await work.did(size);
    }
  }
  throwIfAborted(input.signal);
  return survey;
}

type LooseFile = { readonly oid: Oid; readonly size: number };

function looseFiles(objects: string): LooseFile[] {
  const files: LooseFile[] = [];
  for (const folder of list(objects)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of list(`${objects}/${folder}`)) {
      const oid = folder + name;
      const size = /^[0-9a-f]{40}$/.test(oid)
        ? lstatSync(loosePath(objects, oid), { throwIfNoEntry: false })?.size
        : undefined;
      if (size !== undefined) files.push({ oid, size });
    }
  }
  return files;
}

type LoosePlace = { readonly objects: string; readonly oid: Oid; readonly isOwn: boolean };

function checkLoose(survey: ObjectSurvey, { objects, oid, isOwn }: LoosePlace): void {
  const name = Buffer.from(oid, "hex");
  const outcome = attempt(() => readLoose(objects, oid));
  if (outcome.kind === "sound" && outcome.value !== undefined) survey.addSound(name, outcome.value);
  if (outcome.kind !== "damaged") return;
  survey.addDamaged(name);
  survey.damage.push({
    file: loosePath(objects, oid),
    kind: outcome.as ?? "loose",
    oid,
    why: outcome.why,
    isOwn,
  });
}

/** Undefined: it is gone, packed by somebody else. */
function readLoose(objects: string, oid: Oid): ObjectKind | undefined {
  const object = openLoose(objects, oid, WHOLE_UP_TO);
  if (object?.bytes === undefined && object !== undefined) for (const _ of object.chunks);
  return object?.kind;
}
