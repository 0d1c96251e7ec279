/** One of git's config files, taken apart. What was read a while ago and is still the same file is not read again. */
import { readFileSync, type Stats, statSync } from "node:fs";

import { systemClock } from "../../base/clock.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { type ConfigEntry, parseConfig } from "./parse-config.ts";

type KnownFile = Pick<Stats, "ino" | "dev" | "size" | "mtimeMs" | "ctimeMs"> & {
  readonly entries: readonly ConfigEntry[];
};

/** No config that a person wrote is larger; a larger one is a mistake or an attack. */
const MAXIMUM_SIZE = 8 * 1024 * 1024;
/** Milliseconds. Of a file that is younger when it is read, the next change might show in no time stamp. */
const YOUNG = 3000;
/** A daemon has a few files for each of its repositories. */
const MOST_KNOWN = 500;

const known = new Map<string, KnownFile>();

/**
 * @returns undefined for a file that does not exist, and for anything that is no regular file (`/dev/null`, a FIFO)
 * @throws LullError `GIT_CONFIG_INVALID` (kind `config`), or the system's code when the file cannot be read
 */
export function readConfigFile(file: string): readonly ConfigEntry[] | undefined {
  try {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat?.isFile() !== true) return undefined;
    const before = known.get(file);
    if (before !== undefined && isSame(before, stat)) return before.entries;
    if (stat.size > MAXIMUM_SIZE) throw tooLarge(file, stat.size);
    const { entries } = parseConfig(readFileSync(file, "latin1"), file);
    remember(file, stat, entries);
    return entries;
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fromSystem(error, `read git config ${file}`);
  }
}

function isSame(before: KnownFile, { ino, dev, size, mtimeMs, ctimeMs }: Stats): boolean {
  return (
    before.ctimeMs === ctimeMs &&
    before.mtimeMs === mtimeMs &&
    before.size === size &&
    before.ino === ino &&
    before.dev === dev
  );
}

/** @param stat from before it was read: what was written meanwhile makes it another file */
function remember(file: string, stat: Stats, entries: readonly ConfigEntry[]): void {
  known.delete(file);
  if (Math.abs(systemClock.now() - stat.ctimeMs) < YOUNG) return;
  if (known.size >= MOST_KNOWN) known.clear();
  const { ino, dev, size, mtimeMs, ctimeMs } = stat;
  known.set(file, { ino, dev, size, mtimeMs, ctimeMs, entries });
}

function tooLarge(file: string, size: number): LullError {
  return new LullError({
    kind: "config",
    code: "GIT_CONFIG_INVALID",
    message: `git config ${file} has ${size} bytes; more than ${MAXIMUM_SIZE} are not read`,
    hint: "see what is in it; a config file is normally a few kilobytes",
    data: { file },
  });
}
