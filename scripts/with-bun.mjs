#!/usr/bin/env node
// Runs a TypeScript file of this project (or, as `test`, some of its tests) with the pinned Bun, on a machine that may have only Node and npm.
// Installs the dependencies first when they are missing or of another lock file. Install scripts are never
// run: Bun, the linter and the formatter arrive as plain platform packages, and an npm that holds install
// scripts back (npm 11 and later) then has nothing to ask.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const windows = process.platform === "win32";

await main(process.argv.slice(2));

async function main([script, ...args]) {
  if (script === undefined) fail("no script given", "node scripts/with-bun.mjs scripts/check.ts");
  if (!installedIsCurrent()) install();
  const bun = findBun();
  if (bun === undefined) {
    fail(
      `no Bun for ${process.platform}-${process.arch} among the installed packages`,
      "run `npm install --include=optional`; Bun needs a 64-bit x86 or ARM machine",
    );
  }
  // `npm run dev` is lull itself and works where the person stands; everything else works on the project.
  const cwd = script === "src/main.ts" ? (process.env.INIT_CWD ?? process.cwd()) : root;
  // Bun comes first on PATH, so that a script which starts `bun` itself gets the pinned one.
  const env = { ...process.env, PATH: `${dirname(bun)}${delimiter}${process.env.PATH ?? ""}` };
  // Bun's own 5 s for a test are too few on a busy machine, and a bunfig's timeout is not read.
  const what = script === "test" ? ["test", "--timeout", "60000"] : [join(root, script)];
  process.exitCode = await runToEnd(bun, [...what, ...args], { cwd, env, stdio: "inherit" });
}

/** The lock file as it was when the packages were installed; its time says nothing after a `git checkout`. */
function installedLock() {
  return join(root, "node_modules", ".lull-installed-lock.json");
}

function installedIsCurrent() {
  return (
    existsSync(installedLock()) && readFileSync(installedLock(), "utf8") === lock() && findBun() !== undefined
  );
}

function lock() {
  return readFileSync(join(root, "package-lock.json"), "utf8");
}

// Not `npm ci`: it insists on every optional package of every platform, and a registry mirror may lack some.
function install() {
  process.stderr.write("Installing dependencies (npm install --ignore-scripts) …\n");
  const args = [
    "install",
    "--no-save",
    "--ignore-scripts",
    "--include=dev",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const result = spawnSync(windows ? "npm.cmd" : "npm", args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  if (result.status !== 0) {
    fail(
      "npm install failed; see the messages above",
      "check the network and the npm registry, then run the command again",
    );
  }
  writeFileSync(installedLock(), lock());
}

/** Several packages may fit (glibc and musl, new and old processors); the first that runs is taken. */
function findBun() {
  const scope = join(root, "node_modules", "@oven");
  const packages = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith("bun-")) : [];
  return packages
    .map((name) => join(scope, name, "bin", windows ? "bun.exe" : "bun"))
    .find((path) => existsSync(path) && spawnSync(path, ["--version"]).status === 0);
}

/** Returns the exit code; signals reach the script and end it, not this launcher above it. */
async function runToEnd(command, args, options) {
  const child = spawn(command, args, options);
  // Ctrl-C goes to the whole group, so that the child has it already; the others are handed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  return new Promise((done) => {
    child.on("error", (error) =>
      fail(`cannot start ${command}: ${error.message}`, "remove node_modules and run the command again"),
    );
    child.on("exit", (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

function fail(message, hint) {
  process.stderr.write(`Error: ${message}\nHint: ${hint}\n`);
  process.exit(1);
}
