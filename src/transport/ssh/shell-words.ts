export type ShellWords =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** `what`, e.g. a pipe, is something that only a shell can do. */
  | { readonly kind: "needs-shell"; readonly what: string };

type Variables = Readonly<Record<string, string | undefined>>;

/** What a POSIX shell does with each of these outside quotes. */
const NEEDS_SHELL: readonly (readonly [RegExp, string])[] = [
  [/^[|]/, "a pipe or a list (`|`)"],
  [/^[;&\n]/, "several commands (`;` or `&`)"],
  [/^[<>]/, "a redirection (`<` or `>`)"],
  [/^[()]/, "a subshell or a function (parentheses)"],
  [/^[*?[]/, "a pattern for file names (`*`, `?` or `[`)"],
  [/^~/, "the home folder of somebody else (`~name`)"],
];

/**
 * Takes a command line apart as a POSIX shell would: blanks, quotes, backslashes, `~/` and variables. No shell is
 * started for it, so that what needs one is told instead. Pure.
 */
export function shellWords(text: string, variables: Variables): ShellWords {
  return new Reader(text, variables).read();
}

class NeedsShell extends Error {}

class Reader {
  readonly #variables: Variables;
  #rest: string;
  /** Undefined between words: an empty pair of quotes is a word too. */
  #word: string | undefined;

  constructor(text: string, variables: Variables) {
    this.#rest = text.trim();
    this.#variables = variables;
  }

  read(): ShellWords {
    const words: string[] = [];
    try {
      while (this.#rest !== "") {
        if (this.#take(/^[ \t]+/) === undefined) this.#piece();
        else this.#endWord(words);
      }
    } catch (error) {
      if (error instanceof NeedsShell) return { kind: "needs-shell", what: error.message };
      throw error;
    }
    this.#endWord(words);
    return { kind: "words", words };
  }

  #endWord(words: string[]): void {
    if (this.#word !== undefined) words.push(this.#word);
    this.#word = undefined;
  }

  #piece(): void {
    const single = this.#take(/^'([^']*)'/);
    if (single !== undefined) return this.#add(single[1]);
    if (this.#take(/^"/) !== undefined) return this.#inDoubleQuotes();
    const escaped = this.#take(/^\\([^])/);
    // At the end of a line it joins the next one.
    if (escaped !== undefined) return this.#add(escaped[1] === "\n" ? "" : escaped[1]);
    if (/^[$`]/.test(this.#rest)) {
      const value = this.#plainVariable();
      return value === "" ? undefined : this.#add(value);
    }
    if (this.#word === undefined && this.#take(/^~(?=[/ \t]|$)/) !== undefined) {
      return this.#add(this.#variables["HOME"] ?? "~");
    }
    if (this.#word === undefined && this.#rest.startsWith("#")) throw new NeedsShell("a comment (`#`)");
    if (this.#word === undefined || !this.#rest.startsWith("~")) {
      for (const [start, what] of NEEDS_SHELL) if (start.test(this.#rest)) throw new NeedsShell(what);
    }
    if (/^['"\\]/.test(this.#rest)) throw new NeedsShell("a quote that does not end");
    this.#add(this.#take(/^[^]/)?.[0]);
  }

  #inDoubleQuotes(): void {
    this.#add("");
    while (this.#take(/^"/) === undefined) {
      if (this.#rest === "") throw new NeedsShell("a quote that does not end");
      const escaped = this.#take(/^\\([$`"\\\n])/);
      if (escaped !== undefined) this.#add(escaped[1] === "\n" ? "" : escaped[1]);
      else if (/^[$`]/.test(this.#rest)) this.#add(this.#variable());
      else this.#add(this.#take(/^[^]/)?.[0]);
    }
  }

  /** Outside quotes its value would be taken apart once more. */
  #plainVariable(): string {
    const value = this.#variable();
    if (/[\s*?[\\]/.test(value)) throw new NeedsShell("a variable with blanks or patterns outside quotes");
    return value;
  }

  #variable(): string {
    const [whole, plain, braced] = this.#take(/^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/) ?? [];
    const name = plain ?? braced;
    if (name !== undefined) return this.#variables[name] ?? "";
    if (whole === undefined && /^\$(?![\w{('"@*#?!$-])/.test(this.#rest)) {
      return this.#take(/^\$/)?.[0] ?? "";
    }
    throw new NeedsShell("the output of a command, or a calculation (`$(…)`, `${…}` or a backtick)");
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const found = pattern.exec(this.#rest) ?? undefined;
    if (found !== undefined) this.#rest = this.#rest.slice(found[0].length);
    return found;
  }

  #add(text = ""): void {
    this.#word = (this.#word ?? "") + text;
  }
}
