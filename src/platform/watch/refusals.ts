/** Why the system does not watch, in words, with what a person can do about it. */
import { readFileSync } from "node:fs";

import type { WatchRefusal } from "./folder-watcher.ts";

const LIMITS = "/proc/sys/fs/inotify";

export function watchLimit(): WatchRefusal {
  const limit = limitOf("max_user_watches");
  return {
    code: "WATCH_LIMIT",
    message: `the system's limit of watched folders${inNumbers(limit)} is used up`,
    hint: raise("max_user_watches", Math.max(524_288, (limit ?? 0) * 2)),
  };
}

export function watcherLimit(): WatchRefusal {
  const limit = limitOf("max_user_instances");
  return {
    code: "WATCHER_LIMIT",
    message: `the system's limit of programs that watch folders${inNumbers(limit)} is used up`,
    hint: raise("max_user_instances", Math.max(512, (limit ?? 0) * 2)),
  };
}

export function watchFailed(message: string): WatchRefusal {
  return { code: "WATCH_FAILED", message, hint: undefined };
}

function raise(name: string, value: number): string {
  const setting = `fs.inotify.${name}=${value}`;
  return `raise it with \`sudo sysctl ${setting}\`, for good with that setting in a file in /etc/sysctl.d`;
}

function inNumbers(limit: number | undefined): string {
  return limit === undefined ? "" : ` (${limit})`;
}

function limitOf(name: string): number | undefined {
  try {
    const limit = Number(readFileSync(`${LIMITS}/${name}`, "utf8"));
    return Number.isSafeInteger(limit) ? limit : undefined;
  } catch {
    return undefined;
  }
}
