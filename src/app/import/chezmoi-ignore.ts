/** `.chezmoiignore`: targets that chezmoi leaves alone. Pure. */

export type IgnoreRules = {
  readonly patterns: readonly IgnorePattern[];
  /** Some lines depend on what a template finds out, and were left out: what they name is taken. */
  readonly hasConditions: boolean;
};

type IgnorePattern = { readonly glob: Bun.Glob; readonly isException: boolean };

/** @param folder of the file, relative to the source's top, as a target; "" is the top */
export function readIgnoreRules(text: string, folder: string): IgnoreRules {
  const patterns: IgnorePattern[] = [];
  let depth = 0;
  let hasConditions = false;
  for (const raw of text.split(/\r?\n/)) {
    const opened = raw.match(/\{\{-?\s*(?:if|range|with|define|block)\b/g)?.length ?? 0;
    const closed = raw.match(/\{\{-?\s*end\b/g)?.length ?? 0;
    const isConditional = depth > 0 || raw.includes("{{");
    depth = Math.max(0, depth + opened - closed);
    const line = raw.replace(/(^|\s)#.*$/, "").trim();
    if (line === "") continue;
    if (isConditional) {
      hasConditions = true;
      continue;
    }
    const isException = line.startsWith("!");
    const pattern = (isException ? line.slice(1) : line).replace(/^\/+|\/+$/g, "");
    const glob = new Bun.Glob(folder === "" ? pattern : `${folder}/${pattern}`);
    patterns.push({ glob, isException });
  }
  return { patterns, hasConditions };
}

/** An exception counts wherever it stands, as in chezmoi. */
export function isIgnored(rules: readonly IgnoreRules[], path: string): boolean {
  const matching = rules.flatMap(({ patterns }) => patterns).filter(({ glob }) => glob.match(path));
  return matching.length > 0 && !matching.some(({ isException }) => isException);
}
