import type { AddSourceResult } from "../../app/add-source.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Look } from "./look.ts";

/** Tells what was taken in (or would be) and what to do next. */
export function addedLines(added: AddSourceResult, look: Look): readonly string[] {
  const short = (path: string): string => safeText(shortPath(path, look.home));
  const repository = added.repository === "created" ? "a new git repository" : "a git repository already";
  const verb = added.dryRun ? "Would add" : "Added";
  return [
    `${look.style.green(look.symbols.done)} ${verb} the source ${look.style.bold(safeText(added.name))}`,
    `  folder  ${short(added.directory)} (${repository}, branch ${safeText(added.branch)})`,
    `  remote  ${short(added.remote.url)} (${remoteNote(added.remote.from)})`,
    `  config  ${short(added.configFile)}`,
    ...(added.dryRun ? ["Nothing was changed."] : nextLines(added)),
  ];
}

function remoteNote(from: AddSourceResult["remote"]["from"]): string {
  switch (from) {
    case "given":
      return "as given";
    case "found":
      return "the repository's own";
    case "local":
      return "on this machine, made by lull";
  }
}

function nextLines(added: AddSourceResult): readonly string[] {
  const name = safeText(added.name);
  const move = [
    "To reach other machines, make an empty repository at a host, then:",
    `  lull config set sources.${name}.remote URL`,
  ];
  return [...(added.remote.from === "local" ? move : []), `Next: lull sync ${name}`];
}
