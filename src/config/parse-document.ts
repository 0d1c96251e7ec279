/** From text to a checked document: YAML's own rules first, then the schema; every problem is collected. */
import { Document, isMap, LineCounter, visit } from "yaml";

import { parseBounded } from "./bounded-document.ts";
import { dangerousKeys } from "./dangerous-keys.ts";
import type { FileKind } from "./file-kind.ts";
import { rangeOf } from "./find-node.ts";
import { configInvalid, type ConfigText, type Problem } from "./problems.ts";
import { type Advice, schemaFindings } from "./schema-findings.ts";
import type { Schema } from "./schema-shape.ts";
import { syntaxProblems } from "./syntax-words.ts";

/** What one kind of file may hold. */
export type FileFormat = { readonly kind: FileKind; readonly schema: Schema; readonly advice: Advice };

export type CheckedDocument = {
  readonly document: Document;
  /** Fits the schema. */
  readonly value: unknown;
  readonly source: ConfigText;
};

/** Anchors are fine for a few repeated values; more aliases than this multiply like rabbits. */
const MOST_ALIASES = 100;
/** Ten are shown. */
const MOST_ERRORS = 50;

/** @throws LullError the kind's code (kind `config`) with one rendered block per problem in `causes` */
export function parseDocument(
  text: string,
  file: string,
  { kind, schema, advice }: FileFormat,
): CheckedDocument {
  const lines = new LineCounter();
  const bounded = parseBounded(text, lines);
  if (bounded.kind === "refused")
    throw configInvalid({ kind, file, text, lines, document: undefined }, [bounded]);
  const document: Document = bounded.document ?? new Document();
  const source: ConfigText = { kind, file, text, lines, document };
  const syntax = mistakesIn(text, document);
  if (syntax.length > 0) throw configInvalid(source, syntax);
  const value = plainValue(document, source) ?? {};
  const findings = schemaFindings(schema, value, advice);
  if (findings.length > 0) {
    throw configInvalid(
      source,
      findings.map(({ path, part, message }) => ({
        message,
        range: narrowed(text, rangeOf(document, path, part), message),
      })),
    );
  }
  return { document, value, source };
}

/** What the library only warns of (a tag it does not know) would change the meaning without a word. */
function mistakesIn(text: string, document: Document): readonly Problem[] {
  const errors = [...document.errors, ...document.warnings].slice(0, MOST_ERRORS);
  // What stands at a wrong place for YAML is taken for keys that nobody wrote.
  return errors.length > 0 ? syntaxProblems(text, document, errors) : dangerousKeys(document);
}

/**
 * A message that begins with a word of the value in quotes (`"61" is no minute …`) is about that word. Only where the
 * value holds it once: a caret at the wrong one of two would mislead.
 */
function narrowed(text: string, range: Problem["range"], message: string): Problem["range"] {
  const word = /^"([^"]+)"/.exec(message)?.[1] ?? "";
  const value = text.slice(range[0], range[1]);
  const words = [...value.matchAll(/[^\s"']+/g)].filter(
    ([found]) => found.toLowerCase() === word.toLowerCase(),
  );
  const [only] = words;
  if (word === "" || only === undefined || words.length > 1) return range;
  return [range[0] + only.index, range[0] + only.index + word.length];
}

function plainValue(document: Document, source: ConfigText): unknown {
  const { contents } = document;
  if (contents !== null && !isMap(contents)) {
    throw configInvalid(source, [
      { message: `the file must hold \`key: value\` lines, such as \`${source.kind.line}\``, range: [0, 1] },
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
