/**
 * Turns an error into what a person or a program reads. Everything in it may come from outside (file names, server
 * messages), so each line is cleaned before it is printed, and secrets are taken out.
 */
import { LullError, messageOf, systemCode, type ErrorKind } from "../base/errors.ts";
import { redact, redactIn } from "../base/redact.ts";
import { safeText } from "../base/safe-text.ts";
import { displayWidth, padTo, wrapText } from "./text-layout.ts";
import { createStyle, type Style } from "./style.ts";

export type RenderOptions = {
  readonly verbose: boolean;
  readonly style?: Style;
  /** Columns to wrap causes and hint at; undefined: no wrapping. */
  readonly width?: number | undefined;
};

/** Returns lines for stderr: message, facts, causes, cause chain (verbose), hint. */
export function renderError(error: unknown, options: RenderOptions): readonly string[] {
  const style = options.style ?? createStyle(false);
  const known = withoutSecrets(error instanceof LullError ? error : internalError(error));
  const [first = "", ...rest] = safeLines(known.message);
  return [
    `${style.red(style.bold("Error:"))} ${first}`,
    ...rest.map((line) => `  ${line}`),
    ...errorDetails(known, { width: options.width, chain: options.verbose ? chainLines(error) : [] }),
  ];
}

/** The lines below the message, each indented by two. */
export function errorDetails(
  given: LullError,
  options: { readonly width?: number | undefined; readonly chain?: readonly string[] } = {},
): readonly string[] {
  const error = withoutSecrets(given);
  const indented = (text: string): readonly string[] => indent(text, options.width);
  return [
    ...factLines(tellingFacts(error), options.width ?? Number.POSITIVE_INFINITY),
    ...causeLines(error, indented),
    ...(options.chain ?? []),
    ...(error.hint === undefined ? [] : safeLines(error.hint).flatMap((line) => indented(`Hint: ${line}`))),
  ];
}

export type ErrorDocument = {
  readonly error: {
    readonly kind: ErrorKind;
    readonly code: string;
    readonly message: string;
    readonly hint: string | undefined;
    readonly causes: readonly string[];
    readonly data: LullError["data"];
    readonly stack?: string;
  };
};

/** The same as a document; JSON escapes what could harm, so texts stay as they are. */
export function errorDocument(error: unknown, options: { readonly verbose: boolean }): ErrorDocument {
  const known = error instanceof LullError ? error : internalError(error);
  const { kind, code, message, hint, causes, data } = known;
  const stack = options.verbose && known !== error && error instanceof Error ? error.stack : undefined;
  return redactIn({
    error: { kind, code, message, hint, causes, data, ...(stack === undefined ? {} : { stack }) },
  });
}

function withoutSecrets({ kind, code, message, hint, causes, data, cause }: LullError): LullError {
  return new LullError({ ...redactIn({ kind, code, message, hint, causes, data }), cause });
}

/** A throw that nobody foresaw is a defect of lull itself. */
function internalError(error: unknown): LullError {
  return new LullError({
    kind: "failed",
    code: "INTERNAL",
    message: `internal error: ${messageOf(error)}`,
    hint: "this is a defect in lull; run it again with --verbose and report what it prints",
    cause: error,
  });
}

/** These say where; they come first and in this order. */
const FIRST_FACTS = ["source", "remote", "branch", "directory", "path", "file", "url"];

/** Where it happened, as far as the message does not say so itself; status numbers and counts are for programs. */
function tellingFacts({ data, message }: LullError): LullError["data"] {
  const isSaid = (name: string): boolean =>
    ["directory", "path", "file", "url"].includes(name) && message.includes(String(data[name]));
  return Object.fromEntries(
    FIRST_FACTS.filter((name) => data[name] !== undefined && !isSaid(name)).map((name) => [
      name,
      data[name] ?? "",
    ]),
  );
}

/** Two facts a line, in aligned pairs, as long as they fit. */
function factLines(data: LullError["data"], width: number): readonly string[] {
  const facts = orderedFacts(data);
  const named = Math.max(
    0,
    ...facts.filter((_, index) => index % 2 === 0).map(([name]) => displayWidth(name)),
  );
  const left = Math.max(
    0,
    ...facts.filter((_, index) => index % 2 === 0).map(([, value]) => displayWidth(value)),
  );
  const pairs: string[] = [];
  for (let index = 0; index < facts.length; index += 2) {
    const [name, value] = facts[index] ?? ["", ""];
    const second = facts[index + 1];
    const start = `  ${padTo(name, named)}  `;
    pairs.push(
      second === undefined ? start + value : `${start}${padTo(value, left)}      ${second[0]}  ${second[1]}`,
    );
  }
  if (pairs.every((line) => displayWidth(line) <= Math.min(width, 100))) return pairs;
  const longest = Math.max(...facts.map(([name]) => displayWidth(name)));
  return facts.map(([name, value]) => `  ${padTo(name, longest)}  ${value}`);
}

function orderedFacts(data: LullError["data"]): readonly (readonly [string, string])[] {
  const names = Object.keys(data);
  // `source  dotfiles (~/dotfiles)`: the folder belongs to the name.
  const joined = data["source"] !== undefined && data["directory"] !== undefined;
  return names
    .filter((name) => !(joined && name === "directory"))
    .map((name) => {
      const folder = joined && name === "source" ? ` (${String(data["directory"])})` : "";
      return [safeText(name), safeText(`${String(data[name])}${folder}`)] as const;
    });
}

/** Short causes share one line; a cause of several lines (a config mistake with its caret) is a block of its own. */
function causeLines(
  { causes, message }: LullError,
  indented: (text: string) => readonly string[],
): readonly string[] {
  if (causes.length === 0) return [];
  if (!causes.some((cause) => cause.includes("\n"))) {
    return indented(`Likely ${causes.length === 1 ? "cause" : "causes"}: ${causes.map(safeText).join("; ")}`);
  }
  // A lone mistake in the config is the message itself; only the line with the caret is new.
  return causes.flatMap((cause) =>
    safeLines(cause)
      .filter((line, index) => index > 0 || line !== safeText(message))
      .map((line) => `  ${line}`),
  );
}

/** What the system said, for people who look deeper; the stack only of a throw that nobody foresaw. */
function chainLines(error: unknown): readonly string[] {
  const lines: string[] = [];
  let current: unknown = error instanceof LullError ? error.cause : error;
  // A chain that bites its own tail must not hang the last words of a program.
  for (let depth = 0; current !== undefined && current !== null && depth < 8; depth++) {
    const code = systemCode(current);
    const text = safeLines(redact(messageOf(current))).join(" ");
    if (current !== error)
      lines.push(`  Caused by: ${text}${code === undefined || text.includes(code) ? "" : ` (${code})`}`);
    if (current instanceof Error && !(current instanceof LullError) && code === undefined) {
      lines.push(...stackLines(current));
    }
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines;
}

function stackLines(error: Error): readonly string[] {
  return safeLines(redact(error.stack ?? ""))
    .filter((line) => /^\s+at /.test(line))
    .map((line) => `    ${line.trim()}`);
}

function indent(text: string, width: number | undefined): readonly string[] {
  const lines = width === undefined ? [text] : wrapText(text, width - 4);
  return lines.map((line, index) => (index === 0 ? `  ${line}` : `    ${line}`));
}

function safeLines(text: string): readonly string[] {
  return text.replace(/\n+$/, "").split("\n").map(safeText);
}
