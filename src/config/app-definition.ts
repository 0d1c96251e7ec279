/**
 * What an app's settings are, as the catalogue and a person's own definitions say it, every default filled in. One such
 * file serves three systems; nothing in it is an absolute path.
 */

export type AppSystem = "linux" | "macos" | "windows";

/** In the order in which they are named to persons. */
export const APP_SYSTEMS: readonly AppSystem[] = ["linux", "macos", "windows"];

/** One folder of an app and what is wanted of it. */
export type AppPlace = {
  /** By system, beginning with a root (`~`, `$XDG_CONFIG_HOME` …), `/`-separated. Absent: no such place there. */
  readonly at: Readonly<Partial<Record<AppSystem, string>>>;
  /** Folder below `apps/<id>` in the repository, `/`-separated; empty: right there. */
  readonly as: string;
  /** Paths and globs relative to `at`; one that ends in `/` takes a folder with all below. */
  readonly files: readonly string[];
  /** What of `files` and `encrypt` is left out; written as they are. */
  readonly exclude: readonly string[];
  /**
   * What is gathered as well as `files`, but may only be kept encrypted; written as they are. A file that both name
   * counts as one of these.
   */
  readonly encrypt: readonly string[];
};

export type AppDefinition = {
  /** Its file's name: lower-case letters, digits and `-`. */
  readonly id: string;
  readonly name: string;
  /** A few words, for a list. */
  readonly about: string;
  readonly places: readonly AppPlace[];
  /** macOS preference domains. */
  readonly preferences: readonly string[];
  /** Commands on PATH that show that the app is installed. */
  readonly programs: readonly string[];
  /** Names of processes that would overwrite a file restored under them. */
  readonly running: Readonly<Record<AppSystem, readonly string[]>>;
  /** What a person does so that restored settings are not overwritten, or so that they count; one sentence each. */
  readonly hints: { readonly quit?: string; readonly reload?: string };
};
