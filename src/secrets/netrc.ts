/** The `.netrc` of curl, ftp and git: which login belongs to a host. */
export type NetrcEntry = {
  /** Undefined: `default`, which stands for every host that no entry names. */
  readonly machine: string | undefined;
  readonly login: string | undefined;
  readonly password: string | undefined;
};

/** Never throws: what can not be understood is passed over, as curl does. */
export function parseNetrc(text: string): readonly NetrcEntry[] {
  const entries: { machine: string | undefined; login: string | undefined; password: string | undefined }[] =
    [];
  const words = wordsOf(text);
  for (let index = 0; index < words.length; index++) {
    const next = (): string | undefined => words[++index];
    const entry = entries.at(-1);
    switch (words[index] ?? "") {
      case "machine":
        entries.push({ machine: next(), login: undefined, password: undefined });
        break;
      case "default":
        entries.push({ machine: undefined, login: undefined, password: undefined });
        break;
      case "login":
        if (entry === undefined) next();
        else entry.login ??= next();
        break;
      case "password":
        if (entry === undefined) next();
        else entry.password ??= next();
        break;
      case "account":
        next();
        break;
    }
  }
  return entries;
}

/** The entry of a host, else the default one. */
export function netrcEntry(entries: readonly NetrcEntry[], host: string): NetrcEntry | undefined {
  const named = entries.find(({ machine }) => machine?.toLowerCase() === host.toLowerCase());
  return named ?? entries.find(({ machine }) => machine === undefined);
}

/** Words, quoted ones with their escapes undone; comments and macros are left out. */
function wordsOf(text: string): readonly string[] {
  // A macro goes on to the next empty line.
  const plain = text.replaceAll(/^[ \t]*macdef\b[^]*?(?:\n[ \t\r]*\n|$(?![^]))/gm, "");
  const words = plain.matchAll(/#[^\n]*|"((?:[^"\\]|\\.)*)"|[^\s"][^\s]*/g);
  return [...words].flatMap(([word, quoted]) => {
    if (quoted !== undefined)
      return [quoted.replaceAll(/\\(.)/g, (_, character: string) => unescaped(character))];
    return word.startsWith("#") ? [] : [word];
  });
}

function unescaped(character: string): string {
  return { n: "\n", r: "\r", t: "\t" }[character] ?? character;
}
