import type { Commit, ObjectReader, Oid, Signature } from "../model.ts";
import { LullError } from "../../base/errors.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { firstOid, followingOids, headerValue, splitObject } from "./object-header.ts";
import { formatSignature, parseSignature } from "./signature.ts";
import { decodeText } from "./text-encoding.ts";

/** Such text is the same in UTF-8, which most commits are in. */
const ASCII = /^[\0-\x7f]*$/;

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
