/**
 * A day of a daemon in fast time, as one process: real queue, schedules, history and gate over a real database, turned
 * clocks, workers that answer at once. Prints what the process uses after each tenth, as JSON.
 */
import { statSync } from "node:fs";

import { makeRig, REMOTE, testConfig } from "../../daemon/rig.ts";

const SOURCES = 20;
const SYNCS = 10_000;
const DAY_MS = 24 * 3_600_000;
/** Two thirds by schedule, one third by file changes. */
const SCHEDULED = Math.round((SYNCS * 2) / 3);

const everyMs = Math.round((DAY_MS * SOURCES) / SCHEDULED);
const sources = Object.fromEntries(
  Array.from({ length: SOURCES }, (_, number) => [
    `source-${number}`,
    {
      schedule: `every ${Math.round(everyMs / 1000)}s`,
      remotes: number % 2 === 0 ? [REMOTE] : [],
      watch: { quietMs: 5000, maxWaitMs: 60_000 },
      when: { load: 4, maxDeferMs: 3_600_000 },
    },
  ]),
);
const rig = makeRig(testConfig(sources));
// What a long life would gather in the test's own hands is not the daemon's.
rig.events.push = () => 0;
rig.told.push = () => 0;
rig.syncs.push = () => ++syncs;
let syncs = 0;
rig.controls.result = ({ cause }) => (cause === "change" ? { outcome: "synced" } : { outcome: "up-to-date" });
await rig.daemon.start();
const changes = SYNCS - SCHEDULED;
const stepMs = Math.floor(DAY_MS / changes);
const started = performance.now();
for (let change = 1; change <= changes; change++) {
  await rig.timers.pass(stepMs);
  const name = `source-${change % SOURCES}`;
  rig.watches.get(name)?.emit({ kind: "changed", paths: [`note-${change}.md`], since: rig.clock.now() });
  for (const child of rig.children) child.orders.length = 0;
  if (change % Math.round(changes / 10) !== 0) continue;
  Bun.gc(true);
  console.log(
    JSON.stringify({
      syncs,
      hours: (change * stepMs) / 3_600_000,
      residentMb: process.memoryUsage.rss() / 1e6,
      heapMb: process.memoryUsage().heapUsed / 1e6,
      databaseMb: statSync(`${rig.state}/lull.db`).size / 1e6,
      secondsOfWork: (performance.now() - started) / 1000,
    }),
  );
}
await rig.stop();
