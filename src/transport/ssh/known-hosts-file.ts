import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";
import { readSmallFile } from "../../base/small-file.ts";
import { type KnownHost, parseKnownHosts } from "./known-hosts.ts";

/** Of people with ten thousand servers. */
const LARGEST = 16 * 1024 * 1024;

/**
 * Reads every file that is there.
 * @throws LullError for a file that is there and can not be read: without it a changed key would look like a new server
 */
export function readKnownHosts(files: readonly string[]): readonly KnownHost[] {
  return files.flatMap((file) => {
    try {
      return parseKnownHosts(readSmallFile(file, LARGEST)?.toString("utf8") ?? "", file);
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
      throw fromSystem(error, `read ${file}, which tells the keys of servers`);
    }
  });
}

/** Adds a line at the end. Others append to this file too, so that it is never written anew. */
export function addKnownHost(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    appendFileSync(file, `${endsInLineBreak(file) ? "" : "\n"}${line}`, { mode: 0o600 });
  } catch (error) {
    throw fromSystem(error, `add a server to ${file}`);
  }
}

function endsInLineBreak(file: string): boolean {
  try {
    const text = readFileSync(file);
    return text.length === 0 || text.at(-1) === 0x0a;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw error;
  }
}
