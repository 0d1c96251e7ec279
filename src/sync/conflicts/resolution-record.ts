/**
 * What became of a conflict travels as its record does: as a line at the end of the message of the commit that decided
 * it, or that took the decision back. Pure.
 *
 *     Lull-Resolved: commit=<the merge> path=plan.md keep=local
 *     Lull-Reopened: commit=<the merge> path=plan.md keep=local
 */
import type { Commit, Oid, RepoPath } from "../../git/model.ts";
import { decode, decodePath, encode, encodePath, fieldsOf, linesOf } from "./record-lines.ts";

export type Resolution = {
  /** The merge that met it. */
  readonly commit: Oid;
  readonly path: RepoPath;
  readonly keep: string;
  /** The decision was taken back: the conflict is open again. */
  readonly isTakenBack: boolean;
};

export function resolutionLine({ commit, path, keep, isTakenBack }: Resolution): string {
  return `${isTakenBack ? REOPENED : RESOLVED}commit=${commit} path=${encodePath(path)} keep=${encode(keep)}`;
}

const RESOLVED = "Lull-Resolved: ";
const REOPENED = "Lull-Reopened: ";

export function readResolutions({ message }: Pick<Commit, "message">): readonly Resolution[] {
  if (!message.includes("\nLull-Re")) return [];
  const lines = message.split("\n");
  return [
    ...linesOf(lines, RESOLVED).flatMap((line) => parse(line, false)),
    ...linesOf(lines, REOPENED).flatMap((line) => parse(line, true)),
  ];
}

function parse(line: string, isTakenBack: boolean): readonly Resolution[] {
  const field = fieldsOf(line);
  const path = decodePath(field.get("path"));
  const commit = field.get("commit") ?? "";
  const keep = decode(field.get("keep") ?? "");
  return path === undefined || keep === undefined || !OID.test(commit)
    ? []
    : [{ commit, path, keep, isTakenBack }];
}

const OID = /^[0-9a-f]{40}$/;

/**
 * What is to be said when these commits are taken back: of each conflict what was the case before them. One that was met
 * within them was none before.
 * @param commits newest first
 */
export function contraryOf(
  commits: readonly (Pick<Commit, "message"> & { readonly oid: Oid })[],
): readonly Resolution[] {
  const first = new Map<string, Resolution>();
  const within = new Set(commits.map(({ oid }) => oid));
  for (const commit of commits)
    for (const resolution of readResolutions(commit).filter((one) => !within.has(one.commit)))
      first.set(`${resolution.commit} ${resolution.path}`, resolution);
  return [...first.values()].map((resolution) => ({ ...resolution, isTakenBack: !resolution.isTakenBack }));
}
