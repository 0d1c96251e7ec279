/** What it costs to watch 20 sources of 2,500 folders each: to set up, to hold, to do nothing, and to notice an edit. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { temporaryDirectory } from "../helpers/system-git.ts";
import { removeTemporary } from "../helpers/temporary.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { median } from "./measure.ts";
import { renderCells } from "./table.ts";

const SOURCES = 20;
/** Each with so many inside; with their parents and `node_modules` 2,500 that count and 500 that are ignored. */
const FOLDERS = 50;
const FOLDERS_INSIDE = 49;
const IGNORED_FOLDERS = 500;
/** The runtime looks for garbage every second until nothing has changed for half a minute. */
const SETTLE_MS = 45_000;
const IDLE_MS = 30_000;
const EDITS = 30;
/** Of Linux, ticks in a second (`getconf CLK_TCK`). */
const TICKS = 100;

const SUBJECTS = [
  { name: "a process that watches nothing", way: "--nothing", env: {} },
  { name: "the runtime's recursive watcher", way: "--runtime", env: {} },
  { name: "lull", way: "--lull", env: {} },
  { name: "lull without the optimizing compiler", way: "--lull", env: { BUN_JSC_useDFGJIT: "0" } },
] as const;

const HEAD = [
  "process",
  "ready after",
  "resident",
  "of that its own",
  "processor when idle",
  "wake-ups a second",
  "an edit is noticed after",
];

export const watching: Benchmark = {
  name: "watching",
  about: `A process that watches ${SOURCES} sources with ${((SOURCES * FOLDERS * (FOLDERS_INSIDE + 1)) / 1000).toFixed(0)},000 folders, beside ${((SOURCES * IGNORED_FOLDERS) / 1000).toFixed(0)},000 in \`node_modules\`. Goals: with all of the daemon at most 45 MB, one wake-up a second and 0.1 % of a processor when idle.`,
  run: async (context) => {
    if (!existsSync("/proc/self/task")) return "Measured on Linux only.";
    try {
      return await compare(context);
    } finally {
      removeTemporary();
    }
  },
};

async function compare(context: BenchmarkContext): Promise<string> {
  const binary = await context.compile("test/bench/watching-process.ts");
  const sources = makeSources();
  const rows: (readonly string[])[] = [];
  for (const { name, way, env } of SUBJECTS) {
    const found = await measureOne([binary, way, ...sources], env, way === "--nothing" ? undefined : sources);
    rows.push([
      name,
      `${found.readyMs.toFixed(0)} ms`,
      megabytes(found.resident),
      megabytes(found.own),
      `${found.processor.toFixed(3)} %`,
      found.wakeUps.toFixed(2),
      found.latencyMs === undefined ? "" : `${found.latencyMs.toFixed(1)} ms`,
    ]);
  }
  return renderCells(HEAD, rows);
}

function makeSources(): readonly string[] {
  const top = temporaryDirectory();
  return Array.from({ length: SOURCES }, (_, source) => {
    const directory = join(top, `source-${source}`);
    for (let folder = 0; folder < FOLDERS; folder++) {
      for (let inside = 0; inside < FOLDERS_INSIDE; inside++)
        mkdirSync(join(directory, `folder-${folder}`, `inside-${inside}`), { recursive: true });
      writeFileSync(join(directory, `folder-${folder}`, "note.md"), "1\n");
    }
    for (let module = 0; module < IGNORED_FOLDERS; module++)
      mkdirSync(join(directory, "node_modules", `module-${module}`), { recursive: true });
    writeFileSync(join(directory, ".gitignore"), "node_modules/\n");
    for (const folder of ["refs/heads", "objects"])
      mkdirSync(join(directory, ".git", folder), { recursive: true });
    writeFileSync(join(directory, ".git", "HEAD"), "ref: refs/heads/main\n");
    return directory;
  });
}

type Figures = {
  readonly readyMs: number;
  readonly resident: number;
  readonly own: number;
  readonly processor: number;
  readonly wakeUps: number;
  readonly latencyMs: number | undefined;
};

async function measureOne(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  sources: readonly string[] | undefined,
): Promise<Figures> {
  const child = Bun.spawn([...argv], { env: { ...process.env, ...env }, stdout: "pipe" });
  const lines = linesOf(child.stdout);
  try {
    const ready = await nextOf(lines, "ready");
    await Bun.sleep(SETTLE_MS);
    const before = countersOf(child.pid);
    await Bun.sleep(IDLE_MS);
    const after = countersOf(child.pid);
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    return {
      readyMs: Number(ready["ms"]),
      resident: kilobytes(status, "VmRSS"),
      own: kilobytes(status, "RssAnon"),
      processor: ((after.ticks - before.ticks) / TICKS / (IDLE_MS / 1000)) * 100,
      wakeUps: (after.switches - before.switches) / (IDLE_MS / 1000),
      latencyMs: sources === undefined ? undefined : await latency(lines, sources),
    };
  } finally {
    child.kill();
    await child.exited;
  }
}

/** From the write to the line that tells of it. */
async function latency(lines: AsyncGenerator<Line>, sources: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (let edit = 0; edit < EDITS; edit++) {
    const file = join(sources[edit % sources.length] ?? "", `folder-${edit % FOLDERS}`, "note.md");
    const start = performance.now();
    appendFileSync(file, "more\n");
    await nextOf(lines, "changed");
    times.push(performance.now() - start);
    // The runtime tells of one edit several times.
    await Bun.sleep(300);
  }
  return median(times);
}

type Line = Readonly<Record<string, unknown>>;

async function nextOf(lines: AsyncGenerator<Line>, kind: string): Promise<Line> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the process ended before it said "${kind}"`);
    const line = value as Line;
    if (line["kind"] === kind) return line;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let text = "";
  for await (const chunk of stream) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      yield JSON.parse(text.slice(0, end)) as Line;
      text = text.slice(end + 1);
    }
  }
}

/** Of all threads: how often they were given the processor again, and how long they had it. */
function countersOf(pid: number): { readonly switches: number; readonly ticks: number } {
  let switches = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    switches += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  }
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return { switches, ticks: Number(fields[11]) + Number(fields[12]) };
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

function megabytes(kilobytes: number): string {
  return `${(kilobytes / 1024).toFixed(1)} MB`;
}
