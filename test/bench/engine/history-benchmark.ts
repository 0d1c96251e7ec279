/** The engine over histories: a log, the index of a pack full of deltas, and one object of a large pack. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { git, gitRaw } from "../../helpers/system-git.ts";
import type { Benchmark } from "../benchmark.ts";
import { runCommand } from "../measure.ts";
import { binaryDataset } from "./dataset.ts";
import { WARM_ROUNDS } from "./operations.ts";
import { measureOperation, type Operation, type OperationResult } from "./operation.ts";
import { renderOperations } from "./operation-table.ts";
import { BenchPlace } from "./place.ts";
import { DRIVER } from "./tree-benchmarks.ts";

const COMMITS = 1000;
const RUNS = 9;
const SLOW_RUNS = 5;
/** 600 MB in one pack. */
const BIG_FILES = 30;

export const historyBenchmark: Benchmark = {
  name: "engine-history",
  about: `The engine over histories beside git ("same process": one that has done it ${WARM_ROUNDS.look} times before). Packs of public repositories are measured when they are given (\`--repository owner/name=path\`).`,
  run: async ({ compile, repositories }) => {
    await using place = await BenchPlace.open(await compile(DRIVER));
    const results: OperationResult[] = [];
    for (const kind of ["packed", "loose"] as const)
      results.push(await measureOperation(log(place, kind), { runs: RUNS }));
    results.push(await measureOperation(warmLog(place), { runs: RUNS }));
    results.push(await measureOperation(readOne(place), { runs: RUNS }));
    for (const [name, path] of repositories) {
      results.push(await measureOperation(indexPack(place, name, path), { runs: SLOW_RUNS }));
    }
    return renderOperations(results);
  },
};

function log(place: BenchPlace, kind: "packed" | "loose"): Operation {
  const folder = `log-${kind}`;
  git(place.path(), "init", "-q", "-b", "main", place.path(folder));
  gitRaw(place.path(folder), ["fast-import", "--quiet"], { input: history(COMMITS + 500) });
  if (kind === "loose") unpack(place.path(folder));
  return {
    name: `log of ${COMMITS} commits, ${kind}`,
    goal: { ratio: 1.2 },
    git: place.git(folder, `git log --format=%H%n%an%n%ct%n%B -${COMMITS} main`),
    lull: place.lull("log", place.path(folder), String(COMMITS)),
  };
}

function warmLog(place: BenchPlace): Operation {
  const warm = place.warm(place.path("log-packed"));
  return {
    name: `log of ${COMMITS} commits, packed, same process`,
    goal: { ratio: 1.2 },
    warmUp: WARM_ROUNDS.look,
    git: place.git("log-packed", `git log --format=%H%n%an%n%ct%n%B -${COMMITS} main`),
    lull: { name: "lull", once: () => warm.ask("log"), peak: () => warm.peak() },
  };
}

/** A line of commits that each change one of a hundred notes. */
function history(commits: number): string {
  const lines: string[] = [];
  for (let number = 1; number <= commits; number++) {
    const note = `# Note ${number}\n`;
    lines.push(
      "commit refs/heads/main",
      `committer Ada <ada@example.com> ${1_700_000_000 + number * 60} +0000`,
      "data 14",
      "change a note\n",
      `M 100644 inline area-${number % 10}/note-${number % 100}.md`,
      `data ${note.length}`,
      note,
    );
  }
  return `${lines.join("\n")}\n`;
}

function unpack(repository: string): void {
  const folder = join(repository, ".git/objects/pack");
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".pack"))) {
    const pack = readFileSync(join(folder, name));
    for (const extension of [".pack", ".idx"]) {
      rmSync(join(folder, name.replace(/\.pack$/, extension)), { force: true });
    }
    gitRaw(repository, ["unpack-objects", "-q"], { input: pack });
  }
}

/** The smallest object of a pack of 600 MB. */
function readOne(place: BenchPlace): Operation {
  place.writeDataset(binaryDataset(BIG_FILES), "large");
  const settings = "-c core.compression=0 -c pack.window=0";
  runCommand(
    place.git(
      "large",
      `git init -q -b main && echo note > note.md && git ${settings} add -A && git commit -qm all && git ${settings} repack -adq`,
    ),
  );
  const note = git(place.path("large"), "rev-parse", "HEAD:note.md");
  return {
    name: "one object of a 600 MB pack",
    goal: { megabytes: 100 },
    git: place.git("large", `git cat-file blob ${note}`),
    lull: place.lull("read", place.path("large"), note),
  };
}

function indexPack(place: BenchPlace, name: string, path: string): Operation {
  const pack = place.path("history.pack");
  runCommand(place.git(".", `git -C ${path} pack-objects --all --stdout --revs -q </dev/null > ${pack}`));
  const fresh = (folder: string) => () => {
    place.remove(folder);
    git(place.path(), "init", "-q", "-b", "main", place.path(folder));
  };
  return {
    name: `index-pack of ${name}`,
    goal: { ratio: 1.5 },
    git: { ...place.git("index-git", `git index-pack --stdin < ${pack}`), before: fresh("index-git") },
    lull: { ...place.lull("index-pack", place.path("index-lull"), pack), before: fresh("index-lull") },
  };
}
