import { basename, relative } from "node:path";
import { lstatSync } from "node:fs";

import type { Oid } from "../model.ts";
import { missedWords, type Missed } from "./describe-holes.ts";
import type { Damage, ObjectSurvey } from "./object-survey.ts";
import type { Hole } from "./object-walk.ts";
import { type Finding, finding, type FindingCode } from "./verify-result.ts";

/** A repository that lost everything need not be told object by object. */
const MOST_HOLES = 1000;

/** What is wrong with files below `objects/`, one finding for each file. */
export function damageFindings(
  survey: ObjectSurvey,
  gitDirectory: string,
  reached: ReadonlySet<Oid>,
): Finding[] {
  const files = new Map<string, Damage[]>();
  for (const damage of survey.damage) {
    if (!isStillThere(damage)) continue;
    const known = files.get(damage.file);
    if (known === undefined) files.set(damage.file, [damage]);
    else known.push(damage);
  }
  return [...files].map(([file, damages]) =>
    fileFinding(relative(gitDirectory, file), damages, { survey, reached }),
  );
}

/** A repack may have replaced it since, and a pack and its index come one after the other. */
function isStillThere({ file, kind }: Damage): boolean {
  const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  if (!exists(file)) return false;
  if (kind === "pack-alone") return !exists(file.replace(/pack$/, "idx"));
  return kind !== "index-alone" || !exists(file.replace(/idx$/, "pack"));
}

type Known = { readonly survey: ObjectSurvey; readonly reached: ReadonlySet<Oid> };

function fileFinding(where: string, damages: readonly Damage[], { survey, reached }: Known): Finding {
  const oids = damages.flatMap(({ oid }) => oid ?? []);
  const lost = oids.filter((oid) => survey.findOid(oid) === "damaged");
  const [first] = damages;
  const { kind = "loose", why = "", isOwn = true } = first ?? {};
  const base = {
    part: "object",
    gravity: kind === "pack-alone" ? "note" : "damage",
    where,
    oids,
    mend: isOwn ? MENDS[kind] : "verify the repository that it belongs to; this one only borrows from it",
  } as const;
  if (kind === "loose" || kind === "unreadable") {
    const isLost = lost.length > 0;
    return finding({
      ...base,
      code: isLost ? "OBJECT_DAMAGED" : kind === "unreadable" ? "UNREADABLE" : "COPY_DAMAGED",
      what: why,
      meaning: meaningOf(lost, reached, oids.length),
    });
  }
  const code = CODES[kind];
  const entries = damages.filter((damage) => damage.kind === "entry");
  const [entry] = entries;
  const what =
    entry === undefined
      ? why
      : `${entries.length === 1 ? "an object" : `${entries.length} objects`} in it ${entries.length === 1 ? "is" : "are"} damaged (${entry.why})`;
  const meaning = kind in MEANINGS ? MEANINGS[kind] : meaningOf(lost, reached, oids.length);
  return finding({ ...base, code, what, meaning });
}

function meaningOf(lost: readonly Oid[], reached: ReadonlySet<Oid>, all: number): string | undefined {
  if (all === 0) return undefined;
  if (lost.length === 0) return "another copy is whole: nothing is lost";
  const needed = lost.filter((oid) => reached.has(oid));
  return needed.length === 0 ? "nothing refers to what it held" : undefined;
}

const CODES = {
  entry: "PACK_DAMAGED",
  pack: "PACK_DAMAGED",
  "pack-index": "PACK_INDEX_DAMAGED",
  "pack-alone": "PACK_WITHOUT_INDEX",
  "index-alone": "INDEX_WITHOUT_PACK",
  cache: "CACHE_DAMAGED",
} as const satisfies Partial<Record<Damage["kind"], FindingCode>>;

const MEANINGS: Readonly<Partial<Record<Damage["kind"], string>>> = {
  "pack-index": "git and lull do not find what lies in its pack",
  "pack-alone": "git and lull do not see what lies in it; a git at work here may be about to write the index",
  "index-alone": "what lay in the pack is gone with it, as far as no other copy is left",
  cache: "git makes it to be quicker and may go wrong with it; nothing is lost",
};

const MENDS: Readonly<Record<Damage["kind"], string>> = {
  loose: "it is set aside",
  unreadable: "look at the disk and at who owns the file",
  entry: "what is whole in it goes into a new pack, and this one is set aside",
  pack: "what is whole in it goes into a new pack, and this one is set aside",
  "pack-index": "the index is made anew from the pack",
  "pack-alone": "the index is made from the pack",
  "index-alone": "it is set aside",
  cache: "it is set aside; git makes a new one when it likes",
};

/** What is reachable and not there. */
export function holeFindings(
  holes: ReadonlyMap<Oid, Hole>,
  missed: ReadonlyMap<Oid, Missed>,
  survey: ObjectSurvey,
): Finding[] {
  const shown = [...holes.values()].slice(0, MOST_HOLES).map((hole) => {
    const isDamaged = survey.findOid(hole.oid) === "damaged";
    const kind = hole.as ?? "object";
    return finding({
      part: "object",
      gravity: "loss",
      code: hole.problem !== "absent" ? "OBJECT_WRONG_KIND" : isDamaged ? "OBJECT_DAMAGED" : "OBJECT_MISSING",
      where: `${kind} ${hole.oid}`,
      what:
        hole.problem === "absent" && isDamaged
          ? `its only copy is damaged${whyOf(survey, hole.oid)}`
          : hole.why,
      meaning: missedWords(missed.get(hole.oid)),
      mend:
        hole.problem === "absent"
          ? "it comes back from a remote, or from a file that still has this content"
          : undefined,
      oids: [hole.oid],
    });
  });
  const more = holes.size - shown.length;
  if (more === 0) return shown;
  return [
    ...shown,
    finding({
      part: "object",
      gravity: "loss",
      code: "OBJECT_MISSING",
      where: `${more} more objects`,
      what: "they are not there",
    }),
  ];
}

function whyOf(survey: ObjectSurvey, oid: Oid): string {
  const damage = survey.damage.find((one) => one.oid === oid);
  return damage === undefined ? "" : ` (${damage.why})`;
}

/** A loose file whose object is told as lost needs no words of its own. */
export function untoldDamage(damage: readonly Finding[], told: readonly Finding[]): Finding[] {
  const lost = new Set(told.flatMap(({ oids }) => oids));
  return damage.filter(({ code, oids }) => code !== "OBJECT_DAMAGED" || !oids.every((oid) => lost.has(oid)));
}

export function logFindings(
  holes: ReadonlyMap<Oid, Hole>,
  logs: readonly { readonly name: string; readonly oids: readonly Oid[] }[],
): Finding[] {
  return logs.flatMap(({ name, oids }) => {
    const lost = oids.filter((oid) => holes.has(oid));
    if (lost.length === 0) return [];
    return [
      finding({
        part: "ref",
        gravity: "damage",
        code: "REFLOG_WITHOUT_OBJECT",
        where: `logs/${name}`,
        what: `${lost.length === 1 ? "a commit" : `${lost.length} commits`} that it names ${lost.length === 1 ? "is" : "are"} not there`,
        meaning: `${basename(name)} was there once; nothing else refers to it`,
        mend: "it comes back from a remote; else the lines go, and the old file is kept",
        oids: lost,
      }),
    ];
  });
}
