/** The file `packed-refs`: many refs in one text, each line `<oid> <name>`, annotated tags followed by `^<commit>`. */
import { readFileSync, statSync } from "node:fs";

import { fromSystem, LullError } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { commonDirectory } from "./common-directory.ts";
import { isRefName, refNameFromBytes, refNameToBytes } from "./ref-name.ts";

export type PackedRef = {
  readonly oid: Oid;
  /** What an annotated tag finally points to, when the file says so. */
  readonly peeled: Oid | undefined;
};

const ENTRY = /^[0-9a-f]{40} ./;
const PEELED = /^\^[0-9a-f]{40}$/;

/** Returns every packed ref by name; names that git would not accept are left out. */
export function readPackedRefs(gitDirectory: string): ReadonlyMap<string, PackedRef> {
  const file = packedFile(gitDirectory);
  file.refs ??= parse(gitDirectory, file.text);
  return file.refs;
}

function parse(gitDirectory: string, text: string): ReadonlyMap<string, PackedRef> {
  const refs = new Map<string, PackedRef>();
  let last: string | undefined;
  for (const line of linesOf(text)) {
    if (ENTRY.test(line)) {
      last = refNameFromBytes(line.slice(41));
      if (isRefName(last)) refs.set(last, { oid: line.slice(0, 40), peeled: undefined });
    } else if (PEELED.test(line)) {
      const tag = last === undefined ? broken(gitDirectory, line) : refs.get(last);
      if (last !== undefined && tag !== undefined) refs.set(last, { oid: tag.oid, peeled: line.slice(1) });
    } else if (!line.startsWith("#")) broken(gitDirectory, line);
  }
  return refs;
}

/** Returns one packed ref without taking the rest apart. */
export function findPackedRef(gitDirectory: string, name: string): Oid | undefined {
  const { text } = packedFile(gitDirectory);
  const needle = ` ${refNameToBytes(name)}\n`;
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const oid = text.slice(Math.max(0, at - 40), at);
    // A comment may contain the same words; an entry starts its line.
    if (/^[0-9a-f]{40}$/.test(oid) && (at === 40 || text[at - 41] === "\n")) return oid;
  }
  return undefined;
}

/** Tells whether there is any ref whose name starts with these bytes. */
export function hasPackedRefBelow(gitDirectory: string, prefix: string): boolean {
  return packedFile(gitDirectory).text.includes(` ${prefix}`);
}

/** Returns the file without the given refs, everything else byte for byte; undefined when none is in it. */
export function withoutPackedRefs(gitDirectory: string, names: ReadonlySet<string>): Buffer | undefined {
  const unwanted = new Set([...names].map(refNameToBytes));
  let removed = false;
  let dropping = false;
  const kept = linesOf(packedFile(gitDirectory).text).filter((line) => {
    dropping = line.startsWith("^") ? dropping : unwanted.has(line.slice(41)) && ENTRY.test(line);
    removed ||= dropping;
    return !dropping;
  });
  return removed ? bytesOf(kept) : undefined;
}

/** What git writes above refs that are sorted, and whose tags all tell what they point to. */
const HEADER = "# pack-refs with: peeled fully-peeled sorted ";

/** Returns the file with these refs, too; none of them may be a tag, which would need a second line. */
export function withPackedRefs(gitDirectory: string, refs: ReadonlyMap<string, Oid>): Buffer {
  const wanted = new Map([...refs].map(([name, oid]) => [refNameToBytes(name), oid]));
  const lines = linesOf(packedFile(gitDirectory).text);
  const head = lines.filter((line) => line.startsWith("#"));
  /** By name: its own line, and the one behind it. */
  const entries = new Map<string, string[]>();
  let last: string[] | undefined;
  for (const line of lines) {
    if (ENTRY.test(line)) entries.set(line.slice(41), (last = [line]));
    else if (line.startsWith("^")) last?.push(line);
  }
  for (const [name, oid] of wanted) entries.set(name, [`${oid} ${name}`]);
  const isSorted = head.length === 0 || head.some((line) => / sorted\b/.test(line));
  const names = [...entries.keys()];
  if (isSorted) names.sort();
  return bytesOf([
    ...(head.length === 0 ? [HEADER] : head),
    ...names.flatMap((name) => entries.get(name) ?? []),
  ]);
}

function bytesOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
}

type PackedFile = {
  readonly path: string;
  /** By what a replaced file differs from the one before; undefined when there is no file. */
  readonly identity: string | undefined;
  /** As latin1, "" when there is none. */
  readonly text: string;
  refs: ReadonlyMap<string, PackedRef> | undefined;
};

/**
 * The file as it was read last: each look at a branch of a repository of 50,000 refs would else read 3.5 MB. It is
 * only ever replaced as a whole, so that its stat data tell whether it is still the same, as git itself does it.
 */
let known: PackedFile | undefined;

export function packedRefsPath(gitDirectory: string): string {
  return `${commonDirectory(gitDirectory)}/packed-refs`;
}

function packedFile(gitDirectory: string): PackedFile {
  const path = packedRefsPath(gitDirectory);
  try {
    const before = identityOf(path);
    if (known !== undefined && known.path === path && known.identity === before) return known;
    const text = before === undefined ? "" : readFileSync(path, "latin1");
    if (text !== "" && !text.endsWith("\n")) broken(gitDirectory, text.slice(text.lastIndexOf("\n") + 1));
    const file = { path, identity: before, text, refs: undefined };
    // Replaced while it was read: good for this once only.
    if (identityOf(path) === before) known = file;
    return file;
  } catch (error) {
    throw fromSystem(error, `read ${path}`);
  }
}

function identityOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.slice(0, -1).split("\n");
}

function broken(gitDirectory: string, line: string): never {
  throw new LullError({
    kind: "unsafe",
    code: "REF_BROKEN",
    message: `${packedRefsPath(gitDirectory)} is damaged at the line ${JSON.stringify(line.slice(0, 80))}`,
    hint: "repair that line by hand or restore the file from a backup, then check with `git show-ref`",
  });
}
