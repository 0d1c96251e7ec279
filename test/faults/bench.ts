/**
 * `bun run bench:faults`: the long form of every test that proves that nothing is lost, and a table of what came out.
 *   --only=WORD,WORD  the rows whose name has one of the words
 *   --at-once=N       so many at the same time (default 2)
 *   --binary=PATH     kills and traces this one instead of building it anew
 *   --results=FILE    also appends each row to this file as soon as it is through, so that a run that was broken off goes
 *                     on with the rows that are missing there
 * `LULL_TEST_SEED` repeats a run. With a memory file system at /dev/shm the tests run there: what counts is the order of
 * calls, not the disk.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { SCENES, seed } from "./options.ts";

type Row = {
  readonly name: string;
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** One row for each scene, so that they run beside each other and can be repeated alone. */
function byScene(what: string, file: string, env: Row["env"] = {}): readonly Row[] {
  return SCENES.map((scene) => ({
    name: `${what}: ${scene}`,
    files: [`test/faults/${file}.test.ts`],
    env: { ...env, LULL_FAULTS_SCENE: scene },
  }));
}

const ROWS: readonly Row[] = [
  ...byScene("kill -9 at a call", "kill-points"),
  { name: "kill -9 at a call: resolve", files: ["test/faults/kill-points-resolve.test.ts"] },
  // Some end before the kill comes.
  {
    name: "kill -9 at random times",
    files: ["test/e2e/kill.e2e.test.ts"],
    env: { LULL_TEST_ROUNDS: "1200" },
  },
  ...byScene("power cuts", "power-cuts", { LULL_FAULTS_NAMES: "journal" }),
  ...byScene("power cuts, names by folder", "power-cuts", { LULL_FAULTS_NAMES: "strict" }),
  ...byScene("disk errors", "io-errors"),
  { name: "a disk that is really full", files: ["test/e2e/disk-full.e2e.test.ts"] },
  { name: "network faults", files: ["test/faults/network-faults.test.ts", "test/sync/http-faults.test.ts"] },
  { name: "bit flips", files: ["test/git/objects/damage-random.test.ts"] },
  ...[2, 3, 5].map((count) => ({
    name: `several devices: ${count}`,
    files: ["test/faults/devices.test.ts"],
    env: { LULL_FAULTS_DEVICES: String(count) },
  })),
  {
    name: "two writers",
    files: ["test/git/interop/two-writers.test.ts"],
    env: { LULL_TEST_RUNS: "20", LULL_TEST_COMMITS: "40" },
  },
  {
    name: "git beside lull",
    files: ["test/git/interop/beside-user-git.test.ts"],
    env: { LULL_TEST_COMMANDS: "500" },
  },
  { name: "edits during checkout, symlink races", files: ["test/faults/edits-during-checkout.test.ts"] },
  {
    name: "three-way merges",
    files: ["test/faults/random-merges.test.ts", "test/git/merge/random-merges.test.ts"],
    env: { LULL_TEST_CASES: "1000" },
  },
  { name: "kill -9 at a call: settings", files: ["test/faults/kill-points-settings.test.ts"] },
  { name: "restores into a dirty home", files: ["test/faults/random-restores.test.ts"] },
  {
    name: "malicious trees, strange repositories",
    files: [
      "test/git/checkout/malicious-trees.test.ts",
      "test/git/checkout/tree-names.test.ts",
      "test/git/interop/strange-repositories.test.ts",
      "test/e2e/user-git.e2e.test.ts",
    ],
  },
  {
    name: "fuzzed configs and wire inputs",
    files: ["test/config/hostile-config.test.ts", "test/faults/wire-fuzz.test.ts"],
  },
];

const root = resolve(import.meta.dir, "../..");
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    "at-once": { type: "string", default: "2" },
    binary: { type: "string" },
    results: { type: "string" },
  },
});

const scratch = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "lull-faults-"));
const binary = resolve(options.binary ?? join(scratch, process.platform === "win32" ? "lull.exe" : "lull"));
try {
  await runAll();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function runAll(): Promise<void> {
  console.log(`LULL_TEST_SEED=${seed}`);
  if (options.binary === undefined) build();
  const known =
    options.results !== undefined && existsSync(options.results) ? readFileSync(options.results, "utf8") : "";
  const waiting = ROWS.filter(({ name }) =>
    options.only.split(",").some((word) => name.includes(word)),
  ).filter(({ name }) => !known.includes(heading(name)));
  const lines: string[] = [];
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      const result = await runRow(row);
      lines.push(...result);
      console.log(result.join("\n"));
      if (options.results !== undefined) appendFileSync(options.results, `${result.join("\n")}\n`);
    }
  };
  await Promise.all(Array.from({ length: Number(options["at-once"]) }, worker));
  console.log(`\n| what | result |\n|---|---|\n${lines.join("\n")}`);
}

function build(): void {
  const command = [process.execPath, "scripts/build.ts", `--outfile=${binary}`];
  if (Bun.spawnSync(command, { cwd: root, stdout: "inherit", stderr: "inherit" }).exitCode !== 0)
    throw new Error("the binary could not be built");
}

function heading(name: string): string {
  return `| **${name}** |`;
}

async function runRow({ name, files, env }: Row): Promise<readonly string[]> {
  const child = Bun.spawn([process.execPath, "test", "--timeout", "7200000", ...files], {
    cwd: root,
    env: {
      ...process.env,
      ...env,
      TMPDIR: scratch,
      LULL_FAULTS: "long",
      LULL_TEST_SEED: String(seed),
      LULL_FAULTS_BINARY: binary,
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
  // Of a test that fails the runner prints what was said once more.
  const figures = new Set(
    [...output.matchAll(/^figure \| [^|]* \| ([^|]*) \|/gm)].map((found) => found[1] ?? ""),
  );
  const passed = /^ *(\d+) pass$/m.exec(output)?.[1] ?? "0";
  const failed = /^ *(\d+) fail$/m.exec(output)?.[1] ?? "?";
  return [
    `${heading(name)} ${passed} tests passed, ${failed} failed, seed ${seed} |`,
    ...[...figures].map((text) => `| | ${text} |`),
  ];
}
