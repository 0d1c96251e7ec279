/**
 * Edits of the config's text that leave every other byte as it is: comments, blank lines, quotes and order are the
 * person's own. Works on the ranges of the parsed document. An edit that would change the meaning of anything else (a
 * value that others refer to by an alias, a form that is not foreseen here) is refused.
 */
import { isDeepStrictEqual } from "node:util";
import { Document, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";

import { LullError } from "../base/errors.ts";
import { parseBounded } from "./bounded-document.ts";
import { withItems, withoutItem } from "./edit-list.ts";
import { emptied, withoutPair, withPair, withValue } from "./edit-map.ts";
import { findPair, isEmpty, isNode, nodeAt } from "./find-node.ts";

type Path = readonly string[];

/** Returns the value at a path as plain data, or undefined. */
export function getValue(text: string, path: Path): unknown {
  const document = documentOf(text, path);
  const node = nodeAt(document, path);
  return node === undefined ? undefined : node.toJS(document);
}

/** Sets one value; missing groups above it are made. Throws `CONFIG_NOT_EDITABLE` where the text has no room for it. */
export function setValue(text: string, path: Path, value: unknown): string {
  const document = documentOf(text, path);
  const after = withValueAt(text, { document, path, value, asLines: false });
  return checked(text, { after, path, expected: (before) => assigned(before, path, value) });
}

/** Adds a group below `sources`, as a person would write it. */
export function addSource(text: string, name: string, entry: Readonly<Record<string, unknown>>): string {
  const path = ["sources", name];
  const document = documentOf(text, path);
  if (nodeAt(document, path) !== undefined) throw notEditable(path, "it is there already");
  const after = withValueAt(text, { document, path, value: entry, asLines: true });
  return checked(text, { after, path, expected: (before) => assigned(before, path, entry) });
}

export type NewSource = { readonly name: string; readonly entry: Readonly<Record<string, unknown>> };

export function addSources(text: string, sources: readonly NewSource[]): string {
  return sources.reduce((before, { name, entry }) => addSource(before, name, entry), text);
}

/** The lines that `addSources` adds, below `sources:`. */
export function textOfSources(sources: readonly NewSource[]): string {
  return addSources("", sources);
}

/** Takes a source out, with its lines and nothing else. */
export function removeSource(text: string, name: string): string {
  const path = ["sources", name];
  const document = documentOf(text, path);
  const sources = nodeAt(document, ["sources"]);
  const pair = isMap(sources) ? findPair(sources, name) : undefined;
  const owner = isMap(document.contents) ? findPair(document.contents, "sources") : undefined;
  if (!isMap(sources) || pair === undefined || owner === undefined)
    throw notEditable(path, "it is not there");
  const shorter = withoutPair(text, sources, pair);
  const last = sources.items.length === 1 && sources.flow !== true;
  const after = last ? emptied(shorter, owner) : shorter;
  return checked(text, { after, path, expected: (before) => assigned(before, path, undefined) });
}

/** Adds items behind the last one of a list, which is made where there is none. */
export function addItems(text: string, path: Path, items: readonly unknown[]): string {
  if (items.length === 0) return text;
  const list = nodeAt(documentOf(text, path), path);
  if (list === undefined || isEmpty(list) || (isSeq(list) && list.items.length === 0))
    return setValue(text, path, items);
  if (!isSeq(list)) throw notEditable(path, NO_ROOM);
  const after = withItems(text, list, items);
  const expected = (before: unknown): unknown => assigned(before, path, [...itemsAt(text, path), ...items]);
  return checked(text, { after, path, expected });
}

/** @param change gives each item's next value: the same leaves its text as it is, undefined takes it out */
export function changeItems(text: string, path: Path, change: (item: unknown) => unknown): string {
  const items = itemsAt(text, path);
  const next = items.map(change);
  if (items.length > 0 && next.every((item) => item === undefined)) return setValue(text, path, []);
  let changed = text;
  // From the end, so that what comes before keeps its number.
  for (const [index, item] of [...items.entries()].reverse()) {
    if (next[index] === item) continue;
    if (next[index] === undefined) changed = withoutItemAt(changed, path, index);
    else changed = setValue(changed, [...path, String(index)], next[index]);
  }
  return changed;
}

function withoutItemAt(text: string, path: Path, index: number): string {
  const list = nodeAt(documentOf(text, path), path);
  if (!isSeq(list)) throw notEditable(path, NO_ROOM);
  const after = withoutItem(text, list, index);
  const left = itemsAt(text, path).filter((_, at) => at !== index);
  return checked(text, { after, path, expected: (before) => assigned(before, path, left) });
}

function itemsAt(text: string, path: Path): readonly unknown[] {
  const items = getValue(text, path) ?? [];
  if (!Array.isArray(items)) throw notEditable(path, NO_ROOM);
  return items as readonly unknown[];
}

/** Reads a value from the command line: YAML where it is some, else the text itself (`*\/30 * * * *` is an alias to YAML). */
export function parseValue(text: string): unknown {
  const document = parseDocument(text);
  if (document.errors.length > 0 || document.warnings.length > 0) return text;
  const value: unknown = document.toJS();
  return isPlaceholder(value) ? text : value;
}

/** `{summary}` is a message to a person and a group with an empty key to YAML. */
function isPlaceholder(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const values: readonly unknown[] = Object.values(value);
  return values.length > 0 && values.every((inner) => inner === null);
}

type Wanted = {
  readonly document: Document;
  readonly path: Path;
  readonly value: unknown;
  /** A group gets a line for each key instead of `{…}`. */
  readonly asLines: boolean;
};

function withValueAt(text: string, { document, path, value, asLines }: Wanted): string {
  let node: unknown = document.contents;
  for (const [depth, step] of path.entries()) {
    const rest = path.slice(depth + 1);
    if (node === null) return withPair(text, undefined, { path: path.slice(depth), value, asLines });
    if (!isMap(node)) break;
    const pair = findPair(node, step);
    if (pair === undefined) return withPair(text, node, { path: path.slice(depth), value, asLines });
    const hollow = isHollow(pair.value);
    if (hollow || rest.length === 0)
      return withValue(text, { map: node, pair }, { path: rest, value, asLines });
    node = pair.value;
  }
  const existing = nodeAt(document, path);
  if (existing === undefined) throw notEditable(path, NO_ROOM);
  return withValue(text, { map: undefined, pair: { value: existing } }, { path: [], value, asLines });
}

/** Nothing yet, or `{}`. */
function isHollow(value: unknown): boolean {
  return value === null || (isNode(value) && isEmpty(value)) || (isMap(value) && value.items.length === 0);
}

type Edit = {
  readonly after: string;
  readonly path: Path;
  /** From the file's values before to those that the edit is to make. */
  readonly expected: (before: unknown) => unknown;
};

function checked(before: string, { after, path, expected }: Edit): string {
  const found = plain(after, path);
  if (isDeepStrictEqual(found, expected(plain(before, path)))) return after;
  throw notEditable(path, NO_ROOM);
}

const NO_ROOM =
  "the file writes it in a form that an edit could not keep (an alias, or another form than `key: value` lines)";

function plain(text: string, path: Path): unknown {
  const document = documentOf(text, path);
  if (document.errors.length > 0) throw notEditable(path, "the file has mistakes, or would have them then");
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    throw notEditable(path, "the file has an alias without anchor", error);
  }
}

/** A copy with one value set; undefined takes it out. */
function assigned(values: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(values)) {
    return values.map((item: unknown, index) => (String(index) === key ? assigned(item, rest, value) : item));
  }
  const group = (values ?? {}) as Readonly<Record<string, unknown>>;
  const inner = assigned(group[key], rest, value);
  const others = Object.entries(group).filter(([name]) => name !== key || inner !== undefined);
  return { ...Object.fromEntries(others), ...(inner === undefined ? {} : { [key]: inner }) };
}

function documentOf(text: string, path: Path): Document {
  const bounded = parseBounded(text, new LineCounter());
  if (bounded.kind === "refused") throw notEditable(path, bounded.message);
  const document: Document = bounded.document ?? new Document();
  if (document.contents !== null && !isCollection(document.contents) && !isHollowScalar(document.contents))
    throw notEditable(path, "the file holds no `key: value` lines");
  return document;
}

function isHollowScalar(contents: unknown): boolean {
  return isScalar(contents) && contents.value === null;
}

function notEditable(path: Path, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "config",
    code: "CONFIG_NOT_EDITABLE",
    message: `\`${path.join(".")}\` can not be changed by a command: ${why}`,
    hint: "open the file in an editor; `lull config path` tells where it is",
    cause,
  });
}
