/**
 * What a person's other tool (mackup, chezmoi, yadm, gitwatch) keeps in order, as sources of lull. Each `read-<tool>.ts`
 * looks at that tool's own files and says what it found; `plan-import.ts` makes entries of the config of it, and
 * `write-import.ts` writes them. Nothing of the other tool and no file of the home is ever changed, and nothing here
 * knows what a sync is.
 */

export const TOOLS = ["mackup", "chezmoi", "yadm", "gitwatch"] as const;
export type Tool = (typeof TOOLS)[number];

export type ImportInput = {
  readonly tool: Tool;
  /** Of the source that gathers files; undefined: `settings`. */
  readonly name: string | undefined;
  /** Of the same; as typed. */
  readonly remote: string | undefined;
  /** Of every source. */
  readonly schedule: string | undefined;
  /** This machine's name, should there be no config yet; undefined: its host name. */
  readonly device: string | undefined;
  /** Whether chezmoi's own folder becomes a source, too. */
  readonly withFolder: boolean;
};

/** What an import reads with. Nothing can be changed through it. */
export type ImportMeans = {
  readonly files: FileReader;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** @returns undefined for a text that is none of this format */
  readonly parse: (format: "toml" | "yaml" | "jsonc", text: string) => unknown;
  readonly toYaml: (value: unknown) => string;
  /** The person's table of cron; undefined: there is none, or it can not be had. */
  readonly crontab: (signal: AbortSignal) => Promise<string | undefined>;
};

/** What lull knows of apps, as far as mackup's names are held against it. */
export type KnownApps = {
  readonly knows: (id: string) => boolean;
  /** The ids of the apps that have settings on this machine. */
  readonly here: () => readonly string[];
};

export type FileReader = {
  /**
   * The text of a regular file, also behind a link; undefined where there is none.
   * @throws LullError when it is there and can not be read, or is larger than any such file would be
   */
  readonly text: (path: string) => string | undefined;
  /** Names in a folder, sorted, each with what it is itself, not what a link leads to; undefined: no such folder. */
  readonly list: (folder: string) => readonly FolderEntry[] | undefined;
  readonly kind: (path: string) => FolderEntry["kind"] | undefined;
  /** What stands behind a path, through links. */
  readonly kindBehind: (path: string) => FolderEntry["kind"] | undefined;
  /** Where a link leads, absolute; undefined: it is none. */
  readonly linkTarget: (path: string) => string | undefined;
};

export type FolderEntry = { readonly name: string; readonly kind: "file" | "folder" | "link" | "other" };

/** A sentence about several things, which are named where they are few. */
export type Remark = { readonly text: string; readonly names: readonly string[] };

/** What was found of a tool, before it is held against the config. */
export type Findings = {
  /** What was looked at, for people. */
  readonly found: readonly string[];
  readonly settings: WantedSettings | undefined;
  readonly repositories: readonly WantedRepository[];
  readonly apps: readonly OwnApp[];
  /** What lull has no equivalent for, why, and what to do instead. */
  readonly leftOut: readonly Remark[];
  /** What the person does with the other tool, so that the two do not work against each other. */
  readonly steps: readonly Remark[];
  /** Remotes of the other tool, whose layout is another one: nothing of lull's is ever sent there. */
  readonly foreignRemotes: readonly string[];
};

export type WantedSettings = { readonly apps: readonly string[]; readonly files: readonly WantedFile[] };

/** @property path as the config has it: `~/.bashrc`, or a glob */
export type WantedFile = { readonly path: string; readonly encrypt: boolean };

export type WantedRepository = {
  /** Absolute. */
  readonly directory: string;
  /** What its entry has besides `repo`. */
  readonly entry: Readonly<Record<string, unknown>>;
};

/** A definition of the person's own, as the file of an app has it. */
export type OwnApp = {
  readonly id: string;
  readonly name: string;
  readonly places: readonly {
    readonly at: string;
    readonly files: readonly string[];
    readonly as?: string;
  }[];
};
