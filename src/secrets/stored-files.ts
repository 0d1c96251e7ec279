/**
 * One file for each stored secret, in a private folder: what it is called and where its value lies. The value itself is
 * in it only where no keychain could take it. So lull knows that something was stored also when a locked keychain
 * answers as if there were nothing.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { makePrivateDirectory, syncDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";

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
  const pathOf = (name: string): string => join(directory, `${fileName(name)}.json`);
  const readFile = (path: string): StoredFile | undefined => {
    assertPrivate(path);
    try {
      return parse(readSmallFile(path, LARGEST)?.toString("utf8") ?? "", path);
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
      throw fromSystem(error, `read ${path}`);
    }
  };
  return {
    read: (name) => readFile(pathOf(name)),
    write(file) {
      makePrivateDirectory(directory);
      assertPrivate(pathOf(file.name));
      const text = `${JSON.stringify({ version: 1, ...file }, undefined, 2)}\n`;
      writeFileAtomic(pathOf(file.name), text, { mode: 0o600 });
    },
    remove(name) {
      try {
        rmSync(pathOf(name));
      } catch (error) {
        if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
        throw fromSystem(error, `remove ${pathOf(name)}`);
      }
      syncDirectory(directory);
      return true;
    },
    list() {
      const files = namesIn(directory)
        .filter((name) => /^[0-9a-f]{32}\.json$/.test(name))
        .map((name) => readFile(join(directory, name)));
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
function parse(text: string, path: string): StoredFile {
  const file = parsed(text);
  const { version, name, place, storedAt, value } = file;
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

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
