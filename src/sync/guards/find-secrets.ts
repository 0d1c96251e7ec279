import type { RepoPath } from "../../git/model.ts";
import { withoutConflictMark } from "../conflicts/copy-path.ts";
import { AnchorSearch } from "./anchor-search.ts";
import { type LeftOut, markOf } from "./guards.ts";
import { SECRET_RULES, type SecretRule } from "./secret-rules.ts";

export type FoundSecret = {
  /** In words; never the secret. */
  readonly what: string;
  /** From 1. */
  readonly line: number;
  /** Names the secret without giving it away. */
  readonly mark: string;
};

/** Nobody writes so much by hand; logs and data of this size would only cost time. */
export const LARGEST_SEARCHED = 1024 * 1024;
/** As git tells binary files: by a NUL near the beginning. */
const FIRST_BYTES = 8000;
/** A list of thousands needs no more words than these. */
const MOST_FOUND = 50;

/** @param bytes the file's content */
export function findSecrets(path: RepoPath, bytes: Uint8Array): readonly FoundSecret[] {
  if (bytes.length > LARGEST_SEARCHED) return [];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.subarray(0, FIRST_BYTES).includes(0)) return [];
  const found = rulesFor(path, buffer);
  if (found.length === 0) return [];
  // One byte, one character: secrets are ASCII, and no decoding is needed.
  const text = buffer.toString("latin1");
  return found.flatMap((rule) => matches(rule, text)).slice(0, MOST_FOUND);
}

/** Those of which the file has an anchor; nearly always none, and nearly all the time goes into this. */
export function rulesFor(path: RepoPath, bytes: Buffer): readonly SecretRule[] {
  everywhere ??= new AnchorSearch(
    SECRET_RULES.map(({ files, needs, anchors }) =>
      files === undefined && needs === undefined ? anchors : [],
    ),
  );
  const found = everywhere.in(bytes);
  const name = withoutConflictMark(path);
  return SECRET_RULES.filter(({ files, needs, anchors }, rule) => {
    if (files === undefined && needs === undefined) return found[rule] === 1;
    if (files?.test(name) === false || (needs !== undefined && !bytes.includes(needs))) return false;
    return anchors.some((anchor) => bytes.includes(anchor));
  });
}

/** Made when there is a file to search: most runs have none. */
let everywhere: AnchorSearch | undefined;

function matches({ what, pattern, follows, isMarker }: SecretRule, text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  let looked = 0;
  for (const match of text.matchAll(pattern)) {
    if (++looked > MOST_LOOKED_AT || found.length === MOST_FOUND) break;
    const end = match.index + match[0].length;
    const after = follows === undefined ? "" : text.slice(end, end + LONGEST_BEHIND);
    if (follows?.(after) === false) continue;
    const secret = match[1] ?? match[0];
    if (isMarker === undefined && isPlaceholder(secret)) continue;
    const value = isMarker === undefined ? secret : secret + (after.split("-----END")[0] ?? "");
    found.push({ what, line: lineAt(text, match.index), mark: markOf("secret", [what, value]) });
  }
  return found;
}

const LONGEST_BEHIND = 4000;
/** A text made of beginnings without an end must not hold the sync up. */
const MOST_LOOKED_AT = 5000;

/** What documentation and templates put in a secret's place. */
function isPlaceholder(secret: string): boolean {
  if (
    /example|placeholder|change_?me|dummy|your[_-]|redacted|insert[_-]|replace[_-]|x{6}|\.{3}|0{8}|12345678/i.test(
      secret,
    )
  ) {
    return true;
  }
  if (/^(?:pass(?:word|wd)?|secret|token|user|test(?:ing)?|none|null|true|false|undefined)\d*$/i.test(secret))
    return true;
  return new Set(secret).size < LEAST_CHARACTERS;
}

/** Different ones; `aaaaaaaa` and `--------` are nobody's secret. */
const LEAST_CHARACTERS = 4;

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

/** @param known marks that need no word: of the version that the last commit has, and what a person allowed */
export function secretsIn(
  path: RepoPath,
  found: readonly FoundSecret[],
  known: ReadonlySet<string>,
): LeftOut | undefined {
  const fresh = found.filter(({ mark }) => !known.has(mark));
  const [first] = fresh;
  if (first === undefined) return undefined;
  const more = fresh.length === 1 ? "" : ` and ${fresh.length - 1} more`;
  return {
    guard: "secret",
    path,
    reason: `it seems to hold ${first.what} in line ${first.line}${more}`,
    marks: [...new Set(fresh.map(({ mark }) => mark))],
  };
}
