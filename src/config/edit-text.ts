/**
 * Edits of the config's text that leave every other byte as it is: comments, blank lines, quotes and order are the
 * person's own. Works on the ranges of the parsed document; the result is checked by the caller before it is written.
 */
import {
  Document,
  isCollection,
  isMap,
  isScalar,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
} from "yaml";

import { LullError } from "../base/errors.ts";

type Path = readonly string[];

/** Returns the value at a path as plain data, or undefined. */
export function getValue(text: string, path: Path): unknown {
  const found: unknown = parseDocument(text).getIn(path);
  return isCollection(found) ? found.toJSON() : found;
}

/** Sets one value; missing groups above it are made. Throws `CONFIG_NOT_EDITABLE` where the text has no room for it. */
export function setValue(text: string, path: Path, value: unknown): string {
  const document = parseDocument(text);
  const existing: unknown = document.getIn(path, true);
  const rendered = inline(value);
  if (isNode(existing) && !isEmptyScalar(existing)) {
    return splice(text, [existing.range?.[0] ?? 0, existing.range?.[1] ?? 0], rendered);
  }
  return insert(text, document, path, (indent) => `${indent}${key(path.at(-1) ?? "")}: ${rendered}\n`);
}

/** Adds a group below `sources`, as a person would write it. */
export function addSource(text: string, name: string, entry: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(text);
  return insert(text, document, ["sources", name], (indent) => {
    const lines = Object.entries(entry).map(
      ([field, value]) => `${indent}  ${key(field)}: ${inline(value)}\n`,
    );
    return `${indent}${key(name)}:\n${lines.join("")}`;
  });
}

/** Takes a source out, with its lines and nothing else. */
export function removeSource(text: string, name: string): string {
  const document = parseDocument(text);
  const sources: unknown = document.get("sources", true);
  if (!isMap(sources)) throw notEditable(["sources", name]);
  const pair = findPair(sources, name);
  if (pair === undefined || sources.flow === true) throw notEditable(["sources", name]);
  if (sources.items.length === 1)
    return splice(text, [sources.range?.[0] ?? 0, sources.range?.[1] ?? 0], "{}\n");
  return splice(text, [lineStart(text, keyStart(pair)), pairEnd(text, pair)], "");
}

/** Reads a value from the command line: YAML where it is some, else the text itself (`*\/30 * * * *` is an alias to YAML). */
export function parseValue(text: string): unknown {
  const document = parseDocument(text);
  const value: unknown = document.errors.length > 0 || document.warnings.length > 0 ? text : document.toJS();
  return value instanceof Date ? text : value;
}

function insert(text: string, document: Document, path: Path, render: (indent: string) => string): string {
  const parentPath = path.slice(0, -1);
  const parent: unknown = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  if (isMap(parent) && parent.items.length > 0) {
    if (parent.flow === true) throw notEditable(path);
    const last = parent.items.at(-1);
    const indent = indentOf(text, keyStart(parent.items[0]));
    return insertAt(text, pairEnd(text, last), render(indent));
  }
  if (parentPath.length === 0) return insertAt(text, text.length, render(""));
  if (isNode(parent) && !isEmptyScalar(parent) && !isMap(parent)) throw notEditable(path);
  return insertBelow(text, document, parentPath, render);
}

/** The group is missing or empty (`sources:`, `sources: {}`): it gets its first line. */
function insertBelow(
  text: string,
  document: Document,
  parentPath: Path,
  render: (indent: string) => string,
): string {
  const owner: unknown =
    parentPath.length === 1 ? document.contents : document.getIn(parentPath.slice(0, -1), true);
  const pair = isMap(owner) ? findPair(owner, parentPath.at(-1) ?? "") : undefined;
  if (pair === undefined) {
    return insert(
      text,
      document,
      parentPath,
      (indent) => `${indent}${key(parentPath.at(-1) ?? "")}:\n${render(`${indent}  `)}`,
    );
  }
  const start = keyStart(pair);
  const block = render(`${indentOf(text, start)}  `);
  const value = pair.value as Node | null;
  if (isMap(value)) {
    // `{}` goes, what stands behind it on the line (a comment) stays.
    const [from = start, to = start] = value.range ?? [];
    const before = text.slice(0, from).replace(/ +$/, "");
    const opened = before + text.slice(to);
    return insertAt(opened, lineEnd(opened, start), block);
  }
  return insertAt(text, lineEnd(text, start), block);
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value);
}

function isEmptyScalar(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.range?.[0] === node.range?.[1] || node.source === "");
}

function findPair(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === name);
}

function keyStart(pair: Pair | undefined): number {
  return (pair?.key as Node | undefined)?.range?.[0] ?? 0;
}

/** Behind the line break of the pair's last line; comments that follow belong to whatever comes next. */
function pairEnd(text: string, pair: Pair | undefined): number {
  const value = pair?.value as Node | null | undefined;
  const end = value?.range?.[1] ?? (pair?.key as Node | undefined)?.range?.[1] ?? 0;
  // A block ends behind its last line break already.
  return end > 0 && text[end - 1] === "\n" ? end : lineEnd(text, end);
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

function indentOf(text: string, at: number): string {
  return /^ */.exec(text.slice(lineStart(text, at)))?.[0] ?? "";
}

function insertAt(text: string, at: number, block: string): string {
  const needsBreak = at > 0 && text[at - 1] !== "\n";
  return `${text.slice(0, at)}${needsBreak ? "\n" : ""}${block}${text.slice(at)}`;
}

function splice(text: string, [start, end]: readonly [number, number], replacement: string): string {
  const old = text.slice(start, end);
  // A block's range reaches over its last line break; the replacement must not swallow it.
  const tail = old.endsWith("\n") && !replacement.endsWith("\n") && replacement !== "" ? "\n" : "";
  return text.slice(0, start) + replacement + tail + text.slice(end);
}

function inline(value: unknown): string {
  const document = new Document(value);
  return document.toString({ collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trim();
}

function key(name: string): string {
  return stringify(name, { lineWidth: 0 }).trim();
}

function notEditable(path: Path): LullError {
  return new LullError({
    kind: "config",
    code: "CONFIG_NOT_EDITABLE",
    message: `\`${path.join(".")}\` can not be changed by a command: the file writes it in another form than block style`,
    hint: "open the file in an editor; `lull config path` tells where it is",
  });
}
