import type { SettingsSource } from "../../config/config.ts";
import { ownFiles, wholeHome } from "../../settings/own-files.ts";
import type { Selection } from "../../settings/selection.ts";
import type { Deps } from "../deps.ts";

/** What a settings source gathers on this machine. @throws LullError `BAD_PATH` (kind `config`) */
export function selectionsOf({ home }: Pick<Deps, "home">, source: SettingsSource): readonly Selection[] {
  return ownFiles({ files: source.files, exclude: source.exclude, home });
}

/** Where any copy in its repository belongs, also one that only other devices gather. */
export function placesOf(deps: Pick<Deps, "home">, source: SettingsSource): readonly Selection[] {
  return [...selectionsOf(deps, source), ...wholeHome(deps.home)];
}
