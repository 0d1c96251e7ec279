/** A kind of file that persons write: how errors call it, and what to do after one. Light, as every command loads it. */
export type FileKind = {
  readonly code: string;
  /** After `the`. */
  readonly noun: string;
  /** A line that such a file may hold. */
  readonly line: string;
  readonly hint: string;
};

export const CONFIG_FILE: FileKind = {
  code: "CONFIG_INVALID",
  noun: "config file",
  line: "version: 1",
  hint: "correct the file, then check it with `lull config check`",
};
