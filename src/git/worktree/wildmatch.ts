/**
 * Git's wildmatch on byte strings: `*`, `**`, `?`, `[…]` with ranges, negation and POSIX names, `\` escapes.
 * Follows git's wildmatch.c case by case, because its corners (`[]a]`, `[!-]`, `a\`) are what people's files rely on.
 */

export type WildmatchOptions = {
  /** `/` is matched by `**` and by a literal only. */
  readonly pathname: boolean;
  readonly ignoreCase: boolean;
};

export function wildmatch(pattern: string, text: string, options: WildmatchOptions): boolean {
  return new Match(pattern, text, options).from(0, 0);
}

const END = -1;
const SLASH = 0x2f;
const STAR = 0x2a;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COLON = 0x3a;
const DASH = 0x2d;

class Match {
  readonly #pattern: string;
  readonly #text: string;
  readonly #pathname: boolean;
  readonly #ignoreCase: boolean;
  /**
   * Places after a star that are known to fail. Without it a pattern with many double stars takes exponential time,
   * and ignore files come from other people.
   */
  #failed: Set<number> | undefined;

  constructor(pattern: string, text: string, options: WildmatchOptions) {
    this.#pattern = pattern;
    this.#text = text;
    this.#pathname = options.pathname;
    this.#ignoreCase = options.ignoreCase;
  }

  from(patternStart: number, textStart: number): boolean {
    let p = patternStart;
    let t = textStart;
    for (; p < this.#pattern.length; p++, t++) {
      const want = this.#patternAt(p);
      if (want === STAR) return this.#star(p, t);
      const have = this.#textAt(t);
      if (have === END) return false;
      if (want === OPEN) {
        const end = this.#set(p, have);
        if (end < 0) return false;
        p = end;
        continue;
      }
      if (want === 0x3f) {
        if (this.#pathname && have === SLASH) return false;
        continue;
      }
      // An escape makes the next byte literal, and (as in git) keeps its case.
      const literal = want === BACKSLASH ? this.#rawPatternAt(++p) : want;
      if (literal !== have) return false;
    }
    return t === this.#text.length;
  }

  #star(start: number, textStart: number): boolean {
    let p = start;
    while (this.#rawPatternAt(p) === STAR) p++;
    const isDouble = p - start > 1;
    let matchesSlash = !this.#pathname;
    if (isDouble && this.#pathname && this.#standsAlone(start, p)) {
      // `a/(two stars)/b` matches `a/b` too: the stars with their slash may stand for nothing.
      if (this.#rawPatternAt(p) === SLASH && this.#afterStar(p + 1, textStart)) return true;
      matchesSlash = true;
    }
    if (p === this.#pattern.length) return matchesSlash || !this.#text.includes("/", textStart);
    if (!matchesSlash && this.#rawPatternAt(p) === SLASH) {
      const slash = this.#text.indexOf("/", textStart);
      return slash >= 0 && this.from(p + 1, slash + 1);
    }
    for (let t = textStart; t <= this.#text.length; t++) {
      if (this.#afterStar(p, t)) return true;
      if (!matchesSlash && this.#textAt(t) === SLASH) return false;
    }
    return false;
  }

  #afterStar(p: number, t: number): boolean {
    const key = p * (this.#text.length + 1) + t;
    if (this.#failed?.has(key) === true) return false;
    if (this.from(p, t)) return true;
    (this.#failed ??= new Set()).add(key);
    return false;
  }

  /** True for a `**` between slashes, or between a slash and an end. */
  #standsAlone(start: number, end: number): boolean {
    if (start > 0 && this.#rawPatternAt(start - 1) !== SLASH) return false;
    const next = this.#rawPatternAt(end);
    return next === END || next === SLASH || (next === BACKSLASH && this.#rawPatternAt(end + 1) === SLASH);
  }

  /** Returns where the set's `]` is when the byte is in it; -1 when it is not or the set has no end. */
  #set(start: number, have: number): number {
    let p = start + 1;
    const first = this.#rawPatternAt(p);
    const negated = first === 0x21 || first === 0x5e;
    if (negated) p++;
    let matched = false;
    let previous = 0;
    for (let isFirst = true; ; isFirst = false, p++) {
      let want = this.#rawPatternAt(p);
      if (want === END) return -1;
      if (want === CLOSE && !isFirst) break;
      if (want === BACKSLASH) {
        want = this.#rawPatternAt(++p);
        if (want === END) return -1;
        if (have === want) matched = true;
      } else if (want === DASH && previous !== 0 && this.#endsRange(p + 1)) {
        want = this.#rawPatternAt(++p);
        if (want === BACKSLASH) want = this.#rawPatternAt(++p);
        if (want === END) return -1;
        if (this.#inRange(have, previous, want)) matched = true;
        want = 0;
      } else if (want === OPEN && this.#rawPatternAt(p + 1) === COLON) {
        const close = this.#pattern.indexOf("]", p + 2);
        if (close < 0) return -1;
        const name = this.#pattern.slice(p + 2, close - 1);
        if (close - p < 3 || this.#rawPatternAt(close - 1) !== COLON) {
          if (have === OPEN) matched = true;
        } else {
          const isIn = this.#inClass(name, have);
          if (isIn === undefined) return -1;
          if (isIn) matched = true;
          p = close;
          want = 0;
        }
      } else if (have === want) matched = true;
      previous = want;
    }
    return matched === negated || (this.#pathname && have === SLASH) ? -1 : p;
  }

  #endsRange(at: number): boolean {
    const next = this.#rawPatternAt(at);
    return next !== END && next !== CLOSE;
  }

  #inRange(have: number, from: number, to: number): boolean {
    if (have >= from && have <= to) return true;
    if (!this.#ignoreCase || have < 0x61 || have > 0x7a) return false;
    return have - 32 >= from && have - 32 <= to;
  }

  #inClass(name: string, have: number): boolean | undefined {
    const expression = CLASSES.get(name);
    if (expression === undefined) return undefined;
    const character = String.fromCharCode(have);
    if (expression.test(character)) return true;
    return name === "upper" && this.#ignoreCase && /^[a-z]$/.test(character);
  }

  #rawPatternAt(at: number): number {
    return at < this.#pattern.length ? this.#pattern.charCodeAt(at) : END;
  }

  #patternAt(at: number): number {
    return this.#lower(this.#pattern.charCodeAt(at));
  }

  #textAt(at: number): number {
    return at < this.#text.length ? this.#lower(this.#text.charCodeAt(at)) : END;
  }

  #lower(code: number): number {
    return this.#ignoreCase && code >= 0x41 && code <= 0x5a ? code + 32 : code;
  }
}

/** ASCII only, whatever the locale: git's own ctype. */
const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /[0-9A-Za-z]/],
  ["alpha", /[A-Za-z]/],
  ["blank", /[ \t]/],
  ["cntrl", /[\u0000-\u001f\u007f]/],
  ["digit", /[0-9]/],
  ["graph", /[!-~]/],
  ["lower", /[a-z]/],
  ["print", /[ -~]/],
  ["punct", /[!-/:-@[-`{-~]/],
  ["space", /[ \t\n\v\f\r]/],
  ["upper", /[A-Z]/],
  ["xdigit", /[0-9A-Fa-f]/],
]);
