import { readFileSync } from "node:fs";

import { LullError, systemCode } from "../../../base/errors.ts";
import { branchOf, branchRef, type Oid, shortRef } from "../../model.ts";
import type { ObjectStore } from "../../objects/object-store.ts";
import { peelTag } from "../../objects/tag-object.ts";
import { takeLockFile } from "../../refs/lock-file.ts";
import { packedRefsPath } from "../../refs/packed-refs.ts";
import { refNameFromBytes, refNameToBytes, refPath, isRefName } from "../../refs/ref-name.ts";
import { appendReflog } from "../../refs/reflog.ts";
import { deleteRef } from "../../refs/update-ref.ts";
import { listSavepoints } from "../../savepoints/savepoint-ref.ts";
import { readAsFound, readPackedAsFound, readReflog } from "../read-refs.ts";
import { checkRefs, isOneBitAway, type RefCheck } from "../check-refs.ts";
import { surveyReader, type Verified } from "../verify-repository.ts";
import { type Candidate, chooseCommit, secondsOf } from "./choose-commit.ts";
import { keepDangling } from "./keep-dangling.ts";
import { note, type Workshop } from "./workshop.ts";

/**
 * Brings broken refs back: from their log, a savepoint, or what a remote had. A ref whose commit is there stays as it
 * is, also with a hole somewhere in its history: no commit that exists is given up.
 */
export async function mendRefs(workshop: Workshop, verified: Verified, store: ObjectStore): Promise<void> {
  const { findings } = verified.result;
  const lost = findings.some(({ code }) => code === "PACKED_REFS_BROKEN")
    ? mendPackedRefs(workshop, store)
    : [];
  const broken = findings
    .filter(({ code }) => code === "REF_BROKEN" || code === "REF_WITHOUT_OBJECT")
    .map(({ where }) => where);
  let isGuessed = false;
  for (const name of new Set([...broken, ...lost])) {
    const chosen = await mendRef(workshop, { verified, store, name });
    isGuessed ||= branchOf(name) !== undefined && chosen?.isSure !== true;
  }
  if (isGuessed) keepDangling(workshop, verified, store);
  // A name that only a bit changed is known by the branch that it means, which may have come back just now.
  const reader = surveyReader(verified.survey, store);
  const again = checkRefs(workshop.parts.gitDirectory, {
    kindOf: (oid) => reader.kindAt(Buffer.from(oid, "hex"), 0),
    peel: () => undefined,
  });
  if (again.findings.some(({ code }) => code === "HEAD_BROKEN")) mendHead(workshop, again, store);
}

type RefPlace = { readonly verified: Verified; readonly store: ObjectStore; readonly name: string };

/** @returns where it points now, if that could be found out */
async function mendRef(workshop: Workshop, place: RefPlace): Promise<Candidate | undefined> {
  const { input } = workshop;
  const { verified, store, name } = place;
  const reader = surveyReader(verified.survey, store);
  const chosen = await chooseCommit(candidatesFor(workshop, place), { reader, store, signal: input.signal });
  if (chosen !== undefined) {
    pointTo(workshop, name, chosen);
    note(workshop, name, `points to ${chosen.oid.slice(0, 7)} again, ${chosen.from}`);
    return chosen;
  }
  // A branch that nothing is known of stays as it is, for a person to look at.
  if (branchOf(name) !== undefined) {
    note(
      workshop,
      name,
      "can not be brought back: neither its log nor a savepoint nor a remote knows a commit of it that is there",
      "failed",
    );
    return undefined;
  }
  removeRef(workshop, name);
  const isAnew = /^refs\/(?:remotes|tags)\//.test(name);
  const anew = isAnew ? "; the next sync makes it anew if the remote has it" : "";
  note(workshop, name, `was set aside${anew}`, isAnew ? "done" : "failed");
  return undefined;
}

/** The likeliest first: where its log says that it was last, then the newest of all that is known. */
function candidatesFor({ parts }: Workshop, { verified, store, name }: RefPlace): readonly Candidate[] {
  const { gitDirectory } = parts;
  const logged = readReflog(gitDirectory, name)?.oids.toReversed() ?? [];
  const [last, ...earlier] = logged.map((oid) => ({ oid, from: "as its log says" }));
  // Where HEAD is, its log says as well.
  const heads =
    name === verified.look.refs.branch ? (readReflog(gitDirectory, "HEAD")?.oids.slice(-1) ?? []) : [];
  const branch = branchOf(name);
  const refs = verified.look.refs.refs;
  const savepoints = safely(() => listSavepoints(gitDirectory, store)) ?? [];
  const others: Candidate[] = [
    ...earlier,
    ...heads.map((oid) => ({ oid, from: "as the log of HEAD says" })),
    ...savepoints.flatMap(({ branch: of, head, name: at }) =>
      of === name && head !== undefined ? [{ oid: head, from: `as the savepoint ${at} says` }] : [],
    ),
    ...[...refs].flatMap(([ref, oid]) =>
      branch !== undefined && ref.startsWith("refs/remotes/") && ref.endsWith(`/${branch}`)
        ? [{ oid, from: `as ${ref.split("/")[2]} had it` }]
        : [],
    ),
  ];
  const byAge = others.map((candidate) => ({ candidate, seconds: secondsOf(store, candidate.oid) }));
  byAge.sort((a, b) => b.seconds - a.seconds);
  return [
    ...(last === undefined ? [] : [{ ...last, isSure: true }]),
    ...byAge.map(({ candidate }) => candidate),
  ];
}

function safely<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof LullError || systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Under the ref's lock; the file that was there is kept. */
function pointTo({ parts, aside, author }: Workshop, name: string, { oid, from }: Candidate): void {
  const { gitDirectory } = parts;
  const path = refPath(gitDirectory, name);
  using lock = takeLockFile(path, { gitDirectory });
  const found = readAsFound(gitDirectory, name);
  const before = found !== undefined && "oid" in found ? found.oid : undefined;
  aside.copy(path.toString());
  lock.write(Buffer.from(`${oid}\n`));
  const message = `lull: repaired, ${from}`;
  appendReflog(gitDirectory, name, { from: before, to: oid }, { who: author, message, policy: "existing" });
  lock.commit();
}

function removeRef({ parts, aside }: Workshop, name: string): void {
  const { gitDirectory } = parts;
  const path = refPath(gitDirectory, name);
  {
    using _lock = takeLockFile(path, { gitDirectory });
    aside.move(path.toString());
  }
  aside.copy(refPath(gitDirectory, `logs/${name}`).toString());
  const packed = readPackedAsFound(gitDirectory).refs.get(name);
  if (packed === undefined) return;
  aside.copy(packedRefsPath(gitDirectory));
  deleteRef(gitDirectory, name, packed.oid);
}

/** Writes the lines again that can be read. @returns names of refs whose lines can not */
function mendPackedRefs(workshop: Workshop, store: ObjectStore): readonly string[] {
  const { parts, aside } = workshop;
  const { gitDirectory } = parts;
  const path = packedRefsPath(gitDirectory);
  using lock = takeLockFile(path, { gitDirectory });
  const { refs } = readPackedAsFound(gitDirectory);
  aside.copy(path);
  const lines = [...refs]
    .map(([name, { oid }]) => [refNameToBytes(name), oid] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = lines.map(([name, oid]) => `${oid} ${name}\n${peeledLine(store, oid)}`).join("");
  lock.write(Buffer.from(`# pack-refs with: peeled fully-peeled sorted \n${text}`, "latin1"));
  const lost = namesIn(path).filter(
    (name) => !refs.has(name) && readAsFound(gitDirectory, name) === undefined,
  );
  lock.commit();
  note(
    workshop,
    "packed-refs",
    `was written again with ${refs.size === 1 ? "one ref" : `${refs.size} refs`} that can be read`,
  );
  return lost;
}

function peeledLine(store: ObjectStore, oid: Oid): string {
  const peeled = safely(() => peelTag(store, oid).oid);
  return peeled === undefined || peeled === oid ? "" : `^${peeled}\n`;
}

/** All that look like names of refs, on whatever lines. */
function namesIn(path: string): readonly string[] {
  try {
    const text = readFileSync(path, "latin1");
    return [...text.matchAll(/ (refs\/[^\n]+)/g)]
      .map(([, name = ""]) => refNameFromBytes(name))
      .filter(isRefName);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

function mendHead(workshop: Workshop, found: RefCheck, store: ObjectStore): void {
  const { parts, aside } = workshop;
  const { gitDirectory } = parts;
  const chosen = headBranch(gitDirectory, found, store);
  if (chosen === undefined) {
    note(
      workshop,
      "HEAD",
      `can not be mended: say which branch it is by writing \`ref: refs/heads/<branch>\` into ${gitDirectory}/HEAD`,
      "failed",
    );
    return undefined;
  }
  const path = `${gitDirectory}/HEAD`;
  using lock = takeLockFile(path, { gitDirectory });
  aside.copy(path);
  lock.write(Buffer.from(`ref: ${refNameToBytes(chosen)}\n`, "latin1"));
  lock.commit();
  note(workshop, "HEAD", `is on ${shortRef(chosen)} again`);
}

function headBranch(
  gitDirectory: string,
  { refs, branch: now }: RefCheck,
  store: ObjectStore,
): string | undefined {
  const branches = [...refs.keys()].filter((name) => branchOf(name) !== undefined);
  const twin = now === undefined ? undefined : branches.find((name) => isOneBitAway(name, now));
  if (twin !== undefined) return twin;
  const moved = safely(() => readFileSync(`${gitDirectory}/logs/HEAD`, "latin1"))?.matchAll(
    /\tcheckout: moving from \S+ to (\S+)$/gm,
  );
  const last = [...(moved ?? [])].at(-1)?.[1];
  const named =
    last === undefined ? undefined : branches.find((name) => name === branchRef(refNameFromBytes(last)));
  if (named !== undefined || branches.length === 1) return named ?? branches[0];
  const known = branchOfLog(gitDirectory, refs) ?? branchOfSavepoint(gitDirectory, store);
  if (known !== undefined && branches.includes(known)) return known;
  return branches.find((name) => ["refs/heads/main", "refs/heads/master"].includes(name));
}

/** The one branch that is where HEAD was last. */
function branchOfLog(gitDirectory: string, refs: RefCheck["refs"]): string | undefined {
  const last = readReflog(gitDirectory, "HEAD")?.oids.at(-1);
  const [only, ...others] = [...refs].filter(([name, oid]) => branchOf(name) !== undefined && oid === last);
  return others.length === 0 ? only?.[0] : undefined;
}

function branchOfSavepoint(gitDirectory: string, store: ObjectStore): string | undefined {
  return safely(() => listSavepoints(gitDirectory, store))?.[0]?.branch;
}
