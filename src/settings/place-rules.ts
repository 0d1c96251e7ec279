/** What of a place's folder is gathered, and what of it only encrypted. Pure. */
import type { AppPlace } from "../config/app-definition.ts";
import { isSecretName } from "./secret-names.ts";

/** Undefined: it is not gathered. */
export type Taking = "plain" | "encrypted" | undefined;

/**
 * Returns what decides for one path, relative to the place's root and `/`-separated. What is left out wins over
 * everything, and what may only be kept encrypted over the rest; a secret by its name may in any case.
 */
export function placeRules({ files, exclude, encrypt }: AppPlace): (path: string) => Taking {
  const [isFile, isExcluded, isSecret] = [files, exclude, encrypt].map(anyOf);
  return (path) => {
    if (isExcluded?.(path) === true) return undefined;
    if (isSecret?.(path) === true) return "encrypted";
    if (isFile?.(path) !== true) return undefined;
    return isSecretName(path) ? "encrypted" : "plain";
  };
}

function anyOf(entries: readonly string[]): (path: string) => boolean {
  const names = new Set(entries.filter((entry) => !isPattern(entry)));
  const globs = entries.filter(isPattern).map((entry) => new Bun.Glob(globOf(entry)));
  return (path) => names.has(path) || globs.some((glob) => glob.match(path));
}

function isPattern(entry: string): boolean {
  return entry.endsWith("/") || /[*?[\]{}]/.test(entry);
}

/** `themes/` takes the folder with all below. */
function globOf(entry: string): string {
  return entry.endsWith("/") ? `${entry}**` : entry;
}
