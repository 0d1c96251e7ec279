/** Turns what is wrong with a file into lines that show it: file:line:column, the line, a caret, the nearest word. */
import type { Document, LineCounter } from "yaml";

import { LullError } from "../base/errors.ts";
import { safeText } from "../base/safe-text.ts";
import type { FileKind } from "./file-kind.ts";
import { maskLine, type Range, secretRanges } from "./mask-secrets.ts";

export type Problem = {
  readonly message: string;
  /** Start and end in the text. */
  readonly range: Range;
};

export type ConfigText = {
  readonly kind: FileKind;
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  /** Undefined while the text is not parsed. */
  readonly document: Document | undefined;
};

/** More problems at once only scroll the first ones away. */
const MOST_SHOWN = 10;

export function configInvalid(source: ConfigText, problems: readonly Problem[], cause?: unknown): LullError {
  const sorted = [...problems].sort((a, b) => a.range[0] - b.range[0]);
  const secrets = source.document === undefined ? [] : secretRanges(source.document);
  const [first] = sorted;
  const place = first === undefined ? "" : `:${position(source, first)}`;
  return new LullError({
    kind: "config",
    code: source.kind.code,
    message:
      sorted.length === 1
        ? `${source.file}${place}: ${clipped(first?.message ?? "", LONGEST_MESSAGE)}`
        : `${sorted.length} mistakes in ${source.file}, the first in line ${first === undefined ? 0 : lineOf(source, first)}`,
    causes: sorted.slice(0, MOST_SHOWN).map((problem) => render(source, problem, secrets)),
    hint: source.kind.hint,
    data: { file: source.file },
    cause,
  });
}

function render(source: ConfigText, problem: Problem, secrets: readonly Range[]): string {
  const { line, col } = source.lines.linePos(problem.range[0]);
  const { shown: raw, at } = around(source, problem.range[0], secrets);
  const number = String(line);
  const before = safeText(raw.slice(0, at).replaceAll("\t", " "));
  const shown = safeText(raw.replaceAll("\t", " "));
  const width = Math.max(1, Math.min(problem.range[1] - problem.range[0], raw.length - at));
  return [
    `${source.file}:${line}:${col}: ${clipped(problem.message, LONGEST_MESSAGE)}`,
    `  ${number} | ${shown}`,
    `  ${" ".repeat(number.length)} | ${" ".repeat(before.length)}${"^".repeat(width)}`,
  ].join("\n");
}

/** In characters; a message repeats the value in question, which may be a megabyte. */
const LONGEST_MESSAGE = 400;
const LONGEST_LINE = 160;
/** A secret may begin so far before the part that is shown. */
const LONGEST_SECRET = 4096;

/** The line of a place with its secrets masked; of a line without end (JSON on one line) what stands around the place. */
function around(
  { text, lines }: ConfigText,
  place: number,
  secrets: readonly Range[],
): { readonly shown: string; readonly at: number } {
  const { line, col } = lines.linePos(place);
  const start = lines.lineStarts[line - 1] ?? 0;
  const end = text.indexOf("\n", start);
  const whole = text.slice(start, end < 0 ? text.length : end).replace(/\r$/, "");
  const from = Math.max(0, col - 1 - LONGEST_LINE / 2);
  const maskFrom = Math.max(0, from - LONGEST_SECRET);
  const window = whole.slice(maskFrom, from + LONGEST_LINE + LONGEST_SECRET);
  const masked = maskLine(window, start + maskFrom, secrets);
  return { shown: masked.slice(from - maskFrom, from - maskFrom + LONGEST_LINE), at: col - 1 - from };
}

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
