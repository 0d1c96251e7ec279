/** `~` and relative paths of the config. Pure. */
import { isAbsolute, join, normalize, sep } from "node:path";

/** Relative paths in a config count from the home folder: the config is read from anywhere. */
export function expandPath(path: string, home: string): string {
  const expanded = isHome(path) ? join(home, path.slice(1)) : path;
  const absolute = normalize(isAbsolute(expanded) ? expanded : join(home, expanded));
  return absolute.length > 1 && absolute.endsWith(sep) ? absolute.slice(0, -1) : absolute;
}

/** `~` means the home folder in remotes as well; everything else is the transport's to read. */
export function expandRemote(url: string, home: string): string {
  return isHome(url) ? join(home, url.slice(1)) : url;
}

function isHome(path: string): boolean {
  return path === "~" || path.startsWith("~/") || path.startsWith(`~${sep}`);
}
