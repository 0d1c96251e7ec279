/**
 * Small JSON files of the sync's own in `<gitdir>/lull`: beside the repository, so that they move and go with it, and no
 * synced file can put words into them. One that makes no sense counts as absent.
 */
import { makePrivateDirectory, writeFileAtomic } from "./atomic-file.ts";
import { fromSystem, systemCode } from "./errors.ts";
import { mayExist } from "./may-exist.ts";
import { readSmallFile } from "./small-file.ts";

export type SideFile = {
  readonly gitDirectory: string;
  readonly name: string;
  /** In bytes; a longer one counts as absent. */
  readonly largest: number;
};

/** Returns the fields of the object in it; undefined when there is none. */
export function readSideFile(file: SideFile): Readonly<Record<string, unknown>> | undefined {
  const path = pathOf(file);
  if (!mayExist(path)) return undefined;
  try {
    return parse(readSmallFile(path, file.largest)?.toString("utf8") ?? "");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `read ${path}`);
  }
}

/**
 * The caller holds the source's lock.
 * @param text at most `largest` bytes of it
 */
export function writeSideFile(file: SideFile, text: string): void {
  const temporaryDirectory = `${file.gitDirectory}/lull/tmp`;
  makePrivateDirectory(temporaryDirectory);
  writeFileAtomic(pathOf(file), text, { temporaryDirectory, mode: 0o600 });
}

function pathOf({ gitDirectory, name }: SideFile): string {
  return `${gitDirectory}/lull/${name}`;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
