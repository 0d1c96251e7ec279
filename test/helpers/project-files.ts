import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { ProjectFile } from "./architecture-rules.ts";

/** The checkout's top folder. */
export const projectRoot = resolve(import.meta.dir, "../..");

// What is not the project's own text: installed, built, or git's.
const FOREIGN = /^(?:node_modules|dist|coverage|\.git|\.cache)\//;

/** Returns every text file of the project; binary ones are left out. */
export function projectFiles(): readonly ProjectFile[] {
  const paths = [...new Bun.Glob("**/*").scanSync({ cwd: projectRoot, dot: true, onlyFiles: true })];
  return paths
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !FOREIGN.test(path))
    .sort()
    .map((path) => ({ path, text: readFileSync(resolve(projectRoot, path), "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
}
