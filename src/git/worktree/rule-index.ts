/**
 * Finds which pattern of one rule file speaks last on a path, without trying all of them: files with hundreds of
 * literal paths are common (one for each built program), and every path of a scan is asked about.
 */
import { baseName } from "../paths.ts";
import { lowerAscii, matchesPath } from "./path-pattern.ts";
import type { RepoPath } from "../model.ts";
import type { PathPattern } from "./path-pattern.ts";

/** Places of patterns in their file, ascending. */
type Places = number[];

export class RuleIndex {
  readonly #patterns: readonly (PathPattern | undefined)[];
  readonly #directory: RepoPath;
  readonly #ignoreCase: boolean;
  /** Literal names, by name. */
  readonly #names = new Map<string, Places>();
  /** Literal paths, from the file's folder. */
  readonly #paths = new Map<string, Places>();
  /** Patterns such as `*.o`, by what a name has from its last dot on. */
  readonly #extensions = new Map<string, Places>();
  readonly #others: Places = [];

  /**
   * @param patterns in the file's order; undefined where a line holds none
   * @param directory where the file lies; only paths below it may be asked for
   */
  constructor(
    patterns: readonly (PathPattern | undefined)[],
    { directory, ignoreCase }: { readonly directory: RepoPath; readonly ignoreCase: boolean },
  ) {
    this.#patterns = patterns;
    this.#directory = directory;
    this.#ignoreCase = ignoreCase;
    for (const [place, pattern] of patterns.entries()) if (pattern !== undefined) this.#add(pattern, place);
  }

  /** Returns the place of the last pattern before `end` that matches, or -1. */
  last(path: RepoPath, isDirectory: boolean, end = this.#patterns.length): number {
    const below = this.#directory === "" ? path : path.slice(this.#directory.length + 1);
    const folded = this.#ignoreCase ? lowerAscii(below) : below;
    const name = baseName(folded);
    let best = this.#lastOf(this.#names.get(name), isDirectory, end);
    if (this.#paths.size > 0) best = Math.max(best, this.#lastOf(this.#paths.get(folded), isDirectory, end));
    const dot = this.#extensions.size > 0 ? name.lastIndexOf(".") : -1;
    const alike = dot < 0 ? undefined : this.#extensions.get(name.slice(dot));
    best = Math.max(best, this.#lastMatch(alike, path, { isDirectory, end, best }));
    return Math.max(best, this.#lastMatch(this.#others, path, { isDirectory, end, best }));
  }

  #add(pattern: PathPattern, place: number): void {
    const { text, nameOnly, literalLength, isSuffix } = pattern;
    const folded = this.#ignoreCase ? lowerAscii(text) : text;
    const isLiteral = literalLength === text.length;
    const dot = nameOnly && isSuffix ? folded.lastIndexOf(".") : -1;
    if (nameOnly && isLiteral) addTo(this.#names, folded, place);
    else if (isLiteral) addTo(this.#paths, folded.startsWith("/") ? folded.slice(1) : folded, place);
    else if (dot >= 0) addTo(this.#extensions, folded.slice(dot), place);
    else this.#others.push(place);
  }

  #lastOf(places: Places | undefined, isDirectory: boolean, end: number): number {
    if (places === undefined) return -1;
    for (let at = places.length - 1; at >= 0; at--) {
      const place = places[at] ?? -1;
      if (place < end && (isDirectory || this.#patterns[place]?.directoryOnly === false)) return place;
    }
    return -1;
  }

  #lastMatch(
    places: Places | undefined,
    path: RepoPath,
    {
      isDirectory,
      end,
      best,
    }: { readonly isDirectory: boolean; readonly end: number; readonly best: number },
  ): number {
    if (places === undefined) return -1;
    for (let at = places.length - 1; at >= 0; at--) {
      const place = places[at] ?? -1;
      if (place < best) return -1;
      const pattern = this.#patterns[place];
      if (place >= end || pattern === undefined || (pattern.directoryOnly && !isDirectory)) continue;
      if (matchesPath(pattern, path, this.#directory, this.#ignoreCase)) return place;
    }
    return -1;
  }
}

function addTo(map: Map<string, Places>, key: string, place: number): void {
  const places = map.get(key);
  if (places === undefined) map.set(key, [place]);
  else places.push(place);
}
