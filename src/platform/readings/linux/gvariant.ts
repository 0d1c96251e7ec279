/**
 * The values of an answer as `gdbus` prints it: GVariant's text format, as far as services use it. A tuple and a list
 * become an array, a dictionary an object, a variant what it holds; undefined for what is no such text.
 */
export function parseGVariant(text: string): unknown {
  const reader = new Reader(text);
  try {
    const value = reader.value();
    return reader.isAtEnd() ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `@as []` and `uint32 5` tell the type, which nobody here needs. */
const TYPE =
  /(?:@[a-z(){}*?]+|byte|boolean|u?int(?:16|32|64)|handle|double|string|objectpath|signature)\s+/iy;
const NUMBER = /-?(?:0x[\da-f]+|\d+(?:\.\d*)?(?:e[-+]?\d+)?|inf|nan)/iy;
const WORD = /true|false|nothing/y;
const SPACE = /\s*/y;
const MOST_DEPTH = 64;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  isAtEnd(): boolean {
    this.#match(SPACE);
    return this.#at === this.#text.length;
  }

  value(): unknown {
    this.#match(SPACE);
    while (this.#match(TYPE) !== undefined);
    if (++this.#depth > MOST_DEPTH) throw new SyntaxError("too deep");
    const value = this.#bare();
    this.#depth--;
    return value;
  }

  #bare(): unknown {
    const first = this.#text[this.#at];
    switch (first) {
      case "(":
        return this.#list(")");
      case "[":
        return this.#list("]");
      case "{":
        return this.#dictionary();
      case "<":
        return this.#variant();
      case "'":
      case '"':
        return this.#string(first);
      case "b":
        if (/['"]/.test(this.#text[this.#at + 1] ?? "")) return this.#bytes();
        break;
      default:
    }
    return this.#number() ?? this.#word();
  }

  #list(end: string): readonly unknown[] {
    const values: unknown[] = [];
    this.#at++;
    while (!this.#take(end)) {
      values.push(this.value());
      if (!this.#take(",")) {
        this.#expect(end);
        break;
      }
    }
    return values;
  }

  #dictionary(): Readonly<Record<string, unknown>> {
    const entries: (readonly [string, unknown])[] = [];
    this.#at++;
    while (!this.#take("}")) {
      const key = String(this.value());
      this.#expect(":");
      entries.push([key, this.value()]);
      if (!this.#take(",")) {
        this.#expect("}");
        break;
      }
    }
    return Object.fromEntries(entries);
  }

  #variant(): unknown {
    this.#at++;
    const value = this.value();
    this.#expect(">");
    return value;
  }

  /** A text of bytes, with a NUL behind it that does not count: as a list of numbers. */
  #bytes(): readonly number[] {
    this.#at++;
    return [...Buffer.from(this.#string(this.#text[this.#at] ?? ""), "latin1")];
  }

  #string(quote: string): string {
    let text = "";
    for (this.#at++; this.#text[this.#at] !== quote; this.#at++) {
      if (this.#at >= this.#text.length) throw new SyntaxError("a text without end");
      text += this.#text[this.#at] === "\\" ? this.#escaped() : this.#text[this.#at];
    }
    this.#at++;
    return text;
  }

  #escaped(): string {
    const [all = "", code, octal, plain = ""] =
      /\\(?:u([\da-f]{4})|([0-7]{1,3})|(.))/isy.exec(this.#text.slice(this.#at, this.#at + 10)) ?? [];
    this.#at += Math.max(0, all.length - 1);
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return { n: "\n", t: "\t", r: "\r", a: "\u0007", b: "\b", f: "\f", v: "\v" }[plain] ?? plain;
  }

  #number(): number | undefined {
    const text = this.#match(NUMBER);
    return text === undefined ? undefined : Number(text.replace(/inf/i, "Infinity"));
  }

  #word(): boolean | undefined {
    const word = this.#match(WORD);
    if (word === undefined) throw new SyntaxError(`no value at ${this.#at}`);
    return word === "nothing" ? undefined : word === "true";
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    const isThere = this.#text[this.#at] === character;
    if (isThere) this.#at++;
    return isThere;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw new SyntaxError(`no ${character} at ${this.#at}`);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
