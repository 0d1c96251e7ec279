/**
 * `npm run bench [-- name…] [-- --repository owner/name=path]`: builds lull, measures it beside the programs that people compare it with, and writes the
 * tables to the terminal and to `test/bench/results.md`. Figures are for reading, never for passing or failing.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { checkedOutCommit } from "../../scripts/gate/git-commit.ts";
import { root, run } from "../../scripts/gate/process.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { historyBenchmark } from "./engine/history-benchmark.ts";
import { maintenanceBenchmark } from "./engine/maintenance-benchmark.ts";
import { treeBenchmarks } from "./engine/tree-benchmarks.ts";
import { daemonBenchmarks } from "./daemon/daemon-benchmarks.ts";
import { gathering } from "./gather.ts";
import { noChange } from "./no-change.ts";
import { queueBenchmark } from "./queue.ts";
import { startUp } from "./start-up.ts";
import { transportBenchmark } from "./transport/transport-benchmark.ts";
import { watching } from "./watch.ts";

const BENCHMARKS: readonly Benchmark[] = [
  startUp,
  noChange,
  gathering,
  queueBenchmark,
  watching,
  ...treeBenchmarks,
  historyBenchmark,
  maintenanceBenchmark,
  transportBenchmark,
  ...daemonBenchmarks,
];
const RESULTS = join(import.meta.dir, "results.md");

const { values: options, positionals: chosen } = parseArgs({
  options: { repository: { type: "string", multiple: true, default: [] } },
  allowPositionals: true,
});
const unknown = chosen.filter((name) => BENCHMARKS.every((benchmark) => benchmark.name !== name));
if (unknown.length > 0) {
  console.error(
    `Error: no benchmark ${unknown.join(", ")}\nHint: choose from ${BENCHMARKS.map(({ name }) => name).join(", ")}`,
  );
  process.exitCode = 2;
} else {
  const compiled = mkdtempSync(join(tmpdir(), "lull-bench-binaries-"));
  try {
    await runAll(compiled);
  } finally {
    rmSync(compiled, { recursive: true });
  }
}

async function runAll(compiled: string): Promise<void> {
  const context: BenchmarkContext = {
    binary: await lullBinary(compiled),
    compile: (entry) => build(entry, join(compiled, basename(entry, ".ts"))),
    repositories: new Map(options.repository.map(nameAndPath)),
  };
  for (const benchmark of BENCHMARKS.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
    const table = await benchmark.run(context);
    console.log(`\n${benchmark.name}: ${benchmark.about}\n\n${table}`);
    keep(benchmark, table);
  }
  console.log("\nWritten to test/bench/results.md");
}

/** `LULL_BENCH_BINARY`, or a fresh build of what is checked out. */
async function lullBinary(folder: string): Promise<string> {
  const given = process.env["LULL_BENCH_BINARY"];
  return given === undefined || given === "" ? build("src/main.ts", join(folder, "lull")) : resolve(given);
}

async function build(entry: string, outfile: string): Promise<string> {
  const executable = process.platform === "win32" ? `${outfile}.exe` : outfile;
  const { code, output } = await run([
    process.execPath,
    "scripts/build.ts",
    `--entry=${entry}`,
    `--outfile=${executable}`,
  ]);
  if (code !== 0) throw new Error(`the build failed:\n${output}`);
  return executable;
}

/** `owner/name=path` */
function nameAndPath(text: string): [string, string] {
  const [name = "", path = ""] = text.split("=");
  return [name, resolve(path)];
}

/** Replaces this benchmark's section in the results; the others stay, each with the machine it was measured on. */
function keep(benchmark: Benchmark, table: string): void {
  const commit = checkedOutCommit(root)?.slice(0, 12) ?? "no commit";
  const day = new Date().toISOString().slice(0, 10);
  const cpu = cpus();
  const machine = `${cpu.length} × ${cpu[0]?.model.trim() ?? "unknown processor"}, ${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  const section = `## ${benchmark.name}\n\n${benchmark.about}\n\n${table}\n\n${day}, ${commit}, ${process.platform} ${process.arch}, ${machine}\n`;
  const before = existsSync(RESULTS)
    ? readFileSync(RESULTS, "utf8")
        .split(/^(?=## )/m)
        .slice(1)
    : [];
  const others = before
    .map((text) => `${text.trimEnd()}\n`)
    .filter((text) => !text.startsWith(`## ${benchmark.name}\n`));
  const sections = [...others, section].sort(byOrder);
  writeFileSync(
    RESULTS,
    `# Benchmarks\n\nWritten by \`npm run bench\`. Medians of paired runs; the ratio is to the first row.\n\n${sections.join("\n")}`,
  );
}

function byOrder(a: string, b: string): number {
  const position = (section: string): number =>
    BENCHMARKS.findIndex(({ name }) => section.startsWith(`## ${name}\n`));
  return position(a) - position(b);
}
