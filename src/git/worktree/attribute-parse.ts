/** Reads the lines of a gitattributes file as git's attr.c does. Wrong lines are left out, as git does with a warning. */
import { parsePathPattern } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";

/** `-name` is false, `name` is true, `name=value` the value, `!name` is undefined: it takes an outer setting away. */
export type AttributeState = boolean | string | undefined;

export type AttributeRule = {
  readonly target:
    | { readonly kind: "pattern"; readonly pattern: PathPattern }
    | { readonly kind: "macro"; readonly name: string };
  readonly states: readonly (readonly [name: string, state: AttributeState])[];
};

/** Git ignores longer lines (CVE-2022-41903). */
const LONGEST_LINE = 2048;
const BLANK = /[ \t\r\n]+/;
const NAME = /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/;

/** @param allowMacros true for the top folder's file and those outside the work tree */
export function parseAttributes(text: string, allowMacros: boolean): AttributeRule[] {
  const rules: AttributeRule[] = [];
  for (const line of text.split("\n")) {
    const rule = line.length >= LONGEST_LINE ? undefined : parseLine(line, allowMacros);
    if (rule !== undefined) rules.push(rule);
  }
  return rules;
}

function parseLine(source: string, allowMacros: boolean): AttributeRule | undefined {
  const nul = source.indexOf("\0");
  const line = (nul < 0 ? source : source.slice(0, nul)).replace(/^[ \t\r\n]+/, "");
  if (line === "" || line.startsWith("#")) return undefined;
  const [name, rest] = splitName(line);
  const target = parseTarget(name, allowMacros);
  const states = parseStates(rest);
  return target === undefined || states === undefined ? undefined : { target, states };
}

function splitName(line: string): readonly [name: string, rest: string] {
  const quoted = line.startsWith('"') ? unquote(line) : undefined;
  if (quoted !== undefined) return quoted;
  const end = line.search(BLANK);
  return end < 0 ? [line, ""] : [line.slice(0, end), line.slice(end)];
}

function parseTarget(name: string, allowMacros: boolean): AttributeRule["target"] | undefined {
  if (name.startsWith("[attr]") && name.length > "[attr]".length) {
    const macro = name.slice("[attr]".length);
    return allowMacros && NAME.test(macro) ? { kind: "macro", name: macro } : undefined;
  }
  const pattern = parsePathPattern(name);
  // Git forbids negative patterns here: they would mean nothing.
  return pattern.isNegative ? undefined : { kind: "pattern", pattern };
}

function parseStates(text: string): [string, AttributeState][] | undefined {
  const states: [string, AttributeState][] = [];
  for (const word of text.split(BLANK)) {
    if (word === "") continue;
    const sign = /^[-!]/.test(word) ? word.slice(0, 1) : "";
    const equals = word.indexOf("=");
    const name = word.slice(sign.length, equals < 0 ? undefined : equals);
    // One wrong name makes git drop the whole line; `builtin_` is reserved.
    if (!NAME.test(name) || name.startsWith("builtin_")) return undefined;
    states.push([name, stateOf(sign, equals < 0 ? undefined : word.slice(equals + 1))]);
  }
  return states;
}

function stateOf(sign: string, value: string | undefined): AttributeState {
  if (sign === "-") return false;
  if (sign === "!") return undefined;
  return value ?? true;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

/** A name in C quotes, or undefined when the quotes are not well-formed (then they are part of the name). */
function unquote(line: string): readonly [name: string, rest: string] | undefined {
  let name = "";
  for (let at = 1; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === '"') return [name, line.slice(at + 1)];
    if (character !== "\\") {
      name += character;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(line.slice(at + 1, at + 4));
    const escaped =
      octal === null ? ESCAPES[line.charAt(at + 1)] : String.fromCharCode(Number.parseInt(octal[0], 8));
    if (escaped === undefined) return undefined;
    name += escaped;
    at += octal === null ? 1 : 3;
  }
  return undefined;
}
