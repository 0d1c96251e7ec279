/** The daemon: what it costs while nothing happens, how soon an edit is pushed, and whether it grows in a long life. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { tempHome, type TempHome } from "../../helpers/temp-home.ts";
import { removeTemporary } from "../../helpers/temporary.ts";
import type { Benchmark } from "../benchmark.ts";
import { runCommand } from "../measure.ts";
import { processFigures } from "./process-figures.ts";

const SOURCES = 20;
const FOLDERS = 50;
const FILES = 500;
/** Workers stay for a minute; by then the daemon has given back what only its start has touched. */
const SETTLE_MS = 240_000;
const IDLE_MS = 60_000;
const GIVE_UP_MS = 30_000;

type Running = { readonly pid: number; stop(): Promise<void> };

export const daemonBenchmarks: readonly Benchmark[] = [
  {
    name: "daemon-idle",
    about: `The daemon alone, ${SOURCES} watched sources of ${FILES} files in ${FOLDERS} folders each, while nothing happens for ${IDLE_MS / 1000} s. Goals: at most 45 MB resident, at most 1 wake-up a second, processor time below 0.1 %, no process of the engine.`,
    run: async ({ binary }) => {
      const place = tempHome({ LULL_DEVICE: "laptop" });
      try {
        for (let number = 0; number < SOURCES; number++) makeSource(place, binary, number);
        setting(place, binary, "defaults.watch", "true");
        const daemon = await start(place, binary);
        await Bun.sleep(SETTLE_MS);
        const before = processFigures(daemon.pid);
        await Bun.sleep(IDLE_MS);
        const after = processFigures(daemon.pid);
        const children = await childrenOf(daemon.pid);
        await daemon.stop();
        const cpu = (after.cpuSeconds - before.cpuSeconds) / (IDLE_MS / 1000);
        return table([
          ["resident", `${after.residentMb.toFixed(1)} MB`, "45 MB"],
          ["proportional share", `${after.proportionalMb.toFixed(1)} MB`, ""],
          ["wake-ups a second", ((after.sleeps - before.sleeps) / (IDLE_MS / 1000)).toFixed(2), "1"],
          ["processor", `${(cpu * 100).toFixed(3)} %`, "0.1 %"],
          ["processes of the engine", String(children), "0"],
        ]);
      } finally {
        removeTemporary();
      }
    },
  },
  {
    name: "daemon-edit",
    about:
      "From saving a file until the remote has it, less the quiet period of 1 s; 20 edits of one source of 1,000 files, 3 s apart. Goal: 1 s.",
    run: async ({ binary }) => {
      const place = tempHome({ LULL_DEVICE: "laptop" });
      try {
        const remote = makeSource(place, binary, 0, 1000);
        setting(place, binary, "sources.source-0.watch", "{ quiet: 1s }");
        const daemon = await start(place, binary);
        await Bun.sleep(3000);
        const times: number[] = [];
        for (let edit = 0; edit < 20; edit++) {
          const began = performance.now();
          // Another file each time: one that never rests is slowed down on purpose.
          const path = `folder-${edit}/edited.md`;
          writeFileSync(join(place.home, "source-0", path), `edit ${edit}\n`);
          while (shown(remote, path) !== `edit ${edit}`) {
            if (performance.now() - began > GIVE_UP_MS) throw new Error(`edit ${edit} was not pushed`);
            await Bun.sleep(5);
          }
          times.push(performance.now() - began - 1000);
          await Bun.sleep(3000);
        }
        await daemon.stop();
        times.sort((a, b) => a - b);
        return table([
          ["median", `${Math.round(times[10] ?? 0)} ms`, "1000 ms"],
          ["slowest", `${Math.round(times.at(-1) ?? 0)} ms`, "1000 ms"],
        ]);
      } finally {
        removeTemporary();
      }
    },
  },
  {
    name: "daemon-soak",
    about: `A day of ${SOURCES} sources and 10,000 syncs in fast time in one process (workers answer at once): memory after each tenth. Goal: no growth.`,
    run: async ({ compile }) => {
      const soak = await compile("test/bench/daemon/soak.ts");
      const child = Bun.spawn([soak], { stdout: "pipe", stderr: "inherit" });
      const lines = (await new Response(child.stdout).text()).trim().split("\n");
      const rows = lines.map((line) => JSON.parse(line) as Readonly<Record<string, number>>);
      const mega = (value: number | undefined): string => (value ?? 0).toFixed(1);
      return [
        "| syncs | hours | resident | heap | database | work |",
        "|---|---|---|---|---|---|",
        ...rows.map(
          (row) =>
            `| ${row["syncs"]} | ${mega(row["hours"])} | ${mega(row["residentMb"])} MB | ${mega(row["heapMb"])} MB | ${mega(row["databaseMb"])} MB | ${mega(row["secondsOfWork"])} s |`,
        ),
      ].join("\n");
    },
  },
];

/** Returns the path of its remote. */
function makeSource(place: TempHome, binary: string, number: number, files = FILES): string {
  const name = `source-${number}`;
  const folder = join(place.home, name);
  for (let file = 0; file < files; file++) {
    const inner = join(folder, `folder-${file % FOLDERS}`);
    mkdirSync(inner, { recursive: true });
    writeFileSync(join(inner, `note-${file}.md`), `note ${file} of ${number}\n`);
  }
  lull(place, binary, ["add", name]);
  lull(place, binary, ["sync", name]);
  return join(place.dataDirectory, "remotes", `${name}.git`);
}

function setting(place: TempHome, binary: string, key: string, value: string): void {
  lull(place, binary, ["config", "set", key, value]);
}

function lull(place: TempHome, binary: string, args: readonly string[]): void {
  runCommand({ name: "lull", argv: [binary, ...args], cwd: place.home, env: place.env });
}

async function start(place: TempHome, binary: string): Promise<Running> {
  const child = Bun.spawn([binary, "daemon", "run", "--background"], {
    cwd: place.home,
    env: { ...place.env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  return {
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
    },
  };
}

async function childrenOf(pid: number): Promise<number> {
  const text = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return text.split(" ").filter((word) => word.trim() !== "").length;
}

function shown(remote: string, path: string): string {
  const { stdout } = Bun.spawnSync(["git", "-C", remote, "show", `main:${path}`], {
    stderr: "ignore",
  });
  return stdout.toString().trim();
}

function table(rows: readonly (readonly [string, string, string])[]): string {
  return [
    "| | measured | goal |",
    "|---|---|---|",
    ...rows.map(([name, measured, goal]) => `| ${name} | ${measured} | ${goal} |`),
  ].join("\n");
}
