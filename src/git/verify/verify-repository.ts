import { statSync } from "node:fs";

import { branchOf, type ObjectKind, type Oid } from "../model.ts";
import { linkedWorkTrees } from "../maintenance/find-roots.ts";
import { type ObjectStore, openObjectStore } from "../objects/object-store.ts";
import { peelTag } from "../objects/tag-object.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import { SAVEPOINT_REFS } from "../savepoints/savepoint-commit.ts";
import { checkConfig } from "./check-config.ts";
import { checkIndex, type IndexCheck } from "./check-index.ts";
import { checkLeftovers } from "./check-leftovers.ts";
import { checkRefs, type RefCheck } from "./check-refs.ts";
import { checkWorkTree } from "./check-work-tree.ts";
import { damageFindings, holeFindings, logFindings, untoldDamage } from "./damage-findings.ts";
import { locateHoles } from "./describe-holes.ts";
import type { ObjectSurvey } from "./object-survey.ts";
import { findHoles, type Hole, type WalkReader } from "./object-walk.ts";
import { readAsFound } from "./read-refs.ts";
import { surveyObjects } from "./survey-objects.ts";
import { list } from "./attempt.ts";
import { byGravity, type Finding, finding, type VerifyInput, type VerifyResult } from "./verify-result.ts";

/** What a check found out, and what a repair goes on from. */
export type Verified = {
  readonly result: VerifyResult;
  readonly survey: ObjectSurvey;
  readonly look: Look;
};

/**
 * Checks all of a repository: every object, ref and log, the index, and the files that are said to be untouched. Takes
 * no lock and writes nothing; lull and git may be at work meanwhile. Objects are held one at a time, names in 60 bytes.
 * @throws LullError `INTERRUPTED`, or of the system; damage is in the result
 */
export async function verifyRepository(parts: RepositoryParts, input: VerifyInput): Promise<Verified> {
  const common = commonDirectory(parts.gitDirectory);
  using place = openPlace(common);
  const survey = await surveyObjects(common, input);
  const look = await lookTwice({ gitDirectory: parts.gitDirectory, survey, store: place.store }, input);
  const { index } = look.index;
  const config = checkConfig(parts);
  const workTree =
    index === undefined || config.settings === undefined
      ? undefined
      : await checkWorkTree({
          ...input,
          root: parts.directory,
          gitDirectory: parts.gitDirectory,
          index,
          objects: place.store,
          settings: config.settings,
        });
  const findings = [
    ...(await storeFindings(common, { survey, look, store: place.store }, input)),
    ...config.findings,
    ...(workTree?.findings ?? []),
    ...checkLeftovers(parts.gitDirectory, parts.clock),
  ];
  const files = config.settings === undefined ? undefined : (workTree?.files ?? 0);
  const counts = { files, localChanges: workTree?.changed ?? 0 };
  return { result: resultOf(findings, { survey, look, ...counts }), survey, look };
}

/** As `verifyRepository` for one without a work tree, such as a remote that is a folder. */
export async function verifyBare(gitDirectory: string, input: VerifyInput): Promise<VerifyResult> {
  using place = openPlace(gitDirectory);
  const survey = await surveyObjects(gitDirectory, input);
  const look = await lookTwice({ gitDirectory, survey, store: place.store }, input);
  const findings = await storeFindings(gitDirectory, { survey, look, store: place.store }, input);
  return resultOf(findings, { survey, look, files: undefined, localChanges: 0 });
}

/** A store of its own: one that was used before may still hold in memory what the disk has lost. */
function openPlace(gitDirectory: string): Disposable & { readonly store: ObjectStore } {
  const store = openObjectStore(gitDirectory);
  return { store, [Symbol.dispose]: () => store.close() };
}

export type Look = {
  readonly refs: RefCheck;
  readonly index: IndexCheck;
  readonly holes: ReadonlyMap<Oid, Hole>;
  /** What only logs name. */
  readonly logHoles: ReadonlyMap<Oid, Hole>;
};

type Place = { readonly gitDirectory: string; readonly survey: ObjectSurvey; readonly store: ObjectStore };

/** What looks missing is looked for again: branches and packs may have moved since the objects were read. */
async function lookTwice(place: Place, input: VerifyInput): Promise<Look> {
  const first = await lookOnce(place, input);
  const isSure =
    first.holes.size + first.logHoles.size + first.refs.findings.length + first.index.findings.length === 0;
  if (isSure) return first;
  place.store.refresh();
  return lookOnce(place, input);
}

async function lookOnce({ gitDirectory, survey, store }: Place, { signal }: VerifyInput): Promise<Look> {
  const reader = surveyReader(survey, store);
  const kindOf = (oid: Oid): ObjectKind | undefined => reader.kindAt(Buffer.from(oid, "hex"), 0);
  const refs = checkRefs(gitDirectory, { kindOf, peel: (oid) => peeled(store, oid) });
  const index = checkIndex(gitDirectory, kindOf);
  const others = otherWorkTrees(gitDirectory).map((directory) => ({
    head: readAsFound(directory, "HEAD"),
    index: checkIndex(directory, kindOf),
  }));
  const heads = others.flatMap(({ head }) =>
    head !== undefined && "oid" in head ? [{ oid: head.oid, as: "commit" as const }] : [],
  );
  const logged = refs.reflogs.flatMap(({ oids }) => oids.map((oid) => ({ oid, as: undefined })));
  const groups = [[...refs.roots, ...heads], logged];
  const [holes = NONE, logHoles = NONE] = await findHoles(reader, groups, signal);
  const findings = [...index.findings, ...others.flatMap((other) => other.index.findings)];
  return { refs, index: { ...index, findings }, holes, logHoles };
}

const NONE: ReadonlyMap<Oid, Hole> = new Map();

function otherWorkTrees(gitDirectory: string): readonly string[] {
  const common = commonDirectory(gitDirectory);
  return [common, ...linkedWorkTrees(common)].filter((directory) => directory !== gitDirectory);
}

/** What came since the survey is asked of the store, and so is what was damaged: it may have been written anew. */
export function surveyReader(survey: ObjectSurvey, store: ObjectStore): WalkReader {
  return {
    kindAt(bytes, at) {
      const known = survey.find(bytes, at);
      if (known !== undefined && known !== "damaged") return known;
      const oid = Buffer.from(bytes.buffer, bytes.byteOffset + at, 20).toString("hex");
      return soundKind(store, oid);
    },
    read: (oid) => store.read(oid),
  };
}

function soundKind(store: ObjectStore, oid: Oid): ObjectKind | undefined {
  if (!store.has(oid)) return undefined;
  try {
    for (const _ of store.chunks(oid));
    return store.header(oid).kind;
  } catch {
    return undefined;
  }
}

function peeled(store: ObjectStore, oid: Oid): Oid | undefined {
  try {
    return peelTag(store, oid).oid;
  } catch {
    return undefined;
  }
}

/** Findings that only say that an object is not there: while a pack can not be looked into, nobody knows. */
const OF_OBJECTS: ReadonlySet<string> = new Set([
  "REF_WITHOUT_OBJECT",
  "INDEX_WITHOUT_OBJECT",
  "INDEX_TREES",
]);

async function storeFindings(
  common: string,
  {
    survey,
    look,
    store,
  }: { readonly survey: ObjectSurvey; readonly look: Look; readonly store: ObjectStore },
  { signal }: VerifyInput,
): Promise<Finding[]> {
  const { refs, index, holes, logHoles } = look;
  const reached = new Set([...holes.keys(), ...logHoles.keys()]);
  const damage = damageFindings(survey, common, reached);
  const others = [
    ...refs.findings,
    // Told once, with the commits that lack it.
    ...index.findings.filter(
      ({ code, oids }) => code !== "INDEX_WITHOUT_OBJECT" || !oids.some((oid) => holes.has(oid)),
    ),
  ];
  const cut = cutOff(common);
  if (cut !== undefined) return [...damage, ...others, cut];
  if (survey.isBlind) return [...damage, ...others.filter(({ code }) => !OF_OBJECTS.has(code))];
  const missed =
    holes.size === 0
      ? new Map()
      : await locateHoles(store, new Set(holes.keys()), refs.refs.values(), signal);
  const told = new Set(refs.findings.flatMap(({ oids }) => oids));
  const untold = new Map([...holes].filter(([oid]) => missed.has(oid) || !told.has(oid)));
  const lost = holeFindings(untold, missed, survey);
  return [...untoldDamage(damage, lost), ...others, ...lost, ...logFindings(logHoles, refs.reflogs)];
}

/** Objects that are missing on purpose are not told from others here. */
function cutOff(common: string): Finding | undefined {
  const isShallow = (statSync(`${common}/shallow`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const isPartial = list(`${common}/objects/pack`).some((name) => name.endsWith(".promisor"));
  if (!isShallow && !isPartial) return undefined;
  return finding({
    part: "object",
    gravity: "note",
    code: "UNSUPPORTED",
    where: "objects",
    what: isShallow
      ? "its history is cut off (a shallow clone)"
      : "it is a partial clone, which lacks some objects",
    meaning: "what is there was read; whether anything is missing can not be told",
  });
}

function resultOf(
  findings: readonly Finding[],
  known: {
    readonly survey: ObjectSurvey;
    readonly look: Look;
    readonly files: number | undefined;
    readonly localChanges: number;
  },
): VerifyResult {
  const { survey, look, files, localChanges } = known;
  const names = [...look.refs.refs.keys()];
  return {
    findings: byGravity(findings),
    objects: survey.count,
    bytes: survey.bytes,
    branches: names.filter((name) => branchOf(name) !== undefined).length,
    tags: names.filter((name) => name.startsWith("refs/tags/")).length,
    savepoints: names.filter((name) => name.startsWith(SAVEPOINT_REFS)).length,
    files,
    localChanges,
  };
}
