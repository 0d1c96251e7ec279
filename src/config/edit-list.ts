/** Puts items into a list of the document and takes them out, in the text itself, as lines (`- item`) or as `[…]`. */
import { isNode } from "./find-node.ts";
import type { YAMLSeq } from "yaml";

import { columnOf, inline, insertLines, lineEnd, lineStart, rangeOf, splice } from "./edit-map.ts";
import { addToFlow, removeFromFlow } from "./flow-text.ts";

/** Adds items behind the last one; the list must not be empty. */
export function withItems(text: string, list: YAMLSeq, items: readonly unknown[]): string {
  if (list.flow === true) return addToFlow(text, rangeOf(list), items.map(inline).join(", "));
  const column = columnOf(text, dashOf(text, list.items[0]));
  const lines = items.map((item) => `${" ".repeat(column)}- ${inline(item)}\n`);
  return insertLines(text, endOf(text, list.items.at(-1)), lines.join(""));
}

/** Takes one item out; the list must keep another one. */
export function withoutItem(text: string, list: YAMLSeq, index: number): string {
  const item = list.items[index];
  if (list.flow !== true) return splice(text, [lineStart(text, startOf(item)), endOf(text, item)], "");
  const next = list.items[index + 1];
  return removeFromFlow(text, rangeOf(list), [startOf(item), next === undefined ? undefined : startOf(next)]);
}

function startOf(item: unknown): number {
  return isNode(item) ? rangeOf(item)[0] : 0;
}

function dashOf(text: string, item: unknown): number {
  return text.lastIndexOf("-", startOf(item) - 1);
}

/** Behind the line break of its last line. */
function endOf(text: string, item: unknown): number {
  const end = isNode(item) ? rangeOf(item)[1] : 0;
  // A block ends behind its last line break already.
  return end > 0 && text[end - 1] === "\n" ? end : lineEnd(text, end);
}
