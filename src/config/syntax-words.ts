/**
 * What the YAML library says of a text that is no YAML, in words for the person who typed it: which line, which
 * character, what to write instead. Never repeats a value that may be a secret.
 */
import { type Document, visit } from "yaml";

import type { Problem } from "./problems.ts";
import { scheduleProblem } from "./schedule-text.ts";

type SyntaxError = {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
};

type Line = { readonly start: number; readonly text: string };

/** Of each line one mistake, the first: what follows on it is only its consequence. */
export function syntaxProblems(
  text: string,
  document: Document,
  errors: readonly SyntaxError[],
): readonly Problem[] {
  const problems = errors
    .map((error) => problemOf({ text, document, error }))
    .sort((a, b) => a.range[0] - b.range[0]);
  const lines = new Set<number>();
  return problems.filter(({ range }) => {
    const { start } = lineAt(text, range[0]);
    const isFirst = !lines.has(start);
    lines.add(start);
    return isFirst;
  });
}

type Found = { readonly text: string; readonly document: Document; readonly error: SyntaxError };

function problemOf(found: Found): Problem {
  const { text, error } = found;
  return unquoted(lineAt(text, error.pos[0]), error.pos[0]) ?? (BY_CODE[error.code] ?? asItIs)(found);
}

const BY_CODE: Readonly<Record<string, (found: Found) => Problem>> = {
  TAG_RESOLVE_FAILED: ({ error }) => ({
    message: "tags (`!…`) are not used in this file; put a text that begins with `!` in quotes",
    range: error.pos,
  }),
  TAB_AS_INDENT: ({ error }) => ({
    message: "this line is indented by a tab; write spaces, as many as the lines beside it have",
    range: error.pos,
  }),
  BAD_INDENT: (found) =>
    found.error.message.startsWith("Flow") ? unclosedBracket(found) : wrongIndent(found, 0),
  BLOCK_AS_IMPLICIT_KEY: keyBehindValue,
  MULTILINE_IMPLICIT_KEY: noKey,
  MISSING_CHAR: (found) =>
    found.error.message.startsWith("Missing closing") ? unclosedQuote(found) : noKey(found),
  UNEXPECTED_TOKEN: unexpected,
};

function unexpected(found: Found): Problem {
  const { text, error } = found;
  const range = error.pos;
  if (/["']$/.test(text.slice(0, range[0]).trimEnd())) {
    const message =
      "the value ended with its quote, but more follows; within quotes write the other kind of quotes";
    return { message, range };
  }
  return error.message.startsWith("Unexpected flow-")
    ? { message: "this bracket closes nothing; a value that holds one needs quotes", range }
    : asItIs(found);
}

/** The library adds its own picture of the line below the first sentence. */
function asItIs({ error }: Found): Problem {
  const message = (error.message.split("\n")[0] ?? error.message)
    .replace(/ at line \d+, column \d+:?$/, "")
    .replace(/^Map keys/, "keys");
  return { message, range: error.pos };
}

/** A value without quotes that begins with a sign which YAML keeps for itself: `schedule: @daily`, `schedule: * * * * *`. */
function unquoted(line: Line, at: number): Problem | undefined {
  for (const match of line.text.matchAll(/(?:^\s*-\s+|:\s+|[[,]\s*)([*@`%][^#\]}"']*)/g)) {
    const value = (match[1] ?? "").replace(/,\s*(?:[\w-]+:.*)?$/, "").trimEnd();
    const start = line.start + match.index + match[0].length - (match[1] ?? "").length;
    if (at < start) continue;
    return { message: quotesNeeded(value), range: [start, start + value.length] };
  }
  return undefined;
}

function quotesNeeded(value: string): string {
  const sign = value.slice(0, 1);
  if (isCron(value)) return `a cron expression that begins with * needs quotes: "${value}"`;
  if (sign === "@") {
    const correction = /did you mean "(.*)"\?$/.exec(scheduleProblem(value) ?? "")?.[1];
    if (correction !== undefined) return `"${value}" is no schedule; did you mean "${correction}"?`;
  }
  return `a value that begins with ${sign} needs quotes`;
}

function isCron(value: string): boolean {
  return /^[*?][\d/,-]*(?:\s+[\w*?/,-]+){4,5}$/.test(value);
}

function unclosedBracket({ document, error }: Found): Problem {
  let range: readonly [number, number] | undefined;
  visit(document, {
    Collection(_, node) {
      if (node.flow === true && node.range !== null && node.range !== undefined)
        range = [node.range[0], node.range[0] + 1];
    },
  });
  const [open, close] = error.message.startsWith("Flow map") ? ["{", "}"] : ["[", "]"];
  return { message: `this ${open} is not closed by a ${close}`, range: range ?? error.pos };
}

function unclosedQuote({ document, error }: Found): Problem {
  const quote = /Missing closing (.)/.exec(error.message)?.[1] ?? '"';
  let range: readonly [number, number] | undefined;
  visit(document, {
    Scalar(_, { range: place, type }) {
      const isQuoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
      if (isQuoted && place !== null && place !== undefined && place[1] >= error.pos[0] - 1)
        range = [place[0], place[0] + 1];
    },
  });
  return { message: `this ${quote} is not closed by another one`, range: range ?? error.pos };
}

/** `a: b: c`, or a line that is indented further than its neighbours and so belongs to the value above. */
function keyBehindValue(found: Found): Problem {
  const { text, error } = found;
  const line = lineAt(text, error.pos[0]);
  if (error.message.startsWith("A block sequence")) {
    return {
      message: "this list has no key of its own: the line above has a value already",
      range: error.pos,
    };
  }
  if (!line.text.slice(error.pos[0] - line.start).includes(": ")) return wrongIndent(found, 1);
  return {
    message: "a second key on one line; put it on a line of its own, or the value in quotes",
    range: error.pos,
  };
}

/** @param below how many lines below the error */
function wrongIndent({ text, error }: Found, below: 0 | 1): Problem {
  const named = lineAt(text, error.pos[0]);
  const line = below === 0 ? named : nextLine(text, named);
  const above = below === 0 ? previousLine(text, named) : named;
  const [own, other] = [indentOf(line), indentOf(above)];
  const start = line.start + own;
  const figures = own === other ? "" : `: this one in column ${own + 1}, the one above in ${other + 1}`;
  return {
    message: `the keys of one group begin in the same column${figures}`,
    range: [start, line.start + line.text.trimEnd().length],
  };
}

/** A line that should be `key: value`. */
function noKey(found: Found): Problem {
  const { text, error } = found;
  const line = lineAt(text, error.pos[0]);
  // The line itself is in order; the one below is taken for a part of its value.
  if (/^\s*[^\s:]+:(?:\s|$)/.test(line.text)) return wrongIndent(found, 1);
  const start = line.start + indentOf(line);
  const key = /^\s*([\w-]+):\S/.exec(line.text)?.[1];
  return {
    message: key === undefined ? "this line is no `key: value`" : `a space is missing behind \`${key}:\``,
    range: [start, line.start + line.text.trimEnd().length],
  };
}

function lineAt(text: string, at: number): Line {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const end = text.indexOf("\n", start);
  return { start, text: text.slice(start, end < 0 ? text.length : end) };
}

function nextLine(text: string, line: Line): Line {
  let next = line;
  do {
    const end = next.start + next.text.length + 1;
    if (end >= text.length) return next;
    next = lineAt(text, end);
  } while (isEmpty(next));
  return next;
}

function previousLine(text: string, line: Line): Line {
  let previous = line;
  do {
    if (previous.start === 0) return line;
    previous = lineAt(text, previous.start - 1);
  } while (isEmpty(previous));
  return previous;
}

function isEmpty({ text }: Line): boolean {
  return /^\s*(?:#.*)?$/.test(text);
}

function indentOf({ text }: Line): number {
  return /^ */.exec(text)?.[0].length ?? 0;
}
