/** Which programs run, by the names that the system has for them: to warn of one, never to end one. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename } from "node:path";

import type { RunProgram } from "../base/program.ts";
import type { System } from "./system.ts";

export type ProcessNamesInput = {
  readonly system: System;
  /** Where Linux lists its processes: `/proc`. */
  readonly processFolder: string;
  /** Processes of others are left out where that can be told; undefined: all count. */
  readonly userId: number | undefined;
  readonly runProgram: RunProgram;
};

const DEADLINE_MS = 3000;

/**
 * Of the processes of this user. On Windows in lower case; on Linux a name may be cut off after 15 bytes.
 * @returns undefined where that can not be told
 */
export async function processNames(
  input: ProcessNamesInput,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  switch (input.system) {
    case "linux":
      return linuxNames(input);
    case "macos": {
      const output = await outputOf(input, ["/bin/ps", "-xo", "comm="], signal);
      return output === undefined ? undefined : new Set(output.split("\n").flatMap(macosNames));
    }
    case "windows": {
      const output = await outputOf(input, ["tasklist", "/FO", "CSV", "/NH"], signal);
      return output === undefined ? undefined : new Set(output.split("\n").flatMap(windowsNames));
    }
  }
}

async function outputOf(
  { runProgram }: ProcessNamesInput,
  command: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string | undefined> {
  const result = await runProgram(command, { deadlineMs: DEADLINE_MS, signal });
  return result.kind === "ended" && result.code === 0 ? result.stdout : undefined;
}

function linuxNames({ processFolder, userId }: ProcessNamesInput): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const pid of processesIn(processFolder)) {
    try {
      const folder = `${processFolder}/${pid}`;
      if (userId !== undefined && statSync(folder).uid !== userId) continue;
      names.add(readFileSync(`${folder}/comm`, "utf8").trimEnd());
      const [program = "", script = ""] = readFileSync(`${folder}/cmdline`, "utf8").split("\0");
      names.add(basename(program));
      if (INTERPRETER.test(basename(program))) names.add(basename(script));
    } catch {
      // It ended in this moment.
    }
  }
  names.delete("");
  return names.size === 0 ? undefined : names;
}

/** What runs is the script that it reads. */
const INTERPRETER = /^(?:python|perl|ruby|node|gjs|bash|sh|dash)[\d.]*$/;

function processesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** `/Applications/TextEdit.app/Contents/MacOS/TextEdit`: people know an app by the name of its bundle. */
function macosNames(line: string): readonly string[] {
  const path = line.trim();
  const bundles = [...path.matchAll(/([^/]+)\.app\//g)].map(([, name = ""]) => name);
  return path === "" ? [] : [basename(path), ...bundles];
}

/** `"notepad++.exe","4711","Console","1","28,512 K"` */
function windowsNames(line: string): readonly string[] {
  const name = /^"([^"]+)"/.exec(line)?.[1];
  return name === undefined ? [] : [name.toLowerCase()];
}
