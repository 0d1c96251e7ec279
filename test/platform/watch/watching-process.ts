/** `bun watching-process.ts FOLDER`: watches it and writes what is told, a JSON line each, until it is refused. */
import { systemTimers } from "../../../src/base/timers.ts";
import { InotifyWatcher } from "../../../src/platform/watch/inotify-watcher.ts";

const [, , folder = ""] = process.argv;
const watcher = new InotifyWatcher(systemTimers);
const tree = watcher.watchTree({
  directory: folder,
  isLeftOut: () => false,
  tell: (event) => {
    console.log(JSON.stringify(event));
    if (event.kind === "refused") watcher[Symbol.dispose]();
  },
});
await tree.ready;
console.log(JSON.stringify({ kind: "ready" }));
