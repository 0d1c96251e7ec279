/** The part of git's config that decides how files and index relate. */
export type WorkTreeSettings = {
  /** `core.fileMode`: the file system keeps the exec bit. */
  readonly fileMode: boolean;
  /** `core.symlinks`: false where links are checked out as plain files that hold their target. */
  readonly symlinks: boolean;
  /** `core.ignoreCase`. */
  readonly ignoreCase: boolean;
  /** `core.autocrlf`. */
  readonly autocrlf: "true" | "input" | "false";
  /** `core.eol`, with `native` and unset already resolved for this system. */
  readonly eol: "lf" | "crlf";
  /** Names of the `filter.<name>` drivers that are configured: git runs a program for their files, lull does not. */
  readonly filters: ReadonlySet<string>;
  /** `core.excludesFile`, absolute, or its default; undefined when there is none. */
  readonly excludesFile: string | undefined;
  /** `core.attributesFile`, absolute, or its default; undefined when there is none. */
  readonly attributesFile: string | undefined;
};

/** What git does on Linux when nothing is configured. */
export const DEFAULT_SETTINGS: WorkTreeSettings = {
  fileMode: true,
  symlinks: true,
  ignoreCase: false,
  autocrlf: "false",
  eol: "lf",
  filters: new Set(),
  excludesFile: undefined,
  attributesFile: undefined,
};
