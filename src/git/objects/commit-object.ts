import type { Commit, ObjectReader, Oid, Signature } from "../model.ts";
import { LullError } from "../../base/errors.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { firstOid, followingOids, headerValue, latin1Of, splitObject } from "./object-header.ts";
import { formatSignature, parseOffset, parseSignature } from "./signature.ts";
import { decodeText } from "./text-encoding.ts";

/** Such text is the same in UTF-8, which most commits are in. */
const ASCII = /^[\0-\x7f]*$/;

/**
 * The head of nearly every commit, in one step of compiled code: name, e-mail, date and zone twice, and no lines behind
 * them. Names are plain ASCII without brackets. What does not fit is read line by line.
 */
const USUAL =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author ([ -;=?-~]*)<([ -;=?-~]*)> (\d{1,15}) ([+-])(\d{4})\ncommitter ([ -;=?-~]*)<([ -;=?-~]*)> (\d{1,15}) ([+-])(\d{4})\n\n/;
/** As `USUAL`, for the links alone; whatever follows, and whoever it was. */
const USUAL_LINKS =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author [^\n]*\ncommitter [^<\n]*<[^\n]*> (\d{1,15}) [+-]\d{4}\n/;
/** `parent `, a name and the line's end. */
const PARENT_LINE = 48;

/** @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`, the latter also when the object is no commit */
export function readCommit(reader: ObjectReader, oid: Oid): Commit {
  return parsed(reader, oid, parseCommit);
}

/** As `readCommit`, only what a walk through history needs. */
export function readCommitLinks(reader: ObjectReader, oid: Oid): CommitLinks {
  return parsed(reader, oid, parseCommitLinks);
}

/** @throws DamagedData */
export function parseCommit(bytes: Uint8Array): Commit {
  const text = latin1Of(bytes);
  const usual = USUAL.exec(text);
  return usual === null ? parseLines(bytes) : usualCommit(usual, text, bytes);
}

function usualCommit(found: RegExpExecArray, text: string, bytes: Uint8Array): Commit {
  const [head, tree = "", parents = "", name = "", email = "", seconds = "", sign = "", zone = ""] = found;
  const author: Signature = {
    name: name.trim(),
    email,
    seconds: Number(seconds),
    offsetMinutes: parseOffset(sign, zone),
  };
  // Mostly one and the same.
  const isSame = name === found[8] && email === found[9] && seconds === found[10];
  const body = text.slice(head.length);
  return {
    tree,
    parents: parentsIn(parents),
    author,
    committer:
      isSame && sign === found[11] && zone === found[12]
        ? author
        : {
            name: found[8]?.trim() ?? "",
            email: found[9] ?? "",
            seconds: Number(found[10]),
            offsetMinutes: parseOffset(found[11], found[12]),
          },
    message: ASCII.test(body) ? body : decodeText(bytes.subarray(head.length), undefined),
  };
}

/** @param lines each of `PARENT_LINE` bytes */
function parentsIn(lines: string): Oid[] {
  const oids: Oid[] = [];
  for (let at = 0; at < lines.length; at += PARENT_LINE) oids.push(lines.slice(at + 7, at + 47));
  return oids;
}

function parseLines(bytes: Uint8Array): Commit {
  const object = splitObject(bytes);
  const encoding = headerValue(object, "encoding");
  const author = headerValue(object, "author") ?? "";
  const committer = headerValue(object, "committer") ?? "";
  const signed = signatureOf(author, encoding);
  return {
    tree: firstOid(object, "tree"),
    parents: followingOids(object, "parent"),
    author: signed,
    // Mostly one and the same.
    committer: committer === author ? signed : signatureOf(committer, encoding),
    message: decodeText(object.body, encoding),
  };
}

export type CommitLinks = {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** Committer time, seconds since 1970 UTC. */
  readonly seconds: number;
};

/** @throws DamagedData */
export function parseCommitLinks(bytes: Uint8Array): CommitLinks {
  const usual = USUAL_LINKS.exec(latin1Of(bytes));
  if (usual !== null) {
    const [, tree = "", parents = "", seconds] = usual;
    return { tree, parents: parentsIn(parents), seconds: Number(seconds) };
  }
  const object = splitObject(bytes);
  const { seconds } = parseSignature(headerValue(object, "committer") ?? "");
  return { tree: firstOid(object, "tree"), parents: followingOids(object, "parent"), seconds };
}

/** Always in UTF-8 and without an `encoding` header. @throws LullError `BAD_COMMIT_MESSAGE` for a NUL, as git does */
export function serializeCommit(commit: Commit): Buffer {
  if (commit.message.includes("\0")) {
    throw new LullError({
      kind: "failed",
      code: "BAD_COMMIT_MESSAGE",
      message: "a commit message cannot hold a NUL character",
    });
  }
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
  ];
  return Buffer.from(`${lines.join("\n")}\n\n${commit.message}`, "utf8");
}

/** @param line as bytes in latin1 */
function signatureOf(line: string, encoding: string | undefined): Signature {
  const isPlain = encoding === undefined && ASCII.test(line);
  return parseSignature(isPlain ? line : decodeText(Buffer.from(line, "latin1"), encoding));
}

function parsed<Result>(reader: ObjectReader, oid: Oid, parse: (bytes: Uint8Array) => Result): Result {
  const { kind, bytes } = reader.read(oid);
  if (kind !== "commit") throw objectCorrupt(oid, `it is a ${kind} where a commit must be`);
  try {
    return parse(bytes);
  } catch (error) {
    throw error instanceof DamagedData ? objectCorrupt(oid, error.message, error) : error;
  }
}
