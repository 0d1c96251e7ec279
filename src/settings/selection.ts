/** What a settings source gathers, before anybody has looked for it: folders, names in them, and where copies go. */

/** Files below one folder of this machine whose copies lie below one folder of the repository. */
export type Selection = {
  /** Its id in the catalogue; undefined: an entry of the source's `files`. */
  readonly app: string | undefined;
  /** Absolute path. */
  readonly root: string;
  /** In the repository, as text without a slash at its end: `apps/git`, `home`. */
  readonly folder: string;
  /** Names or patterns relative to `root`; one that names a folder stands for all below it. */
  readonly files: readonly string[];
  /** As `NamedBy`; relative to `root`. */
  readonly exclude: readonly string[];
  /** What may be kept encrypted only; as `exclude`. */
  readonly encrypt: readonly string[];
  /** The folder is lull's own, wherever it lies: what is written there goes on to the system. */
  readonly staged?: boolean;
};

/** The part of a pattern that is no pattern: `.config/foo/*.toml` → `.config/foo`. */
export function literalPart(pattern: string): string {
  const segments = cleanPattern(pattern).split("/");
  const first = segments.findIndex((segment) => isGlob(segment));
  return (first < 0 ? segments : segments.slice(0, first)).join("/");
}

export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/** Without `./` before it and `/` or `/**` behind it. */
export function cleanPattern(pattern: string): string {
  return pattern.replace(/^(?:\.\/)+/, "").replace(/\/(?:\*\*)?$/, "");
}
