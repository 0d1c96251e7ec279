import type { Timers } from "../../base/timers.ts";
import { currentSystem } from "../system.ts";
import type { FolderWatcher } from "./folder-watcher.ts";
import { canUseInotify } from "./inotify.ts";
import { InotifyWatcher } from "./inotify-watcher.ts";
import { RuntimeWatcher } from "./runtime-watcher.ts";

/** Returns the best that this system has; nothing is watched yet. */
export function openFolderWatcher(timers: Timers): FolderWatcher {
  return currentSystem() === "linux" && canUseInotify() ? new InotifyWatcher(timers) : new RuntimeWatcher();
}
