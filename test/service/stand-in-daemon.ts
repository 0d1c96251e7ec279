/**
 * What a service manager sees of the daemon, without the daemon: ready, alive, reloading, ended. Notes what it was
 * started with, and stops to give signs of life after SIGUSR1.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { runProgram } from "../../src/platform/run-program.ts";
import { currentUmask } from "../../src/platform/service-facts.ts";
import { createServiceNotifier } from "../../src/platform/service-notifier.ts";

const notifier = createServiceNotifier({
  environment: process.env,
  processId: process.pid,
  run: runProgram,
});
const file = join(process.env["LULL_HOME"] ?? "", "started.json");
const started = { words: process.argv.slice(2), umask: currentUmask(), home: process.env["LULL_HOME"] };
writeFileSync(file, JSON.stringify(started));
notifier.status("3 sources\nnext sync at 14:05");
notifier.ready();
const signs =
  notifier.watchdogIntervalMs === undefined
    ? undefined
    : setInterval(() => notifier.alive(), notifier.watchdogIntervalMs);
const alive = setInterval(() => {}, 60_000);
process.on("SIGUSR1", () => clearInterval(signs));
process.on("SIGHUP", () => {
  notifier.reloading();
  notifier.status("reloaded");
  notifier.ready();
});
process.on("SIGTERM", () => {
  notifier.stopping();
  clearInterval(signs);
  clearInterval(alive);
});
