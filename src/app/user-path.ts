/** Paths as a person types and reads them: `~`, relative to the current folder, home shortened. Pure. */
import { isAbsolute, resolve, sep } from "node:path";

export type PathBase = { readonly home: string; readonly cwd: string };

/** Returns the absolute, normalised path. */
export function absolutePath(text: string, base: PathBase): string {
  if (text === "~") return base.home;
  if (text.startsWith("~/") || text.startsWith(`~${sep}`)) return resolve(base.home, text.slice(2));
  return isAbsolute(text) ? resolve(text) : resolve(base.cwd, text);
}

/** Returns the path with the home folder written as `~`. */
export function shortPath(path: string, home: string): string {
  if (path === home) return "~";
  return path.startsWith(home + sep) ? `~${path.slice(home.length)}` : path;
}

/** A relative or `~` path to a remote must mean the same from every folder, so it is stored absolute. */
export function localPathOrUrl(text: string, base: PathBase): string {
  return /^(?:\.{1,2}(?:\/|$)|~(?:\/|$))/.test(text) ? absolutePath(text, base) : text;
}
