/** Apps that a person has defined for mackup, as definitions of lull's. */
import { join } from "node:path";

import { pathProblem } from "./home-path.ts";
import type { ImportMeans, OwnApp } from "./import.ts";
import { readIni } from "./ini-text.ts";
import type { LeftOut } from "./left-out.ts";
import { plainId } from "./mackup-names.ts";
import { readable } from "./readable.ts";
import { xdgFolder } from "./xdg-folder.ts";

export type DefinedApp = {
  /** As mackup names it, in lower case. */
  readonly mackupName: string;
  /** Undefined: it can not be taken over; why has been noted. */
  readonly app: OwnApp | undefined;
};

const SAME_NAME =
  "definitions of yours whose names are the same to lull, which knows small letters, figures and `-` only; rename one of them";

type Place = { readonly root: string; readonly storage: string | undefined };

/** In mackup's order: of two with the same name the first counts. */
export function readDefinedApps(
  means: ImportMeans,
  storage: string | undefined,
  leftOut: LeftOut,
): readonly DefinedApp[] {
  const folders = [join(means.home, ".mackup"), join(xdgFolder(means, "config"), "mackup/applications")];
  const defined = new Map<string, DefinedApp>();
  for (const folder of folders) {
    const entries = readable(leftOut, () => means.files.list(folder)) ?? [];
    for (const { name } of entries.filter((entry) => entry.name.endsWith(".cfg"))) {
      const mackupName = name.slice(0, -".cfg".length).toLowerCase();
      if (defined.has(mackupName)) continue;
      const text = readable(leftOut, () => means.files.text(join(folder, name)));
      const read =
        text === undefined ? undefined : definitionOf(means, { mackupName, text, storage }, leftOut);
      const isTaken = [...defined.values()].some(({ app }) => app !== undefined && app.id === read?.id);
      if (isTaken) leftOut.add(SAME_NAME, name);
      defined.set(mackupName, { mackupName, app: isTaken ? undefined : read });
    }
  }
  return [...defined.values()];
}

type Definition = {
  readonly mackupName: string;
  readonly text: string;
  readonly storage: string | undefined;
};

function definitionOf(
  means: ImportMeans,
  { mackupName, text, storage }: Definition,
  leftOut: LeftOut,
): OwnApp | undefined {
  const ini = readIni(text, { inlineComments: false });
  const id = plainId(mackupName);
  if (ini.kind === "broken" || id === "") {
    leftOut.add("definitions of yours that are no INI files, or have no usable name", `${mackupName}.cfg`);
    return undefined;
  }
  const config = xdgFolder(means, "config");
  const paths = (section: string, place: Place): readonly string[] =>
    (ini.sections.get(section) ?? []).flatMap(({ key }) => takenPath(means, key, place, leftOut));
  const home = paths("configuration_files", { root: means.home, storage });
  const xdg = paths("xdg_configuration_files", {
    root: config,
    storage: storage === undefined ? undefined : join(storage, ".config"),
  });
  if (home.length + xdg.length === 0) {
    leftOut.add("definitions of yours that name no file which lull could take", `${mackupName}.cfg`);
    return undefined;
  }
  const name = ini.sections.get("application")?.find(({ key }) => key === "name")?.value;
  return {
    id,
    name: name === undefined || name === "" ? mackupName : name,
    places: [
      ...(home.length === 0 ? [] : [{ at: "~", files: home }]),
      // In a folder of its own in the repository: both may have a file of the same name.
      ...(xdg.length === 0
        ? []
        : [{ at: "$XDG_CONFIG_HOME", files: xdg, ...(home.length === 0 ? {} : { as: "config" }) }]),
    ],
  };
}

/** A folder gets a slash at its end. One that is not here now may lie in mackup's storage. */
function takenPath(means: ImportMeans, key: string, place: Place, leftOut: LeftOut): readonly string[] {
  const path = key.replace(/\/+$/, "");
  const problem = pathProblem(path);
  if (problem !== undefined) {
    leftOut.addPath(problem, key);
    return [];
  }
  const candidates = [place.root, ...(place.storage === undefined ? [] : [place.storage])];
  const isFolder = candidates.some((root) => means.files.kindBehind(join(root, path)) === "folder");
  return [isFolder ? `${path}/` : path];
}
