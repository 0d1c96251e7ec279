import { join } from "node:path";

import { shortRef } from "../git/model.ts";
import type { Deps } from "./deps.ts";

/** Where a bare repository of lull's own serves as the remote of a source that has no other. */
export function localRemotePath({ places }: Pick<Deps, "places">, source: string): string {
  return join(places.dataDirectory, "remotes", `${source}.git`);
}

/** A source that was removed and added again finds its old remote, history and all. */
export function createLocalRemote(
  deps: Pick<Deps, "git" | "isEmptyDirectory" | "makeDirectory">,
  wanted: { readonly directory: string; readonly branch: string },
): void {
  const state = deps.git.inspect(wanted.directory);
  if (state.kind !== "missing" && deps.isEmptyDirectory(wanted.directory) !== true) return;
  deps.makeDirectory(wanted.directory);
  deps.git.init(wanted.directory, { bare: true, branch: shortRef(wanted.branch) });
}
