import type { Commit, ObjectReader, Oid, Signature } from "../model.ts";
import { LullError } from "../../base/errors.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { headerValue, type ObjectLines, oidLine, splitObject } from "./object-header.ts";
import { formatSignature, parseSignature } from "./signature.ts";
import { decodeText } from "./text-encoding.ts";

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
  return {
    ...links(object),
    author: signatureOf(object, "author", encoding),
    committer: signatureOf(object, "committer", encoding),
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
  return { ...links(object), seconds: parseSignature(headerValue(object, "committer") ?? "").seconds };
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

function links(object: ObjectLines): { readonly tree: Oid; readonly parents: readonly Oid[] } {
  const parents: Oid[] = [];
  for (const line of object.lines.slice(1)) {
    if (!line.startsWith("parent ")) break;
    parents.push(oidLine(line, "parent"));
  }
  return { tree: oidLine(object.lines[0], "tree"), parents };
}

function signatureOf(object: ObjectLines, key: string, encoding: string | undefined): Signature {
  return parseSignature(decodeText(Buffer.from(headerValue(object, key) ?? "", "latin1"), encoding));
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
