/**
 * One file for each stored secret, in a private folder: what it is called and where its value lies. The value itself is
 * in it only where no keychain could take it. So lull knows that something was stored also when a locked keychain
 * answers as if there were nothing.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { type PrivateJson, readPrivateJson, removePrivateJson, writePrivateJson } from "./private-json.ts";

export type StoredFile = {
  readonly name: string;
  readonly place: "keychain" | "file";
  /** Wall time in milliseconds. */
  readonly storedAt: number;
  /** Of the place `file` only. */
  readonly value?: string | undefined;
};

export type StoredFiles = {
  read(name: string): StoredFile | undefined;
  write(file: StoredFile): void;
  /** Returns whether there was one. */
  remove(name: string): boolean;
  list(): readonly StoredFile[];
};

/** A key or token set is a few kilobytes. */
const LARGEST = 256 * 1024;

/**
 * @param directory absolute; made on first use, mode 0700
 * @param assertPrivate throws when others could have written the file
 */
export function storedFiles(directory: string, assertPrivate: (path: string) => void): StoredFiles {
  const at = (path: string): PrivateJson => ({ path, largest: LARGEST, assertPrivate });
  const of = (name: string): PrivateJson => at(join(directory, `${fileName(name)}.json`));
  const read = (file: PrivateJson): StoredFile | undefined => {
    const fields = readPrivateJson(file);
    return fields && storedFile(fields, file.path);
  };
  return {
    read: (name) => read(of(name)),
    write: (file) => writePrivateJson(of(file.name), { version: 1, ...file }),
    remove: (name) => removePrivateJson(of(name)),
    list() {
      const files = namesIn(directory)
        .filter((name) => /^[0-9a-f]{32}\.json$/.test(name))
        .map((name) => read(at(join(directory, name))));
      return files
        .filter((file) => file !== undefined)
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },
  };
}

function fileName(name: string): string {
  return new Bun.CryptoHasher("sha256").update(name).digest("hex").slice(0, 32);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `look into ${directory}`);
  }
}

/** Its message must not hold a byte of the file. */
function storedFile(fields: Readonly<Record<string, unknown>>, path: string): StoredFile {
  const { version, name, place, storedAt, value } = fields;
  if (
    version === 1 &&
    typeof name === "string" &&
    typeof storedAt === "number" &&
    (place === "keychain" || (place === "file" && typeof value === "string"))
  ) {
    return { name, place, storedAt, value: typeof value === "string" ? value : undefined };
  }
  throw new LullError({
    kind: "config",
    code: "SECRET_UNREADABLE",
    message: `${path} is no secret that this version of lull has stored`,
    causes: ["a newer lull wrote it", "it was changed by hand", "the disk is damaged"],
    hint: "move it away and store the secret again: `lull auth login` or `lull secret set`",
    data: { path },
  });
}
