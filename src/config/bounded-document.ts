import { Composer, type Document, Lexer, type LineCounter, Parser } from "yaml";

/** A document, or why the text is none; the range shows where. */
export type BoundedDocument =
  | { readonly kind: "document"; readonly document: Document.Parsed | undefined }
  | {
      readonly kind: "refused";
      readonly message: string;
      readonly range: readonly [number, number];
    };

/**
 * Room for about 1,500 sources of ten lines. The library's time grows with the number of tokens and, for some shapes,
 * with its square: at 100,000 the worst of 46 hostile texts took 0.7 s, at 1,400,000 a megabyte of `a,` took 10 s.
 */
const MOST_TOKENS = 100_000;

/** As the library's `parseDocument`, but stops where a text costs more than any person's config would. */
export function parseBounded(text: string, lines: LineCounter): BoundedDocument {
  const lexemes: string[] = [];
  let at = 0;
  for (const lexeme of new Lexer().lex(text)) {
    // Counted before anything is parsed: refusing must be cheap.
    if (lexemes.push(lexeme) > MOST_TOKENS) {
      return refusedAt(startOfLines(lines, text, at), "from here on the file is longer than any config");
    }
    at += lexeme.length;
  }
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens = [];
  for (const lexeme of lexemes) {
    for (const token of parser.next(lexeme)) {
      // `%YAML 1.1` would give `no` and `1:30` another meaning.
      if (token.type === "directive")
        return refusedAt(token.offset, "directives (`%…`) are not used in this file");
      tokens.push(token);
    }
  }
  for (const token of parser.end()) tokens.push(token);
  // Duplicate keys are found elsewhere: the library compares each key with each other one.
  const composer = new Composer({
    uniqueKeys: false,
    version: "1.2",
    prettyErrors: false,
    logLevel: "error",
  });
  const [document, second] = composer.compose(tokens, true, text.length);
  if (second !== undefined) {
    return refusedAt(
      second.range[0],
      "the file holds a second document (after `---`); put everything into one",
    );
  }
  return { kind: "document", document };
}

/** The lexer's own marks (byte order, end of a value) are no characters of the text: the place is good to a line. */
function startOfLines(lines: LineCounter, text: string, end: number): number {
  let start = 0;
  for (let next = 0; next >= 0 && next < end; next = text.indexOf("\n", next) + 1 || -1) {
    start = next;
    lines.addNewLine(next);
  }
  return start;
}

function refusedAt(offset: number, message: string): BoundedDocument {
  return { kind: "refused", message, range: [offset, offset + 1] };
}
