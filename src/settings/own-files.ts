/** The `files` of a settings source as selections: a path may begin with `~`, be absolute, or count from the home. */
import { LullError } from "../base/errors.ts";
import { cleanPattern, type Selection } from "./selection.ts";

export type OwnFilesInput = {
  readonly files: readonly { readonly path: string; readonly encrypt: boolean }[];
  readonly exclude: readonly string[];
  /** The home folder, absolute, `/`-separated. */
  readonly home: string;
};

/** Copies of what lies in the home, by the path below it. */
const HOME_FOLDER = "home";
/** Copies of what lies elsewhere, by the path from the top of the file system. */
const ROOT_FOLDER = "root";

/** @throws LullError `BAD_PATH` (kind `config`) for a path that leads upwards, or names everything */
export function ownFiles({ files, exclude, home }: OwnFilesInput): readonly Selection[] {
  return files.map(({ path, encrypt }) => {
    const place = placeOf(path, home);
    refuseWandering(path, place.pattern);
    return {
      app: undefined,
      root: place.root,
      folder: place.folder,
      files: [place.pattern],
      exclude,
      encrypt: encrypt ? [place.pattern] : [],
    };
  });
}

type Place = Pick<Selection, "root" | "folder"> & { readonly pattern: string };

function placeOf(path: string, home: string): Place {
  const text = path.replaceAll("\\", "/");
  const below = text.startsWith(`${home}/`) ? text.slice(home.length + 1) : text.replace(/^~\//, "");
  if (below !== text || !isAbsolute(text)) return { root: home, folder: HOME_FOLDER, pattern: clean(below) };
  const [, drive] = /^([A-Za-z]):\//.exec(text) ?? [];
  if (drive === undefined) return { root: "", folder: ROOT_FOLDER, pattern: clean(text.slice(1)) };
  const folder = `${ROOT_FOLDER}/${drive.toUpperCase()}`;
  return { root: `${drive}:`, folder, pattern: clean(text.slice(3)) };
}

function isAbsolute(text: string): boolean {
  return text.startsWith("/") || /^[A-Za-z]:\//.test(text);
}

function clean(pattern: string): string {
  return cleanPattern(pattern).replaceAll(/\/{2,}/g, "/");
}

function refuseWandering(path: string, pattern: string): void {
  const isUpwards = pattern.split("/").includes("..");
  const isEverything = ["", "~", ".", "*", "**"].includes(pattern);
  if (!isUpwards && !isEverything) return;
  throw new LullError({
    kind: "config",
    code: "BAD_PATH",
    message: isUpwards
      ? `\`files\` names "${path}", which leads upwards`
      : `\`files\` names "${path}", a whole home or disk`,
    hint: "name the files and folders that are to be kept, e.g. ~/.config/foo/",
  });
}

/** Where every copy of an own file belongs, whoever has gathered it. */
export function wholeHome(home: string): readonly Selection[] {
  const everything = { app: undefined, files: [], exclude: [], encrypt: [] };
  return [
    { ...everything, root: home, folder: HOME_FOLDER },
    { ...everything, root: "", folder: ROOT_FOLDER },
  ];
}
