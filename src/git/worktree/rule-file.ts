/**
 * Reads the small files that steer the scan (`.gitignore`, `.gitattributes`, `info/exclude` …). They come from
 * other people: nothing here blocks on a FIFO or follows a link out of the work tree.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

import { mayExist } from "../../base/may-exist.ts";

/** Git reads no attributes file beyond this; for ignore files it keeps a hostile file from eating the memory. */
const LARGEST_RULE_FILE = 100 * 1024 * 1024;

/** Returns a regular file's bytes as a latin1 string without a UTF-8 byte order mark; undefined for all else. */
export function readRuleFile(path: string | Buffer, links: "follow" | "refuse"): string | undefined {
  let handle: number;
  if (!mayExist(path)) return undefined;
  try {
    const noFollow = links === "refuse" ? constants.O_NOFOLLOW : 0;
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile() || stats.size > LARGEST_RULE_FILE) return undefined;
    return ruleText(readFileSync(handle));
  } catch {
    return undefined;
  } finally {
    closeSync(handle);
  }
}

/** The same for bytes that come from the index. */
export function ruleText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  return text.startsWith("\xef\xbb\xbf") ? text.slice(3) : text;
}
