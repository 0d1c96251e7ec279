/** Turns what is wrong with the config into lines that show it: file:line:column, the line, a caret, the nearest word. */
import type { Document, LineCounter, Node } from "yaml";
import { isMap, isScalar } from "yaml";

import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";

export type Problem = {
  readonly message: string;
  /** Start and end in the text. */
  readonly range: readonly [start: number, end: number];
};

export type ConfigText = {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
};

/** More problems at once only scroll the first ones away. */
const MOST_SHOWN = 10;

export function configInvalid(source: ConfigText, problems: readonly Problem[], cause?: unknown): LullError {
  const sorted = [...problems].sort((a, b) => a.range[0] - b.range[0]);
  const [first] = sorted;
  const place = first === undefined ? "" : `:${position(source, first)}`;
  return new LullError({
    kind: "config",
    code: "CONFIG_INVALID",
    message:
      sorted.length === 1
        ? `${source.file}${place}: ${clipped(first?.message ?? "", LONGEST_MESSAGE)}`
        : `${sorted.length} mistakes in ${source.file}, the first in line ${first === undefined ? 0 : lineOf(source, first)}`,
    causes: sorted.slice(0, MOST_SHOWN).map((problem) => render(source, problem)),
    hint: "correct the file, then check it with `lull config check`",
    data: { file: source.file },
    cause,
  });
}

function render(source: ConfigText, problem: Problem): string {
  const { line, col } = source.lines.linePos(problem.range[0]);
  const masked = maskSecret(source.text.split("\n")[line - 1]?.replace(/\r$/, "") ?? "");
  // Of a line without end (JSON on one line) only what stands around the place.
  const from = Math.max(0, col - 1 - LONGEST_LINE / 2);
  const raw = masked.slice(from, from + LONGEST_LINE);
  const number = String(line);
  const before = safeText(raw.slice(0, col - 1 - from).replaceAll("\t", " "));
  const shown = safeText(raw.replaceAll("\t", " "));
  const width = Math.max(1, Math.min(problem.range[1] - problem.range[0], raw.length - (col - 1 - from)));
  return [
    `${source.file}:${line}:${col}: ${clipped(problem.message, LONGEST_MESSAGE)}`,
    `  ${number} | ${shown}`,
    `  ${" ".repeat(number.length)} | ${" ".repeat(before.length)}${"^".repeat(width)}`,
  ].join("\n");
}

/** In characters; a message repeats the value in question, which may be a megabyte. */
const LONGEST_MESSAGE = 400;
const LONGEST_LINE = 160;

function clipped(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

function position(source: ConfigText, problem: Problem): string {
  const { line, col } = source.lines.linePos(problem.range[0]);
  return `${line}:${col}`;
}

function lineOf(source: ConfigText, problem: Problem): number {
  return source.lines.linePos(problem.range[0]).line;
}

/** The line is printed and may be logged; what stands behind such a key is nobody's business. */
function maskSecret(line: string): string {
  return line
    .replace(
      /((?:password|token|secret)\w*["']?\s*:\s*)(\S.*)$/i,
      (_, key: string, value: string) => key + "*".repeat(value.length),
    )
    .replaceAll(
      /(:\/\/[^/\s:@]*:)([^@\s]*)(@)/g,
      (_, start: string, secret: string, at: string) => start + "*".repeat(secret.length) + at,
    );
}

/** Where a path of the config stands in the text: its value, or its key. Falls back to the nearest parent. */
export function rangeOf(
  document: Document,
  path: readonly PropertyKey[],
  part: "key" | "value",
): readonly [number, number] {
  for (let length = path.length; length > 0; length--) {
    const found = nodeAt(document, path.slice(0, length), length === path.length ? part : "key");
    const range = found?.range;
    if (range !== null && range !== undefined) return [range[0], range[1]];
  }
  return [0, 1];
}

function nodeAt(document: Document, path: readonly PropertyKey[], part: "key" | "value"): Node | undefined {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
    const node = part === "key" ? pair?.key : (pair?.value ?? pair?.key);
    return isScalar(node) || isMap(node) ? node : (node as Node | undefined);
  }
  const node: unknown = document.getIn(path, true);
  return node === undefined ? undefined : (node as Node);
}
