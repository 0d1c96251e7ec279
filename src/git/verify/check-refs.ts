import { branchOf, type ObjectKind, type Oid } from "../model.ts";
import { refNameToBytes } from "../refs/ref-name.ts";
import type { Root } from "./object-walk.ts";
import {
  kindOfRef,
  readAsFound,
  readReflogs,
  readRefsAsFound,
  type Reflog,
  type RefsAsFound,
} from "./read-refs.ts";
import { type Finding, finding } from "./verify-result.ts";

export type RefCheck = {
  readonly findings: readonly Finding[];
  readonly refs: ReadonlyMap<string, Oid>;
  readonly reflogs: readonly Reflog[];
  /** Full name of what HEAD is on; undefined: it is on a commit, or broken. */
  readonly branch: string | undefined;
  readonly roots: readonly Root[];
};

export type KindOf = (oid: Oid) => ObjectKind | undefined;

/**
 * Looks at every file that names objects: refs, `packed-refs`, HEAD and the logs. Whether all that they lead to is there
 * is for the walk from `roots`.
 * @param peel what a tag finally names, or undefined when that is not to be had
 */
export function checkRefs(
  gitDirectory: string,
  { kindOf, peel }: { readonly kindOf: KindOf; readonly peel: (oid: Oid) => Oid | undefined },
): RefCheck {
  const found = readRefsAsFound(gitDirectory);
  const head = readAsFound(gitDirectory, "HEAD") ?? { why: "there is none" };
  const reflogs = readReflogs(gitDirectory);
  const branch = "target" in head ? head.target : undefined;
  const refs = [...found.direct];
  const findings = [
    ...("why" in head ? [headBroken(head.why)] : []),
    ...(branch === undefined || found.direct.has(branch) ? [] : unbornHead(branch, found, reflogs)),
    ...found.broken.map(({ name, why }) => brokenFinding(name, why)),
    ...(found.packed.faults.length === 0 ? [] : [packedFinding(found.packed.faults)]),
    ...peeledFindings(found, peel),
    ...refs.flatMap(([name, oid]) => wrongKind(name, oid, kindOf)),
    ...reflogs.flatMap((log) => logFindings(log)),
  ];
  const roots: Root[] = [
    ...refs.map(([name, oid]) => ({ oid, as: kindOfRef(name) })),
    ...("oid" in head ? [{ oid: head.oid, as: "commit" as const }] : []),
  ];
  return { findings, refs: found.direct, reflogs, branch, roots };
}

function headBroken(why: string): Finding {
  return finding({
    part: "ref",
    gravity: "damage",
    code: "HEAD_BROKEN",
    where: "HEAD",
    what: why,
    meaning: "git does not know which branch is checked out, and nothing can be committed",
    mend: "HEAD is set to the branch that was checked out last",
  });
}

/**
 * A branch without a commit is how every repository begins. But a name that is one bit away from that of a branch which
 * is there was made by a disk, and one that has a log had commits.
 */
function unbornHead(branch: string, found: RefsAsFound, reflogs: readonly Reflog[]): readonly Finding[] {
  if (found.broken.some(({ name }) => name === branch) || found.symbolic.has(branch)) return [];
  const hadCommits = reflogs.some(({ name, oids }) => name === branch && oids.length > 0);
  const twin = [...found.direct.keys()].find((name) => isOneBitAway(name, branch));
  if (!hadCommits && twin === undefined) return [];
  return [
    finding({
      part: "ref",
      gravity: hadCommits ? "loss" : "damage",
      code: hadCommits ? "REF_BROKEN" : "HEAD_BROKEN",
      where: hadCommits ? branch : "HEAD",
      what: hadCommits
        ? "it is not there, and its log says that it had commits"
        : `it names ${branch}, which has no commit; ${twin} differs from it by a single bit`,
      meaning: "the next commit would begin a history without a past",
      mend: hadCommits ? "it comes back from its log" : `HEAD is set to ${twin}`,
    }),
  ];
}

/** Of full names of refs, as the bytes that they are on the disk. */
export function isOneBitAway(one: string, other: string): boolean {
  const [a, b] = [`${refNameToBytes(one)}\n`, `${refNameToBytes(other)}\n`];
  // The line break itself may have become a letter.
  return isOneBit(a, b) || isOneBit(a.slice(0, -1), b) || isOneBit(a, b.slice(0, -1));
}

function isOneBit(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let bits = 0;
  for (let at = 0; at < a.length; at++) {
    let difference = a.charCodeAt(at) ^ b.charCodeAt(at);
    for (; difference !== 0; difference &= difference - 1) bits++;
  }
  return bits === 1;
}

function brokenFinding(name: string, why: string): Finding {
  const branch = branchOf(name);
  return finding({
    part: "ref",
    gravity: branch === undefined ? "damage" : "loss",
    code: "REF_BROKEN",
    where: name,
    what: why,
    meaning:
      branch === undefined
        ? undefined
        : `nobody knows any more which commit the branch ${branch} is at; its commits are still there`,
    mend: mendOfRef(name),
  });
}

export function mendOfRef(name: string): string {
  if (name.startsWith("refs/remotes/")) return "the next fetch makes it anew";
  if (name.startsWith("refs/lull/")) return "it is set aside";
  return "it comes back from its log, a savepoint or what the remote had";
}

function packedFinding(faults: readonly string[]): Finding {
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return finding({
    part: "ref",
    gravity: "damage",
    code: "PACKED_REFS_BROKEN",
    where: "packed-refs",
    what: `${faults[0]}${more}`,
    meaning: "git refuses to work here until it is mended",
    mend: "it is written again from the lines that can be read; what they no longer say comes back from logs, savepoints and remotes",
  });
}

function peeledFindings({ packed }: RefsAsFound, peel: (oid: Oid) => Oid | undefined): readonly Finding[] {
  return [...packed.refs].flatMap(([name, { oid, peeled }]) => {
    const really = peeled === undefined ? undefined : peel(oid);
    if (peeled === undefined || really === undefined || really === peeled) return [];
    return [packedFinding([`it says that ${name} stands for ${peeled}, and the tag says ${really}`])];
  });
}

function wrongKind(name: string, oid: Oid, kindOf: KindOf): readonly Finding[] {
  const as = kindOfRef(name);
  const kind = kindOf(oid);
  if (kind !== undefined && (as === undefined || kind === as)) return [];
  const isBranch = branchOf(name) !== undefined;
  return [
    finding({
      part: "ref",
      gravity: isBranch ? "loss" : "damage",
      code: "REF_WITHOUT_OBJECT",
      where: name,
      what:
        kind === undefined
          ? `it points to ${oid}, which is not there`
          : `it points to a ${kind}, not to a ${as}`,
      mend: `the object comes back if a remote has it; else ${mendOfRef(name)}`,
      oids: [oid],
    }),
  ];
}

function logFindings({ name, brokenLines }: Reflog): readonly Finding[] {
  if (brokenLines === 0) return [];
  return [
    finding({
      part: "ref",
      gravity: "damage",
      code: "REFLOG_BROKEN",
      where: `logs/${name}`,
      what: `${brokenLines === 1 ? "one line" : `${brokenLines} lines`} of it can not be read`,
      meaning: `where ${name} was before is known in part only`,
      mend: "it is written again without them; the old file is kept",
    }),
  ];
}
