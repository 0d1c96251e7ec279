/** Words of a shell's command line, as far as they can be known without running it. Pure. */

export type Word = {
  readonly text: string;
  /** It holds something that only a shell could fill in, such as `$(date)` or an unknown variable. */
  readonly isUnknown: boolean;
};

export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The commands of a line, each as its words; redirections are left out. `~` and the given variables are filled in.
 */
export function readCommands(line: string, variables: Variables): readonly (readonly Word[])[] {
  const commands: Word[][] = [[]];
  let isRedirected = false;
  for (const token of tokensOf(line, variables)) {
    if (token.kind === "word") {
      if (isRedirected) isRedirected = false;
      else commands.at(-1)?.push(token);
    } else if (/[<>]/.test(token.text)) {
      isRedirected = true;
      // `2>&1`: the number belongs to the redirection.
      const last = commands.at(-1)?.at(-1);
      if (token.isTight && last !== undefined && /^\d$/.test(last.text)) commands.at(-1)?.pop();
    } else {
      isRedirected = false;
      commands.push([]);
    }
  }
  return commands.filter((words) => words.length > 0);
}

type Token =
  | (Word & { readonly kind: "word" })
  /** `isTight`: without a space in front. */
  | { readonly kind: "operator"; readonly text: string; readonly isTight: boolean };

const OPERATOR = /^(?:[<>]+&?\d?|[;|&()]+)/;

function* tokensOf(line: string, variables: Variables): Generator<Token> {
  let at = 0;
  while (at < line.length) {
    const rest = line.slice(at);
    const space = /^\s+/.exec(rest)?.[0];
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    if (rest.startsWith("#")) return;
    const operator = OPERATOR.exec(rest)?.[0];
    if (operator !== undefined) {
      yield { kind: "operator", text: operator, isTight: /\S/.test(line[at - 1] ?? " ") };
      at += operator.length;
      continue;
    }
    const { word, length } = wordAt(rest, variables);
    yield { kind: "word", ...word };
    at += length;
  }
}

/** Pieces of a word: quoted, escaped, a variable, or plain. */
const PIECE =
  /^(?:'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<unknown>\$\(|`)|\$(?<variable>\{\w+\}|\w+)|(?<plain>[^\s'"\\$`;|&()<>]+)|(?<other>[$"'\\]))/s;

function wordAt(rest: string, variables: Variables): { readonly word: Word; readonly length: number } {
  let text = "";
  let isUnknown = false;
  let at = 0;
  for (let found = PIECE.exec(rest); found !== null; found = PIECE.exec(rest.slice(at))) {
    const { single, double, escaped, unknown, variable, plain, other } = found.groups ?? {};
    const filled =
      double === undefined
        ? filledIn(variable === undefined ? "" : found[0], variables)
        : filledIn(double, variables);
    text +=
      single ?? escaped ?? (plain === undefined ? undefined : homeOf(plain, at, variables)) ?? filled.text;
    isUnknown ||= filled.isUnknown || unknown !== undefined || other !== undefined;
    at += found[0].length;
  }
  // Nothing matches an operator inside of a word; the caller sees it next.
  return { word: { text, isUnknown }, length: Math.max(1, at) };
}

function homeOf(plain: string, at: number, { HOME }: Variables): string {
  return at === 0 && HOME !== undefined ? plain.replace(/^~(?=\/|$)/, HOME) : plain;
}

/** The inside of double quotes, or a variable alone. */
function filledIn(text: string, variables: Variables): Word {
  let isUnknown = /\$\(|`/.test(text);
  const filled = text.replaceAll(
    /\\([$`"\\\n])|\$(?:\{(\w+)\}|(\w+))/g,
    (_whole, escaped?: string, braced?: string, bare?: string) => {
      if (escaped !== undefined) return escaped;
      const value = variables[braced ?? bare ?? ""];
      if (value === undefined) isUnknown = true;
      return value ?? "";
    },
  );
  return { text: filled, isUnknown };
}
