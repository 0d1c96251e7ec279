import { lstatSync, readFileSync, readlinkSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { ObjectKind, Oid } from "../model.ts";
import { commonDirectory } from "../refs/common-directory.ts";
import { packedRefsPath } from "../refs/packed-refs.ts";
import { isRefName, refNameFromBytes, refPath } from "../refs/ref-name.ts";
import { looseRefNames } from "../refs/ref-store.ts";
import { branchOf, ZERO_OID } from "../model.ts";
import { SAVEPOINT_REFS } from "../savepoints/savepoint-commit.ts";

export type BrokenRef = { readonly name: string; readonly why: string };

/** Everything that the ref files say, read without any trust in them. */
export type RefsAsFound = {
  /** Loose before packed. */
  readonly direct: ReadonlyMap<string, Oid>;
  readonly symbolic: ReadonlyMap<string, string>;
  readonly broken: readonly BrokenRef[];
  readonly packed: PackedAsFound;
};

export type PackedAsFound = {
  readonly refs: ReadonlyMap<string, { readonly oid: Oid; readonly peeled: Oid | undefined }>;
  /** What does not belong in the file, line by line. */
  readonly faults: readonly string[];
};

/** As git writes them; anything else is the work of a disk, or of a person with an editor. */
const DIRECT = /^([0-9a-f]{40})[\r\n ]*$/;
const SYMBOLIC = /^ref: (\S+)[\r\n ]*$/;
const LARGEST = 64 * 1024;

/** @param gitDirectory of a work tree, its own one */
export function readRefsAsFound(gitDirectory: string): RefsAsFound {
  const direct = new Map<string, Oid>();
  const symbolic = new Map<string, string>();
  const broken: BrokenRef[] = [];
  for (const name of looseRefNames(gitDirectory, "refs")) {
    if (name.endsWith(".lock")) continue;
    // Git does not look at these either: `.DS_Store`, what an editor left.
    if (!isRefName(name)) continue;
    const value = readAsFound(gitDirectory, name);
    if (value === undefined) continue;
    if ("oid" in value) direct.set(name, value.oid);
    else if ("target" in value) symbolic.set(name, value.target);
    else broken.push({ name, why: value.why });
  }
  const packed = readPackedAsFound(gitDirectory);
  const hidden = new Set([...symbolic.keys(), ...broken.map(({ name }) => name)]);
  for (const [name, { oid }] of packed.refs)
    if (!direct.has(name) && !hidden.has(name)) direct.set(name, oid);
  return { direct, symbolic, broken, packed };
}

type AsFound = { readonly oid: Oid } | { readonly target: string } | { readonly why: string };

/** Undefined: there is no file. */
export function readAsFound(gitDirectory: string, name: string): AsFound | undefined {
  const path = refPath(gitDirectory, name);
  try {
    const stat = lstatSync(path);
    if (stat.isDirectory()) return undefined;
    // Very old repositories have a link in the place of a symbolic ref.
    if (stat.isSymbolicLink()) return parseAsFound(`ref: ${readlinkSync(path, "latin1")}`);
    if (!stat.isFile() || stat.size > LARGEST) return { why: "it is no small regular file" };
    return parseAsFound(readFileSync(path, "latin1"));
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["ENOENT", "ENOTDIR"].includes(code)) return undefined;
    if (["EACCES", "EPERM", "EIO"].includes(code)) return { why: `it can not be read (${code})` };
    throw fromSystem(error, `read ref ${name}`);
  }
}

function parseAsFound(text: string): AsFound {
  const oid = DIRECT.exec(text)?.[1];
  if (oid !== undefined) return oid === ZERO_OID ? { why: "it points to nothing" } : { oid };
  const target = SYMBOLIC.exec(text)?.[1];
  if (target === undefined)
    return { why: text.trim() === "" ? "its file is empty" : "its file holds no commit" };
  const name = refNameFromBytes(target);
  return isRefName(name) ? { target: name } : { why: "it names no valid ref" };
}

const ENTRY = /^([0-9a-f]{40}) (\S.*)$/;
const PEELED = /^\^([0-9a-f]{40})$/;
/** A comment, but not a ref of which one bit made a comment. */
const COMMENT = /^#(?![0-9a-f]{39} )/;

export function readPackedAsFound(gitDirectory: string): PackedAsFound {
  const refs = new Map<string, { oid: Oid; peeled: Oid | undefined }>();
  const faults: string[] = [];
  const text = textOf(packedRefsPath(gitDirectory));
  const lines = text.split("\n");
  if (lines.pop() !== "") faults.push("its last line is cut off");
  let last: { oid: Oid; peeled: Oid | undefined } | undefined;
  let before = "";
  const isSorted = lines[0]?.startsWith("#") === true && / sorted\b/.test(lines[0]);
  for (const [at, line] of lines.entries()) {
    const [, oid, bytes] = ENTRY.exec(line) ?? [];
    const name = bytes === undefined ? undefined : refNameFromBytes(bytes);
    if (oid !== undefined && bytes !== undefined && name !== undefined && isRefName(name)) {
      if (isSorted && bytes <= before) faults.push(`line ${at + 1} is out of order`);
      before = bytes;
      last = { oid, peeled: undefined };
      refs.set(name, last);
      continue;
    }
    const peeled = PEELED.exec(line)?.[1];
    if (peeled !== undefined && last !== undefined && last.peeled === undefined) last.peeled = peeled;
    else if (!COMMENT.test(line)) faults.push(`line ${at + 1} is no ref`);
  }
  return { refs, faults };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw fromSystem(error, `read ${path}`);
  }
}

/** What a ref must lead to. */
export function kindOfRef(name: string): ObjectKind | undefined {
  return branchOf(name) !== undefined || name.startsWith("refs/remotes/") || name.startsWith(SAVEPOINT_REFS)
    ? "commit"
    : undefined;
}

export type Reflog = {
  /** Of the ref, e.g. `HEAD`. */
  readonly name: string;
  readonly path: string;
  /** Newest last; names that are all zeros are left out. */
  readonly oids: readonly Oid[];
  readonly brokenLines: number;
};

const LOG_LINE = /^([0-9a-f]{40}) ([0-9a-f]{40}) [^\n]*> \d+ [+-]\d{4}(?:\t.*)?$/;

export function isLogLine(line: string): boolean {
  return LOG_LINE.test(line);
}

/** Undefined: there is none. */
export function readReflog(gitDirectory: string, name: string): Reflog | undefined {
  const path = refPath(gitDirectory, `logs/${name}`);
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `read the log of ${name}`);
  }
  const oids: Oid[] = [];
  let brokenLines = 0;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, from, to] = LOG_LINE.exec(line) ?? [];
    if (from === undefined || to === undefined) brokenLines++;
    else for (const oid of [from, to]) if (oid !== ZERO_OID && oids.at(-1) !== oid) oids.push(oid);
  }
  return { name, path: path.toString(), oids, brokenLines };
}

/** Of HEAD, and of everything that has a log, whether or not there is a ref. */
export function readReflogs(gitDirectory: string): readonly Reflog[] {
  const common = commonDirectory(gitDirectory);
  const names = new Set(
    [gitDirectory, common].flatMap((directory) =>
      looseRefNames(directory, "logs/refs").map((name) => name.slice("logs/".length)),
    ),
  );
  return ["HEAD", ...names].flatMap((name) => readReflog(gitDirectory, name) ?? []);
}
