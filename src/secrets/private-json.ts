/** Small JSON files of this folder's own, which only the user may write (mode 0600, in a folder of mode 0700). */
import { rmSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory, syncDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { fromSystem, systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";

export type PrivateJson = {
  /** Absolute. */
  readonly path: string;
  /** In bytes; a longer one counts as one without fields. */
  readonly largest: number;
  /** Throws when others could have written the file. */
  readonly assertPrivate: (path: string) => void;
};

/** Returns the fields of the object in it, none of what is no object; undefined: there is no file. */
export function readPrivateJson(file: PrivateJson): Readonly<Record<string, unknown>> | undefined {
  const { path, largest, assertPrivate } = file;
  assertPrivate(path);
  try {
    return fieldsOf(readSmallFile(path, largest)?.toString("utf8") ?? "");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `read ${path}`);
  }
}

export function writePrivateJson({ path, assertPrivate }: PrivateJson, value: object): void {
  makePrivateDirectory(dirname(path));
  assertPrivate(path);
  writeFileAtomic(path, `${JSON.stringify(value, undefined, 2)}\n`, { mode: 0o600 });
}

/** Returns whether there was one. */
export function removePrivateJson({ path }: Pick<PrivateJson, "path">): boolean {
  try {
    rmSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw fromSystem(error, `remove ${path}`);
  }
  syncDirectory(dirname(path));
  return true;
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
