/** chezmoi's own settings: where its source folder is, where the targets are, how it encrypts. */
import { isAbsolute, join, resolve } from "node:path";

import { LullError } from "../../base/errors.ts";
import { xdgFolder } from "./xdg-folder.ts";
import type { ImportMeans } from "./import.ts";

export type ChezmoiSettings = {
  /** Undefined: chezmoi works without one. */
  readonly file: string | undefined;
  /** Absolute: the folder that is a git repository. */
  readonly workingTree: string;
  /** Absolute: the top of the source state, in the working tree. */
  readonly sourceRoot: string;
  /** Absolute. */
  readonly destination: string;
  readonly encryptedSuffix: string | undefined;
  /** chezmoi commits or pushes by itself. */
  readonly commitsByItself: boolean;
};

const FORMATS = [
  ["toml", "toml"],
  ["yaml", "yaml"],
  ["yml", "yaml"],
  ["json", "jsonc"],
  ["jsonc", "jsonc"],
] as const;

/** @throws LullError `IMPORT_UNREADABLE` (kind `config`) */
export function readChezmoiSettings(means: ImportMeans): ChezmoiSettings {
  const { file, values } = settingsFile(means);
  const workingTree = folderOf(means, values["sourceDir"], join(xdgFolder(means, "data"), "chezmoi"));
  const git = groupOf(values["git"]);
  return {
    file,
    workingTree,
    sourceRoot: sourceRoot(means, workingTree),
    destination: folderOf(means, values["destDir"], means.home),
    encryptedSuffix: encryptedSuffix(values),
    commitsByItself: git["autoCommit"] === true || git["autoPush"] === true,
  };
}

type Values = Readonly<Record<string, unknown>>;

function settingsFile(means: ImportMeans): { readonly file: string | undefined; readonly values: Values } {
  const folder = join(xdgFolder(means, "config"), "chezmoi");
  for (const [ending, format] of FORMATS) {
    const file = join(folder, `chezmoi.${ending}`);
    const text = means.files.text(file);
    if (text === undefined) continue;
    const values = text.trim() === "" ? {} : means.parse(format, text);
    if (isGroup(values)) return { file, values };
    throw new LullError({
      kind: "config",
      code: "IMPORT_UNREADABLE",
      message: `${file} can not be read as ${ending}`,
      causes: ["it has a mistake; `chezmoi doctor` tells where"],
      hint: "correct it, as it says where chezmoi's files are; then run the command again",
    });
  }
  return { file: undefined, values: {} };
}

function isGroup(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function groupOf(value: unknown): Values {
  return isGroup(value) ? value : {};
}

function folderOf({ home }: ImportMeans, given: unknown, usual: string): string {
  if (typeof given !== "string" || given === "") return usual;
  const path = given.replace(/^~(?=\/|$)/, home);
  return resolve(isAbsolute(path) ? path : join(home, path));
}

function encryptedSuffix(values: Values): string | undefined {
  const { encryption } = values;
  if (encryption !== "age" && encryption !== "gpg") return undefined;
  const { suffix } = groupOf(values[encryption]);
  if (typeof suffix === "string") return suffix;
  return encryption === "age" ? ".age" : ".asc";
}

/** `.chezmoiroot` names a folder below; one that leads out is not followed. */
function sourceRoot({ files }: ImportMeans, workingTree: string): string {
  const named = files.text(join(workingTree, ".chezmoiroot"))?.trim() ?? "";
  const isInside = named !== "" && !isAbsolute(named) && !named.split("/").includes("..");
  return isInside ? join(workingTree, named) : workingTree;
}
