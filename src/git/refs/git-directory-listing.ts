import { type Dirent, lstatSync, readdirSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";

/**
 * What lies directly in a git directory, from one listing: most of the marks that a preflight looks for are absent,
 * and each look at a name that is not there costs as much as the whole listing.
 */
export class GitDirectoryListing {
  readonly #directory: string;
  readonly #entries: ReadonlyMap<string, Dirent>;

  /** @throws LullError by the system's code */
  constructor(directory: string) {
    this.#directory = directory;
    try {
      const entries = readdirSync(directory, { withFileTypes: true });
      this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    } catch (error) {
      throw fromSystem(error, `list ${directory}`);
    }
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  isLink(name: string): boolean {
    const entry = this.#entries.get(name);
    if (entry === undefined) return false;
    if (entry.isSymbolicLink()) return true;
    // Not every file system says in a listing what a name is.
    return !entry.isFile() && !entry.isDirectory() && this.#isLinkByLook(name);
  }

  #isLinkByLook(name: string): boolean {
    const path = `${this.#directory}/${name}`;
    try {
      return lstatSync(path).isSymbolicLink();
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw fromSystem(error, `look at ${path}`);
    }
  }
}
