import { readdirSync } from "node:fs";
import { delimiter, isAbsolute } from "node:path";

import { findProgram } from "./find-program.ts";
import { currentSystem } from "./system.ts";

/**
 * As `findProgram`, for who asks for hundreds of names: each folder of PATH is listed once, and only a name that is in
 * one of them is looked for.
 */
export function programsOnPath(
  env: Readonly<Record<string, string | undefined>>,
): (name: string) => string | undefined {
  const isWindows = currentSystem() === "windows";
  const names = new Set<string>();
  for (const folder of (env["PATH"] ?? "").split(delimiter))
    for (const name of isAbsolute(folder) ? namesIn(folder) : [])
      names.add(isWindows ? name.toLowerCase().replace(/\.[a-z]+$/, "") : name);
  return (name) => (names.has(isWindows ? name.toLowerCase() : name) ? findProgram(name, env) : undefined);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Folders that are gone stay in many a PATH.
    return [];
  }
}
