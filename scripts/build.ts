/**
 * Compiles lull into one binary, `dist/lull`. Options:
 *   --target=linux-x64     another system: {linux,darwin,windows}-{x64,arm64}, linux also with -musl
 *   --target=all           every one of them, each as dist/lull-<target>
 *   --outfile=PATH         another place
 *   --entry=PATH           another entry file, to measure the frame by itself
 *   --no-bytecode          leave the compiled bytecode out, to measure what it is worth
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";

import { checkedOutCommit } from "./gate/git-commit.ts";
import { root, run } from "./gate/process.ts";

/** As many digits of the commit as people usually see. */
const SHORT_OID = 7;

const TARGETS = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
  "windows-x64",
  "windows-arm64",
];

const { values: options } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string" },
    entry: { type: "string", default: "src/main.ts" },
    bytecode: { type: "boolean", default: true },
  },
  allowNegative: true,
});

const unknown = options.target !== undefined && options.target !== "all" && !TARGETS.includes(options.target);
if (unknown) {
  console.error(`Error: no target "${options.target}"\nHint: choose one of: all, ${TARGETS.join(", ")}`);
  process.exitCode = 2;
} else {
  const targets = options.target === "all" ? TARGETS : [options.target];
  for (const target of targets) {
    if (!(await build(target))) process.exitCode = 1;
  }
}

/** @param target undefined: the system this runs on */
async function build(target: string | undefined): Promise<boolean> {
  const outfile = resolve(root, options.outfile ?? defaultName(target));
  mkdirSync(dirname(outfile), { recursive: true });
  const { version }: { readonly version: string } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const { code, output } = await run([
    process.execPath,
    "build",
    "--compile",
    ...(target === undefined ? [] : [`--target=bun-${target}`]),
    // A `.env` or a `bunfig.toml` (its preload is code) in the folder that lull is started in must mean nothing.
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    // Not `--minify`: it renames classes and functions, and stacks then say nothing.
    "--minify-syntax",
    "--minify-whitespace",
    // Chunks load when a command needs them; in one file every builtin would be loaded at start (21 ms against 13).
    "--splitting",
    "--sourcemap",
    // Until `endStartUpInTime` (src/base/start-up.ts): compiling what runs for milliseconds costs a short process 15 % of
    // its processor time. Eight saves no more, and a commit of 10,000 files gets slower.
    "--compile-jit-policy=4",
    ...(options.bytecode ? ["--bytecode", "--format=esm"] : []),
    `--define=LULL_VERSION=${JSON.stringify(version)}`,
    `--define=LULL_COMMIT=${JSON.stringify(checkedOutCommit(root)?.slice(0, SHORT_OID) ?? "unknown")}`,
    `--define=LULL_SOURCES=${JSON.stringify(hashOfSources())}`,
    `--outfile=${outfile}`,
    // So that the threads' entries have the same names inside whatever the main entry is.
    `--root=${root}`,
    options.entry,
    join(root, "src/deflate-worker.ts"),
    join(root, "src/pull-worker.ts"),
    join(root, "src/scan-worker.ts"),
  ]);
  if (code !== 0) {
    console.error(output.trimEnd());
    return false;
  }
  // The binary carries its source map inside; stacks name file and line without this copy.
  rmSync(`${outfile}.map`, { force: true });
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  console.log(`${relative(root, outfile)}  ${version}  ${target ?? "this system"}  ${megabytes} MB`);
  return true;
}

/** Of every file that the program is built from, so that two programs have the same only if they are the same. */
function hashOfSources(): string {
  const hasher = new Bun.CryptoHasher("sha256");
  const sources = readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  for (const path of ["package.json", "package-lock.json", ...sources.sort()]) {
    const bytes = readFileSync(join(root, path));
    hasher.update(`${path} ${bytes.length}\n`).update(bytes);
  }
  return hasher.digest("hex");
}

function defaultName(target: string | undefined): string {
  const windows = target === undefined ? process.platform === "win32" : target.startsWith("windows");
  return `dist/lull${target === undefined ? "" : `-${target}`}${windows ? ".exe" : ""}`;
}
