/**
 * `bun run bench:merge -- <repository>`: replays the merge commits of a repository and compares what lull makes of
 * the two parents with what system git makes of them (`git merge-tree`, its `ort` strategy, default settings): the
 * same tree where git merges cleanly, the same conflicting paths where it does not. Prints every difference and
 * keeps a section of `test/bench/merge-results.md`. The repository is only read.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { listMerges } from "./merge-list.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { replay } from "./replay.ts";
import { differenceLines, keepResult, summary } from "./report.ts";

let options: Options | undefined;
try {
  options = parseOptions(process.argv.slice(2));
} catch (error) {
  console.error(`Error: ${error instanceof Error ? error.message : String(error)}\nHint: ${USAGE}`);
  process.exitCode = 2;
}
if (options !== undefined) run(options);

function run(given: Options): void {
  const inner = join(given.repository, ".git");
  const chosen = existsSync(inner) ? { ...given, repository: inner } : given;
  const list = listMerges(chosen);
  console.log(
    `${chosen.name}: ${list.merges.length} of ${list.total} merges, ${list.octopus} with more parents left out`,
  );
  const started = performance.now();
  const result = replay(chosen.repository, list.merges, (done, differences) => {
    for (const difference of differences) console.log(differenceLines(difference).join("\n"));
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(`${done} of ${list.merges.length}, ${seconds.toFixed(0)} s\n`);
  });
  for (const failure of result.gitFailures) console.log(failure);
  console.log(`\n${summary(chosen, list, result)}`);
  if (chosen.keep) keepResult(chosen, list, result);
}
