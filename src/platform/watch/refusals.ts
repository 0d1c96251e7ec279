/** Why the system does not watch, in words, with what a person can do about it. */
import { readFileSync } from "node:fs";

import type { WatchRefusal } from "./folder-watcher.ts";

/** More folders than most people have. */
const ENOUGH_FOLDERS = 524_288;
const ENOUGH_WATCHERS = 512;

/** There are two, the user's and that of the user namespace (in a container); the smaller one counts. */
type Limit = { readonly setting: string; readonly value: number | undefined };

export function watchLimit(): WatchRefusal {
  const limit = smaller("fs.inotify.max_user_watches", "user.max_inotify_watches");
  return {
    code: "WATCH_LIMIT",
    message: `the system's limit of watched folders${inNumbers(limit)} is used up`,
    hint: raise(limit, ENOUGH_FOLDERS),
  };
}

export function watcherLimit(): WatchRefusal {
  const limit = smaller("fs.inotify.max_user_instances", "user.max_inotify_instances");
  return {
    code: "WATCHER_LIMIT",
    message: `the system's limit of programs that watch folders${inNumbers(limit)} is used up`,
    hint: raise(limit, ENOUGH_WATCHERS),
  };
}

export function watchFailed(message: string): WatchRefusal {
  return { code: "WATCH_FAILED", message, hint: undefined };
}

function raise({ setting, value }: Limit, enough: number): string {
  const wanted = `${setting}=${Math.max(enough, (value ?? 0) * 2)}`;
  return `raise it with \`sudo sysctl ${wanted}\`, for good with that setting in a file in /etc/sysctl.d`;
}

function inNumbers({ value }: Limit): string {
  return value === undefined ? "" : ` (${value})`;
}

function smaller(usual: string, inNamespace: string): Limit {
  const value = valueOf(usual);
  const other = valueOf(inNamespace);
  return value === undefined || other === undefined || other >= value
    ? { setting: usual, value }
    : { setting: inNamespace, value: other };
}

function valueOf(setting: string): number | undefined {
  try {
    const value = Number(readFileSync(`/proc/sys/${setting.replaceAll(".", "/")}`, "utf8"));
    return Number.isSafeInteger(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
