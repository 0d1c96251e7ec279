/**
 * Guards a new pack until a ref names what lies in it. `git repack -a -d` and `git gc --prune=now` drop packed objects
 * that nothing names yet, however young they are; git keeps them from what itself fetches by a file `<pack>.keep`, and
 * so does lull from all its packs. The file comes before the pack and goes after the ref has moved: a repack that lists
 * the packs in between leaves this one alone, and one that lists them later finds the ref.
 *
 * Loose objects have no such guard, as git's own have none: `git repack` leaves them alone, and what a `gc --prune=now`
 * takes in that moment it would take from a `git commit` as well. By default git prunes nothing younger than two weeks.
 */
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import { isProcessAlive, processName } from "../refs/process-name.ts";

/** First word of the file, by which lull knows its own from those that a person, or their git, has made. */
const OURS = /^lull ([\w-]+)\n$/;
const LARGEST = 256;

/**
 * Not synced: after a power cut no repack is under way any more.
 * @param pack path without its extension; the pack need not be there yet
 * @returns takes the guard away
 */
export function keepPack(pack: string): Disposable {
  const path = `${pack}.keep`;
  const text = `lull ${processName()}\n`;
  try {
    writeFileSync(path, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    // The very same pack is there already and somebody wants it kept: they do what is needed here.
    if (systemCode(error) === "EEXIST") return { [Symbol.dispose]() {} };
    throw fromSystem(error, `write ${path}`);
  }
  return {
    [Symbol.dispose]() {
      if (readKeep(path) === text) rmSync(path, { force: true });
    },
  };
}

/** Whose a `.keep` is: of a lull that is gone, of one of which that cannot be known, or of anybody else. */
export function keepOwner(path: string): "gone" | "unknown" | "foreign" {
  const owner = OURS.exec(readKeep(path) ?? "")?.[1];
  const writtenAt = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (owner === undefined || writtenAt === undefined) return "foreign";
  return isProcessAlive(owner, writtenAt) ? "unknown" : "gone";
}

function readKeep(path: string): string | undefined {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > LARGEST) return undefined;
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fromSystem(error, `read ${path}`);
  }
}
