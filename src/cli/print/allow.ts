import type { AllowInput, AllowResult, GuardEntry } from "../../app/allow-guard.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Look } from "./look.ts";
import { localTime } from "./times.ts";

export function allowLines(result: AllowResult, action: AllowInput["action"], look: Look): readonly string[] {
  if (action === "list") return listLines(result, look);
  const verbs = action === "allow" ? ["Allowed", "Would allow"] : ["Took back", "Would take back"];
  const verb = result.dryRun ? verbs[1] : verbs[0];
  const done = result.changed.map(
    (entry) => `${look.style.green(look.symbols.done)} ${verb}: ${words(entry)}`,
  );
  return [...done, next(result, action)];
}

function next({ source, syncs, dryRun }: AllowResult, action: AllowInput["action"]): string {
  if (dryRun) return "Nothing was changed.";
  if (syncs) return "The daemon syncs it now. See `lull logs -f`.";
  return action === "allow"
    ? `Next: lull sync ${safeText(source)}`
    : "What is committed already stays; a new or changed version is left out again.";
}

function listLines({ source, waiting, allowed }: AllowResult, look: Look): readonly string[] {
  if (waiting.length + allowed.length === 0) return [`No guard holds back anything in ${safeText(source)}.`];
  const { style, symbols } = look;
  return [
    ...waiting.map(
      (entry) =>
        `${style.yellow(symbols.attention)} ${words(entry)}, since ${localTime(entry.at, look.clock)}`,
    ),
    ...allowed.map(
      (entry) => `${style.green(symbols.done)} allowed ${localTime(entry.at, look.clock)}: ${words(entry)}`,
    ),
    ...(waiting.length === 0 ? [] : [nextStep(source, waiting)]),
  ];
}

function nextStep(source: string, waiting: readonly GuardEntry[]): string {
  const stops = waiting.some(({ path }) => path === undefined);
  return `Next: lull allow ${safeText(source)}${stops ? "" : " PATH"}, if it is meant`;
}

function words({ path, reason }: GuardEntry): string {
  return path === undefined ? safeText(reason) : `${safeText(path)}: ${safeText(reason)}`;
}
