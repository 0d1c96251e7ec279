/** One `[…]` of a wildmatch pattern, with git's reading of its corners. */

const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const DASH = 0x2d;
const NONE = -1;

/**
 * Returns where the set's `]` is when the byte is in the set; -1 when it is not, or when the set has no end.
 * @param start where its `[` is
 * @param have the byte, in lower case when `ignoreCase` is set
 */
export function matchSet(pattern: string, start: number, have: number, ignoreCase: boolean): number {
  return new SetMatch(pattern, have, ignoreCase).run(start + 1);
}

class SetMatch {
  readonly #pattern: string;
  readonly #have: number;
  readonly #ignoreCase: boolean;
  #matched = false;
  /** The byte that a following `-` makes the start of a range. */
  #previous = NONE;

  constructor(pattern: string, have: number, ignoreCase: boolean) {
    this.#pattern = pattern;
    this.#have = have;
    this.#ignoreCase = ignoreCase;
  }

  run(start: number): number {
    const isNegated = this.#at(start) === 0x21 || this.#at(start) === 0x5e;
    const first = isNegated ? start + 1 : start;
    let at = first;
    // A `]` in the first place is a member.
    while (this.#at(at) !== CLOSE || at === first) {
      at = this.#member(at);
      if (at < 0) return NONE;
    }
    return this.#matched === isNegated ? NONE : at;
  }

  /** Takes one member and returns where the next begins, or -1 when the pattern is malformed. */
  #member(at: number): number {
    const code = this.#at(at);
    if (code === NONE) return NONE;
    if (code === BACKSLASH) return this.#single(at + 1);
    if (code === DASH && this.#previous !== NONE && ![NONE, CLOSE].includes(this.#at(at + 1)))
      return this.#range(at + 1);
    if (code === OPEN && this.#at(at + 1) === COLON) return this.#class(at);
    return this.#single(at);
  }

  #single(at: number): number {
    const code = this.#at(at);
    if (code === NONE) return NONE;
    if (code === this.#have) this.#matched = true;
    this.#previous = code;
    return at + 1;
  }

  #range(at: number): number {
    const endAt = this.#at(at) === BACKSLASH ? at + 1 : at;
    const end = this.#at(endAt);
    if (end === NONE) return NONE;
    const from = this.#previous;
    const upper = this.#ignoreCase && this.#have >= 0x61 && this.#have <= 0x7a ? this.#have - 32 : this.#have;
    if ((this.#have >= from && this.#have <= end) || (upper >= from && upper <= end)) this.#matched = true;
    this.#previous = NONE;
    return endAt + 1;
  }

  #class(at: number): number {
    const close = this.#pattern.indexOf("]", at + 2);
    if (close < 0) return NONE;
    // Not closed by `:]`: then it is a plain `[` and the rest are members.
    if (close - at < 3 || this.#at(close - 1) !== COLON) return this.#single(at);
    const name = this.#pattern.slice(at + 2, close - 1);
    const members = CLASSES.get(name);
    if (members === undefined) return NONE;
    const character = String.fromCharCode(this.#have);
    if (members.test(character)) this.#matched = true;
    else if (name === "upper" && this.#ignoreCase && /^[a-z]$/.test(character)) this.#matched = true;
    this.#previous = NONE;
    return close + 1;
  }

  #at(at: number): number {
    return at < this.#pattern.length ? this.#pattern.charCodeAt(at) : NONE;
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
