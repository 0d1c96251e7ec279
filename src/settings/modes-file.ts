/**
 * Permissions that git does not keep, in `.lull/modes` of the managed repository: one line a path, and only where they are
 * not 0644 (0755 of what can be run, and of folders). Lines of two devices are joined when they are merged; of several
 * for one path the strictest counts.
 */

/** Where it lies in the managed repository. */
export const MODES_FILE = ".lull/modes";

/** Permission bits by path; a folder's ends with `/`. */
export type Modes = ReadonlyMap<string, number>;

const LINE = /^([0-7]{4}) ([^\r\n]+)$/;

/** What makes no sense is left out: then the path has the usual permissions. */
export function parseModes(text: string): Modes {
  const modes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, octal, quoted] = LINE.exec(line) ?? [];
    const path = unquoted(quoted);
    if (octal === undefined || path === undefined) continue;
    const mode = Number.parseInt(octal, 8) & 0o777;
    modes.set(path, mode & (modes.get(path) ?? 0o777));
  }
  return modes;
}

export function modesText(modes: Modes): string {
  return [...modes]
    .filter(([path, mode]) => !isUsual(path, mode))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, mode]) => `${mode.toString(8).padStart(4, "0")} ${quoted(path)}\n`)
    .join("");
}

/** What git restores by itself, or what a folder gets anyway. */
function isUsual(path: string, mode: number): boolean {
  return mode === 0o755 || (mode === 0o644 && !path.endsWith("/"));
}

/** A name with a line break, or with a quote before it, is written as JSON. */
function quoted(path: string): string {
  return /[\r\n]|^"/.test(path) ? JSON.stringify(path) : path;
}

function unquoted(text: string | undefined): string | undefined {
  if (text === undefined || !text.startsWith('"')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
