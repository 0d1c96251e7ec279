import type { AddSourceResult } from "../../app/add-source.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns } from "../text-layout.ts";
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
    ...(added.schedules.length === 0 ? [] : [`  due     ${dueText(added)}`]),
    `  config  ${short(added.configFile)}`,
    ...(added.dryRun ? ["Nothing was changed."] : nextLines(added, look)),
  ];
}

function dueText({ schedules, watched }: AddSourceResult): string {
  return [...schedules.map(safeText), ...(watched ? ["when files change"] : [])].join(", ");
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

function nextLines(added: AddSourceResult, look: Look): readonly string[] {
  const name = safeText(added.name);
  const move = [
    "To reach other machines, make an empty repository at a host, then:",
    `  lull config set sources.${name}.remote URL`,
  ];
  const { daemonPid } = added;
  const steps =
    daemonPid === undefined
      ? [
          [`lull sync ${name}`, "sync it now"],
          ["lull daemon run", "watch lull sync it by itself; Ctrl-C ends it"],
          ["lull service install", "have that done in the background, from each log-on on"],
        ]
      : [
          [`lull sync ${name}`, "sync it now"],
          [`lull why ${name}`, `what the daemon (process ${daemonPid}) does with it, and when`],
        ];
  return [
    ...(added.remote.from === "local" ? move : []),
    "Next:",
    ...alignColumns(steps.map(([command = "", does = ""]) => [`  ${command}`, look.style.dim(does)])),
  ];
}
