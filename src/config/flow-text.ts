/** Changes of a `{…}` or `[…]` in the text, by its range. All inside stays as it is but for the pair or item in question. */

type Range = readonly [start: number, end: number];

export function addToFlow(text: string, [start, end]: Range, pair: string): string {
  const inside = text.slice(start + 1, end - 1);
  if (inside.trim() === "") return `${text.slice(0, start)}{ ${pair} }${text.slice(end)}`;
  const at = start + 1 + inside.trimEnd().length;
  const comma = text[at - 1] === "," ? "" : ",";
  return `${text.slice(0, at)}${comma} ${pair}${text.slice(at)}`;
}

/** @param pair where its key begins, and where the next pair's key does; undefined for the last pair */
export function removeFromFlow(
  text: string,
  [start, end]: Range,
  [from, next]: readonly [number, number | undefined],
): string {
  if (next !== undefined) return text.slice(0, from) + text.slice(next);
  const before = text.slice(start + 1, from).trimEnd();
  const [opening, bracket] = [text.slice(start, start + 1), text.slice(end - 1, end)];
  const closing = text[end - 2] === " " ? ` ${bracket}` : bracket;
  if (before === "") return `${text.slice(0, start)}${opening}${bracket}${text.slice(end)}`;
  return `${text.slice(0, start + 1)}${before.replace(/,$/, "")}${closing}${text.slice(end)}`;
}
