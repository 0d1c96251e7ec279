/** From text to a checked document: YAML's own rules first, then the schema; every problem is collected. */
import { Document, isMap, LineCounter, visit } from "yaml";
import * as v from "valibot";

import { parseBounded } from "./bounded-document.ts";
import { dangerousKeys } from "./dangerous-keys.ts";
import { rangeOf } from "./find-node.ts";
import { configInvalid, type ConfigText, type Problem } from "./problems.ts";
import { type ConfigFile, configSchema } from "./schema.ts";
import { schemaFindings } from "./schema-findings.ts";

export type ParsedConfig = {
  readonly document: Document;
  readonly file: ConfigFile;
  readonly source: ConfigText;
};

/** Anchors are fine for a few repeated values; more aliases than this multiply like rabbits. */
const MOST_ALIASES = 100;
/** Ten are shown. */
const MOST_ERRORS = 50;

/** @throws LullError `CONFIG_INVALID` (kind `config`) with one rendered block per problem in `causes` */
export function parseConfig(text: string, file: string): ParsedConfig {
  const lines = new LineCounter();
  const bounded = parseBounded(text, lines);
  if (bounded.kind === "refused") throw configInvalid({ file, text, lines, document: undefined }, [bounded]);
  const document: Document = bounded.document ?? new Document();
  const source: ConfigText = { file, text, lines, document };
  const syntax = [...syntaxProblems(document), ...dangerousKeys(document)];
  if (syntax.length > 0) throw configInvalid(source, syntax);
  const value = plainValue(document, source) ?? {};
  const findings = schemaFindings(value);
  if (findings.length > 0) {
    throw configInvalid(
      source,
      findings.map(({ path, part, message }) => ({ message, range: rangeOf(document, path, part) })),
    );
  }
  return { document, file: v.parse(configSchema, value), source };
}

function syntaxProblems(document: Document): readonly Problem[] {
  // What the library only warns of (a tag it does not know) would change the meaning without a word.
  return [...document.errors, ...document.warnings].slice(0, MOST_ERRORS).map((error) => ({
    message: error.code === "TAG_RESOLVE_FAILED" ? TAG : firstSentence(error.message),
    range: [error.pos[0], error.pos[1]],
  }));
}

const TAG = "tags (`!…`) are not used in this file; put a text that begins with `!` in quotes";

/** The library adds its own picture of the line below the first sentence. */
function firstSentence(message: string): string {
  return (message.split("\n")[0] ?? message)
    .replace(/ at line \d+, column \d+:?$/, "")
    .replace(/^Map keys/, "keys");
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
