/** From text to a checked document: YAML's own rules first, then the schema; every problem is collected. */
import { Document, isMap, isScalar, LineCounter, visit } from "yaml";
import * as v from "valibot";

import { nearestWord } from "../base/nearest-word.ts";
import { parseBounded } from "./bounded-document.ts";
import { configInvalid, type ConfigText, type Problem, rangeOf } from "./problems.ts";
import { type ConfigFile, configSchema } from "./schema.ts";

export type ParsedConfig = {
  readonly document: Document;
  readonly file: ConfigFile;
  readonly source: ConfigText;
};

/** Anchors are fine for a few repeated values; more aliases than this multiply like rabbits. */
const MOST_ALIASES = 100;
/** Each costs a search for its place and its nearest word; ten are shown. */
const MOST_ISSUES = 50;

/** @throws LullError `CONFIG_INVALID` (kind `config`) with one rendered block per problem in `causes` */
export function parseConfig(text: string, file: string): ParsedConfig {
  const lines = new LineCounter();
  const bounded = parseBounded(text, lines);
  const source: ConfigText = { file, text, lines };
  if (bounded.kind === "refused") throw configInvalid(source, [bounded]);
  const document: Document = bounded.document ?? new Document();
  const syntax = [...syntaxProblems(document), ...dangerousKeys(document)];
  if (syntax.length > 0) throw configInvalid(source, syntax);
  const result = v.safeParse(configSchema, plainValue(document, source) ?? {});
  if (result.success) return { document, file: result.output, source };
  throw configInvalid(
    source,
    result.issues.slice(0, MOST_ISSUES).flatMap((issue) => issueProblems(document, issue)),
  );
}

function syntaxProblems(document: Document): readonly Problem[] {
  return document.errors.slice(0, MOST_ISSUES).map((error) => ({
    // The library adds its own picture of the line below the first sentence.
    message: (error.message.split("\n")[0] ?? error.message)
      .replace(/ at line \d+, column \d+:?$/, "")
      .replace(/^Map keys/, "keys"),
    range: [error.pos[0], error.pos[1]],
  }));
}

/** Names that would reach into JavaScript's own objects. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

function dangerousKeys(document: Document): readonly Problem[] {
  const found: Problem[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const range = [key.range?.[0] ?? 0, key.range?.[1] ?? 1] as const;
        if (seen.has(String(key.value))) found.push({ message: "this key stands here twice", range });
        seen.add(String(key.value));
      }
    },
    Pair(_, pair) {
      const { key } = pair;
      if (isScalar(key) && typeof key.value !== "string" && typeof key.value !== "number") {
        found.push({
          message: "a key must be a word",
          range: [key.range?.[0] ?? 0, key.range?.[1] ?? 1],
        });
      }
      if (isScalar(key) && FORBIDDEN_KEYS.has(String(key.value))) {
        found.push({
          message: `the key ${String(key.value)} is not allowed`,
          range: [key.range?.[0] ?? 0, key.range?.[1] ?? 1],
        });
      }
    },
  });
  return found;
}

function plainValue(document: Document, source: ConfigText): unknown {
  const { contents } = document;
  if (contents !== null && !isMap(contents)) {
    throw configInvalid(source, [
      { message: "the file must hold `key: value` lines, such as `version: 1`", range: [0, 1] },
    ]);
  }
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    // The library's own text would repeat the name, which may be a password that begins with `*`.
    const message =
      "an alias (`*…`) names no anchor above it, or there are too many; put a text that begins with `*` in quotes";
    throw configInvalid(source, [{ message, range: aliasRange(document) }], error);
  }
}

function aliasRange(document: Document): readonly [number, number] {
  let range: readonly [number, number] = [0, 1];
  visit(document, {
    Alias(_, alias) {
      range = [alias.range?.[0] ?? 0, alias.range?.[1] ?? 1];
      return visit.BREAK;
    },
  });
  return range;
}

type Issue = v.BaseIssue<unknown>;

/** One problem per leaf: of a union ("text or object") only what concerns the form that was meant. */
function issueProblems(document: Document, issue: Issue): readonly Problem[] {
  const nested = issue.issues?.filter(
    (inner) => inner.kind === "validation" || (inner.path?.length ?? 0) > (issue.path?.length ?? 0),
  );
  if (issue.type === "union" && nested !== undefined && nested.length > 0) {
    return nested.flatMap((inner) => issueProblems(document, { ...inner, path: inner.path ?? issue.path }));
  }
  const path = (issue.path ?? []).map((item) => item.key as PropertyKey);
  const onKey = issue.type === "strict_object" || issue.path?.at(-1)?.origin === "key";
  return [{ message: wording(issue, path), range: rangeOf(document, path, onKey ? "key" : "value") }];
}

function wording(issue: Issue, path: readonly PropertyKey[]): string {
  const name = path.length === 0 ? "the config" : `\`${path.join(".")}\``;
  if (issue.type === "strict_object" && issue.expected === "never") return unknownKey(path);
  if (issue.kind === "validation")
    return /^"|^an? /.test(issue.message) ? issue.message : `${name} ${issue.message}`;
  if (issue.type === "picklist") return choice(issue, name);
  if (issue.type === "literal") return `${name} ${issue.message}`;
  if (issue.expected !== null && issue.received === "undefined") return `${name} is missing`;
  return `${name} must be ${expectation(issue.expected)}, not ${received(issue)}`;
}

function unknownKey(path: readonly PropertyKey[]): string {
  const key = String(path.at(-1));
  const known = knownKeys(path.slice(0, -1));
  const nearest = nearestWord(key, known);
  const hint = nearest === undefined ? `known here: ${known.join(", ")}` : `did you mean \`${nearest}\`?`;
  return `unknown key \`${key}\`; ${known.length === 0 ? "it has no meaning here" : hint}`;
}

function choice(issue: Issue, name: string): string {
  const options = (issue.expected ?? "").split(" | ").map((option) => option.replaceAll(/["()]/g, ""));
  const nearest = typeof issue.input === "string" ? nearestWord(issue.input, options) : undefined;
  const hint = nearest === undefined ? `one of ${options.join(", ")}` : `did you mean \`${nearest}\`?`;
  return `${name} can not be ${received(issue)}; ${hint}`;
}

function expectation(expected: string | null): string {
  const words: Readonly<Record<string, string>> = {
    string: "a text",
    number: "a number",
    boolean: "true or false",
    Object: "a group of keys",
    Array: "a list",
  };
  const options = (expected ?? "something else").replaceAll(/[()]/g, "").split(" | ");
  return [...new Set(options.map((option) => words[option] ?? option))].join(" or ");
}

function received(issue: Issue): string {
  if (issue.input === null) return "empty";
  if (Array.isArray(issue.input)) return "a list";
  if (typeof issue.input === "object") return "a group of keys";
  return typeof issue.input === "string"
    ? JSON.stringify(issue.input)
    : (JSON.stringify(issue.input) ?? "nothing");
}

/** The keys that the schema knows at a place. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  let schema: unknown = configSchema;
  for (const step of path) schema = stepInto(schema, step);
  return entriesOf(schema);
}

type Shape = {
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly wrapped?: unknown;
  readonly value?: unknown;
  readonly item?: unknown;
  readonly options?: readonly unknown[];
};

function stepInto(schema: unknown, step: PropertyKey): unknown {
  const shape = schema as Shape | undefined;
  if (shape === undefined) return undefined;
  if (shape.entries !== undefined) return shape.entries[String(step)];
  if (shape.wrapped !== undefined) return stepInto(shape.wrapped, step);
  if (shape.options !== undefined && typeof shape.options[0] === "object") {
    return shape.options.map((option) => stepInto(option, step)).find((found) => found !== undefined);
  }
  return shape.value ?? shape.item;
}

function entriesOf(schema: unknown): readonly string[] {
  const shape = schema as Shape | undefined;
  if (shape?.entries !== undefined) return Object.keys(shape.entries);
  if (shape?.wrapped !== undefined) return entriesOf(shape.wrapped);
  return shape?.options?.flatMap((option) => (typeof option === "object" ? entriesOf(option) : [])) ?? [];
}
