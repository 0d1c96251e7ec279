import { copyFileSync, lstatSync, mkdirSync, renameSync } from "node:fs";
import { dirname, relative } from "node:path";

import { syncDirectory } from "../../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../../base/errors.ts";
import { SET_ASIDE } from "../check-leftovers.ts";

/** Takes damaged files out of the way and never deletes one: what a repair can not read, another program may. */
export class SetAside {
  readonly #gitDirectory: string;
  readonly #folder: string;
  #isUsed = false;

  /** @param now milliseconds since 1970 */
  constructor(gitDirectory: string, now: number) {
    this.#gitDirectory = gitDirectory;
    this.#folder = freeFolder(
      `${gitDirectory}/${SET_ASIDE}/${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`,
    );
  }

  /** Undefined: nothing was set aside. */
  get folder(): string | undefined {
    return this.#isUsed ? this.#folder : undefined;
  }

  /** @returns false when the file is not there */
  move(path: string): boolean {
    return this.#bring(path, (target) => {
      renameSync(path, target);
      syncDirectory(dirname(path));
    });
  }

  /** The file itself stays, to be replaced by whoever holds its lock. */
  copy(path: string): boolean {
    return this.#bring(path, (target) => copyFileSync(path, target));
  }

  #bring(path: string, bring: (target: string) => void): boolean {
    const target = freeFolder(`${this.#folder}/${relative(this.#gitDirectory, path)}`);
    try {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      bring(target);
      this.#isUsed = true;
      return true;
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw fromSystem(error, `set ${path} aside`);
    }
  }
}

function freeFolder(path: string): string {
  let free = path;
  for (let number = 2; lstatSync(free, { throwIfNoEntry: false }) !== undefined; number++)
    free = `${path}-${number}`;
  return free;
}
