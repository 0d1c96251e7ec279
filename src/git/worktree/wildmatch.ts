/**
 * Git's wildmatch on byte strings: `*`, `**`, `?`, `[…]` with ranges, negation and POSIX names, `\` escapes.
 * Follows git's wildmatch.c case by case, because its corners (`[]a]`, `[!-]`, `a\`) are what people's files rely on.
 */

import { matchSet } from "./wildmatch-set.ts";

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
const QUESTION = 0x3f;
/** All other bytes of a pattern stand for themselves. */
const SPECIAL: ReadonlySet<number> = new Set([STAR, QUESTION, OPEN, BACKSLASH]);

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
        const end = matchSet(this.#pattern, p, have, this.#ignoreCase);
        if (end < 0 || (this.#pathname && have === SLASH)) return false;
        p = end;
        continue;
      }
      if (want === QUESTION) {
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
    const next = this.#patternAt(p);
    const isLiteral = !SPECIAL.has(next);
    for (let t = textStart; t <= this.#text.length; t++) {
      if ((!isLiteral || this.#textAt(t) === next) && this.#afterStar(p, t)) return true;
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
