/** Puts pairs into a map of the document and takes them out, in the text itself, in block (`key:` lines) and flow (`{…}`) style. */
import { Document, isCollection, type Node, type Pair, stringify, type YAMLMap, type YAMLSeq } from "yaml";

import { isEmpty, isNode } from "./find-node.ts";
import { addToFlow, removeFromFlow } from "./flow-text.ts";

export type NewValue = {
  /** Keys down to the value, each but the last a group that is made; may be empty for a value that replaces one. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly asLines: boolean;
};

/** Adds the pair behind the map's last one; undefined: the file holds no map yet. */
export function withPair(text: string, map: YAMLMap | undefined, added: NewValue): string {
  if (map === undefined) return insertLines(text, text.length, blockLines("", added));
  if (map.flow === true) return addToFlow(text, rangeOf(map), flowPair(added));
  const column = columnOf(text, keyStart(map.items[0]));
  return insertLines(text, pairEnd(text, map.items.at(-1)), blockLines(" ".repeat(column), added));
}

/** Gives a key that is there another value, or its first one. */
export function withValue(
  text: string,
  {
    map,
    pair,
  }: { readonly map: YAMLMap | undefined; readonly pair: Pick<Pair, "value"> & { readonly key?: unknown } },
  given: NewValue,
): string {
  const { value } = pair;
  const hollow = !isNode(value) || isEmpty(value);
  if (given.path.length === 0 && isBlock(value) && pair.key !== undefined) {
    const [from, to] = rangeOf(value);
    return fill(splice(text, [lineStart(text, from), to], ""), pair, inline(given.value));
  }
  if (given.path.length === 0) {
    return hollow ? fill(text, pair, inline(given.value)) : splice(text, rangeOf(value), inline(given.value));
  }
  if (map?.flow === true) {
    return hollow
      ? fill(text, pair, `{ ${flowPair(given)} }`)
      : addToFlow(text, rangeOf(value), flowPair(given));
  }
  const start = keyStart(pair);
  const lines = blockLines(" ".repeat(columnOf(text, start) + 2), given);
  if (hollow) return insertLines(text, lineEnd(text, start), lines);
  // `{}` goes, what stands behind it on the line (a comment) stays.
  const [from, to] = rangeOf(value);
  const opened = text.slice(0, from).replace(/ +$/, "") + text.slice(to);
  return insertLines(opened, lineEnd(opened, start), lines);
}

/** Lines of its own below the key. */
function isBlock(value: unknown): value is YAMLMap | YAMLSeq {
  return isCollection(value) && value.flow !== true;
}

/** Takes a pair out; a block map must keep another one, or be `emptied` afterwards. */
export function withoutPair(text: string, map: YAMLMap, pair: Pair): string {
  if (map.flow !== true) return splice(text, [lineStart(text, keyStart(pair)), pairEnd(text, pair)], "");
  const next = map.items[map.items.indexOf(pair) + 1];
  return removeFromFlow(text, rangeOf(map), [
    keyStart(pair),
    next === undefined ? undefined : keyStart(next),
  ]);
}

/** Writes `{}` behind the key whose lines are gone. */
export function emptied(text: string, pair: Pair): string {
  return fill(text, pair, "{}");
}

/** Behind the colon of a key without value. */
function fill(text: string, pair: { readonly key?: unknown }, rendered: string): string {
  const keyEnd = isNode(pair.key) ? rangeOf(pair.key)[1] : 0;
  const colon = /^\s*:/.exec(text.slice(keyEnd))?.[0].length;
  return colon === undefined
    ? splice(text, [keyEnd, keyEnd], `: ${rendered}`)
    : splice(text, [keyEnd + colon, keyEnd + colon], ` ${rendered}`);
}

function blockLines(indent: string, { path, value, asLines }: NewValue): string {
  const [first = "", ...rest] = path;
  const head = `${indent}${keyText(first)}:`;
  if (rest.length > 0) return `${head}\n${blockLines(`${indent}  `, { path: rest, value, asLines })}`;
  if (!asLines) return `${head} ${inline(value)}\n`;
  const fields = Object.entries(value as Readonly<Record<string, unknown>>);
  const lines = fields.map(([key, inner]) => fieldLines(`${indent}  `, key, inner));
  return `${head}\n${lines.join("")}`;
}

/** A list that would make a long line gets a line for each of its items. */
function fieldLines(indent: string, key: string, value: unknown): string {
  const head = `${indent}${keyText(key)}:`;
  const onOneLine = inline(value);
  if (!Array.isArray(value) || onOneLine.length <= LONGEST_LIST) return `${head} ${onOneLine}\n`;
  return `${head}\n${value.map((item) => `${indent}  - ${inline(item)}\n`).join("")}`;
}

const LONGEST_LIST = 80;

function flowPair({ path, value }: NewValue): string {
  const [first = "", ...rest] = path;
  return `${keyText(first)}: ${rest.length === 0 ? inline(value) : `{ ${flowPair({ path: rest, value, asLines: false })} }`}`;
}

export function inline(value: unknown): string {
  const document = new Document(value);
  return document.toString({ collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true }).trim();
}

function keyText(name: string): string {
  return stringify(name, { lineWidth: 0 }).trim();
}

export function rangeOf(node: Node): readonly [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

function keyStart(pair: { readonly key?: unknown } | undefined): number {
  return isNode(pair?.key) ? rangeOf(pair.key)[0] : 0;
}

/** Behind the line break of the pair's last line; comments that follow belong to whatever comes next. */
function pairEnd(text: string, pair: Pair | undefined): number {
  const last = isNode(pair?.value) ? pair.value : pair?.key;
  const end = isNode(last) ? rangeOf(last)[1] : 0;
  // A block ends behind its last line break already.
  return end > 0 && text[end - 1] === "\n" ? end : lineEnd(text, end);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** New lines end as the file's own do. */
export function insertLines(text: string, at: number, lines: string): string {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const needsBreak = at > 0 && text[at - 1] !== "\n";
  return `${text.slice(0, at)}${needsBreak ? ending : ""}${lines.replaceAll("\n", ending)}${text.slice(at)}`;
}

export function splice(text: string, [start, end]: readonly [number, number], replacement: string): string {
  const old = text.slice(start, end);
  // A block's range reaches over its last line break; the replacement must not swallow it.
  const tail = replacement === "" ? "" : (/\r?\n$/.exec(old)?.[0] ?? "");
  return text.slice(0, start) + replacement + tail + text.slice(end);
}
