/**
 * `bun run bench:faults`: the long form of every test that proves that nothing is lost, and a table of what came out.
 *   --only=WORD      the rows whose name has the word
 *   --at-once=N      so many at the same time (default 2)
 * `LULL_TEST_SEED` repeats a run. With a memory file system at /dev/shm the tests run there: what counts is the order of
 * calls, not the disk.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { seed } from "./options.ts";

type Row = {
  readonly name: string;
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

const ROWS: readonly Row[] = [
  { name: "kill -9 at every call", files: ["test/faults/kill-points.test.ts"] },
  {
    name: "kill -9 at random times",
    files: ["test/e2e/kill.e2e.test.ts"],
    env: { LULL_TEST_ROUNDS: "1000" },
  },
  { name: "power cuts", files: ["test/faults/power-cuts.test.ts"] },
  { name: "disk errors", files: ["test/faults/io-errors.test.ts", "test/e2e/disk-full.e2e.test.ts"] },
  {
    name: "network faults, bit flips",
    files: ["test/sync/http-faults.test.ts", "test/git/objects/damage-random.test.ts", "test/git/wire"],
  },
  { name: "several devices", files: ["test/faults/devices.test.ts"] },
  {
    name: "two lulls, and git beside",
    files: ["test/git/interop/two-writers.test.ts", "test/git/interop/beside-user-git.test.ts"],
    env: { LULL_TEST_RUNS: "20", LULL_TEST_COMMITS: "40", LULL_TEST_COMMANDS: "500" },
  },
  { name: "edits during checkout, symlink races", files: ["test/faults/edits-during-checkout.test.ts"] },
  {
    name: "three-way merges",
    files: ["test/faults/random-merges.test.ts", "test/git/merge/random-merges.test.ts"],
    env: { LULL_TEST_CASES: "1000" },
  },
  {
    name: "malicious trees, strange repositories and files",
    files: [
      "test/git/checkout/malicious-trees.test.ts",
      "test/git/checkout/tree-names.test.ts",
      "test/git/interop/strange-repositories.test.ts",
      "test/e2e/user-git.e2e.test.ts",
    ],
  },
];

const root = resolve(import.meta.dir, "../..");
const { values: options } = parseArgs({
  options: { only: { type: "string", default: "" }, "at-once": { type: "string", default: "2" } },
});

const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "lull-faults-"));
const binary = join(scratch, process.platform === "win32" ? "lull.exe" : "lull");
try {
  await runAll();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function runAll(): Promise<void> {
  console.log(`LULL_TEST_SEED=${seed}`);
  const build = [process.execPath, "scripts/build.ts", `--outfile=${binary}`];
  if (Bun.spawnSync(build, { cwd: root, stdout: "inherit", stderr: "inherit" }).exitCode !== 0)
    throw new Error("the binary could not be built");
  const waiting = ROWS.filter(({ name }) => name.includes(options.only));
  const lines: string[] = [];
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const result = await runRow(row);
      lines.push(...result);
      console.log(result.join("\n"));
    }
  };
  await Promise.all(Array.from({ length: Number(options["at-once"]) }, worker));
  console.log(`\n| what | result |\n|---|---|\n${lines.join("\n")}`);
}

async function runRow({ name, files, env }: Row): Promise<readonly string[]> {
  const child = Bun.spawn([process.execPath, "test", "--timeout", "600000", ...files], {
    cwd: root,
    env: {
      ...process.env,
      ...env,
      TMPDIR: scratch,
      LULL_FAULTS: "long",
      LULL_TEST_SEED: String(seed),
      LULL_E2E_BINARY: binary,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const output = `${stdout}\n${stderr}`;
  if (code !== 0) {
    process.exitCode = 1;
    console.log(output);
  }
  const figures = [...output.matchAll(/^figure \| [^|]* \| ([^|]*) \|/gm)].map((found) => found[1] ?? "");
  const passed = /^ *(\d+) pass$/m.exec(output)?.[1] ?? "0";
  const failed = /^ *(\d+) fail$/m.exec(output)?.[1] ?? "?";
  return [
    `| **${name}** | ${passed} tests passed, ${failed} failed |`,
    ...figures.map((text) => `| | ${text} |`),
  ];
}
