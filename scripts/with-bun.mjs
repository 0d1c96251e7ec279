#!/usr/bin/env node
// Runs a TypeScript file of this project with the pinned Bun, on a machine that may have only Node and npm.
// Installs the dependencies first when they are missing or older than the lock file. Install scripts are never
// run: Bun, the linter and the formatter arrive as plain platform packages, and an npm that holds install
// scripts back (npm 11 and later) then has nothing to ask.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".package-lock.json");

function installedIsCurrent() {
  if (!existsSync(stamp)) return false;
  return statSync(stamp).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
}

function install() {
  process.stderr.write("Installing dependencies (npm install --ignore-scripts) …\n");
  const args = ["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"];
  const windows = process.platform === "win32";
  const result = spawnSync(windows ? "npm.cmd" : "npm", args, { cwd: root, stdio: ["ignore", 2, 2], shell: windows });
  if (result.status !== 0) fail("npm install failed; see the messages above", "check the network and the npm registry, then run the command again");
}

function findBun() {
  const scope = join(root, "node_modules", "@oven");
  const packages = existsSync(scope) ? readdirSync(scope).filter((name) => name.startsWith("bun-")) : [];
  for (const name of packages) {
    for (const file of ["bun", "bun.exe"]) {
      const candidate = join(scope, name, "bin", file);
      if (existsSync(candidate) && spawnSync(candidate, ["--version"]).status === 0) return candidate;
    }
  }
  return undefined;
}

function fail(message, hint) {
  process.stderr.write(`Error: ${message}\nHint: ${hint}\n`);
  process.exit(1);
}

if (!installedIsCurrent()) install();
const bun = findBun();
if (!bun) {
  fail(
    `no Bun for ${process.platform}-${process.arch} among the installed packages`,
    "run `npm install --include=optional`; Bun needs a 64-bit x86 or ARM machine",
  );
}
// Bun comes first on PATH, so that scripts which start `bun` themselves get the pinned one.
const env = { ...process.env, PATH: `${dirname(bun)}${process.platform === "win32" ? ";" : ":"}${process.env.PATH ?? ""}` };
const [script, ...args] = process.argv.slice(2);
const child = spawnSync(bun, [script, ...args], { cwd: process.env.INIT_CWD && script === "src/main.ts" ? process.env.INIT_CWD : root, stdio: "inherit", env });
process.exit(child.status ?? 1);
