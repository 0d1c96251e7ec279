/** The main job on the embedded default: builds the binary and lets two simulated devices sync before your eyes. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const shown = process.platform === "win32" ? "dist\\lull.exe" : "dist/lull";
const binary = join(root, "dist", process.platform === "win32" ? "lull.exe" : "lull");

function run(command: readonly [string, ...string[]]): void {
  const [file, ...args] = command;
  const { status } = spawnSync(file, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) {
    process.exitCode = status ?? 1;
    throw new Error(`${command.join(" ")} ended with ${status}`);
  }
}

console.log("Building dist/lull …");
run([process.execPath, join(root, "scripts", "build.ts")]);
run([binary, "demo"]);
const copy = process.platform === "win32" ? "" : `, or put it on your PATH: cp ${shown} ~/.local/bin/`;
console.log(`\nThe binary is ${shown}: run it from here as ${shown}${copy}`);
