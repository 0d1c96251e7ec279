/**
 * Watches the folders of its arguments as the daemon does, and writes JSON lines: `ready` once, then each change. With
 * `--runtime` first it watches by the runtime's recursive watcher instead, with `--nothing` nothing at all.
 */
import { watch } from "node:fs";

import { composeWatching } from "../../src/compose/watching.ts";
import { endStartUpInTime } from "../../src/base/start-up.ts";

const [way = "", ...rest] = process.argv.slice(2);
const directories = way.startsWith("--") ? rest : [way, ...rest];
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

endStartUpInTime();
const started = performance.now();
if (way === "--runtime") {
  for (const directory of directories) watch(directory, { recursive: true }, () => say({ kind: "changed" }));
} else if (way !== "--nothing") {
  const watching = composeWatching({ env: process.env });
  const watches = directories.map((directory) =>
    watching.watch({ directory, quietMs: 1, maxWaitMs: 1000 }, { emit: say }),
  );
  await Promise.all(watches.map(({ ready }) => ready));
}
say({ kind: "ready", ms: performance.now() - started });
setInterval(() => {}, 2 ** 30);
