/** Finds the place of a dotted path in the parsed document, as the person wrote it. */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";

/** Returns the node at a path, aliases on the way followed; the last one is returned as it stands. */
export function nodeAt(document: Document, path: readonly PropertyKey[]): Node | undefined {
  let node: unknown = document.contents;
  for (const step of path) {
    const group = isAlias(node) ? node.resolve(document) : node;
    if (isMap(group)) node = findPair(group, step)?.value;
    else if (isSeq(group)) node = group.items[Number(step)];
    else return undefined;
  }
  return isNode(node) ? node : undefined;
}

/** A source may be named `2024`, which YAML reads as a number. */
export function findPair(map: YAMLMap, name: PropertyKey): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === String(name));
}

/** Where a path of the config stands in the text: its value, or its key. Falls back to the nearest parent. */
export function rangeOf(
  document: Document,
  path: readonly PropertyKey[],
  part: "key" | "value",
): readonly [number, number] {
  for (let length = path.length; length > 0; length--) {
    const wanted = length === path.length ? part : "key";
    const range = nodeFor(document, path.slice(0, length), wanted)?.range;
    if (range !== null && range !== undefined) return [range[0], range[1]];
  }
  return [0, 1];
}

function nodeFor(document: Document, path: readonly PropertyKey[], part: "key" | "value"): Node | undefined {
  const last = path.at(-1);
  const parent = nodeAt(document, path.slice(0, -1));
  if (last === undefined || !isMap(parent)) return nodeAt(document, path);
  const pair = findPair(parent, last);
  const value = part === "value" && isNode(pair?.value) && !isEmpty(pair.value) ? pair.value : pair?.key;
  return isNode(value) ? value : undefined;
}

/** A value that is not there (`device:`) has a range of no length somewhere behind the colon. */
export function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && (node.source === undefined || node.source === "");
}

export function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
