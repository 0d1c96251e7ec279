/**
 * The person's ssh_config, as far as lull's own SSH goes by it: the system's `ssh -G` is asked where there is one, else
 * the files are read here. Nothing in them is run by lull: a `Match exec` block does not count.
 */
import { readdirSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { RunProgram } from "../../base/program.ts";
import { readSmallFile } from "../../base/small-file.ts";
import { globPattern } from "./glob-pattern.ts";
import { splitWords, type SshWords } from "./ssh-settings.ts";
import type { SshTarget } from "./ssh-target.ts";

const LARGEST = 1024 * 1024;
/** As in OpenSSH. */
const DEEPEST_INCLUDE = 16;
const ASK_DEADLINE_MS = 10_000;

/** Keywords of which every line counts; of all others the first one. */
const REPEATED: ReadonlySet<string> = new Set(["identityfile", "certificatefile", "match"]);

export type AskSystemSsh = {
  /** The program's absolute path, and what always follows it. */
  readonly command: readonly [string, ...string[]];
  readonly runProgram: RunProgram;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
};

/** @returns undefined when ssh can not tell, e.g. for a file with a mistake in it */
export async function askSystemSsh(
  target: SshTarget,
  { command, runProgram, environment, signal }: AskSystemSsh,
): Promise<SshWords | undefined> {
  const { host, user, port } = target;
  const result = await runProgram(
    [
      ...command,
      "-G",
      ...(port === undefined ? [] : ["-p", String(port)]),
      ...(user === undefined ? [] : ["-l", user]),
      "--",
      host,
    ],
    { deadlineMs: ASK_DEADLINE_MS, signal, env: { ...environment, LC_ALL: "C" } },
  );
  if (result.kind !== "ended" || result.code !== 0) return undefined;
  const words = new Map<string, string[]>();
  for (const line of result.stdout.split("\n")) addLine(words, line);
  return words;
}

/** @throws LullError when a file is there and can not be read */
export function readSshConfig(target: SshTarget, { home }: { readonly home: string }): SshWords {
  const words = new Map<string, string[]>();
  const folder = join(home, ".ssh");
  const { host } = target;
  new ConfigReader({ host, home, folder, words }).read(join(folder, "config"), 0);
  new ConfigReader({ host, home, folder: "/etc/ssh", words }).read("/etc/ssh/ssh_config", 0);
  return words;
}

type ReaderInput = {
  readonly host: string;
  readonly home: string;
  /** What the names in `Include` are relative to. */
  readonly folder: string;
  readonly words: Map<string, string[]>;
};

class ConfigReader {
  readonly #input: ReaderInput;

  constructor(input: ReaderInput) {
    this.#input = input;
  }

  read(file: string, depth: number): void {
    let applies = true;
    for (const [index, line] of linesOf(file).entries()) {
      const { keyword, value } = parseLine(line);
      if (keyword === "host") applies = isMeant(value, this.#input.host);
      // Of the other forms some would run a program.
      else if (keyword === "match") {
        applies = value.trim().toLowerCase() === "all";
        if (!applies) addLine(this.#input.words, `Match ${file}:${index + 1}`);
      } else if (applies && keyword === "include") this.#include(value, depth);
      else if (applies) addLine(this.#input.words, line);
    }
  }

  #include(value: string, depth: number): void {
    if (depth === DEEPEST_INCLUDE) return;
    for (const word of splitWords(value)) {
      const place = word.replace(/^~(?=\/)/, this.#input.home);
      const path = isAbsolute(place) ? place : join(this.#input.folder, place);
      for (const file of matchingFiles(path)) this.read(file, depth + 1);
    }
  }
}

/** Patterns in the last part of the path, where people have them. */
function matchingFiles(path: string): readonly string[] {
  const pattern = globPattern(basename(path));
  try {
    return readdirSync(dirname(path))
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => join(dirname(path), name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `look into ${dirname(path)}, which ssh's settings include`);
  }
}

function linesOf(file: string): readonly string[] {
  try {
    return (readSmallFile(file, LARGEST)?.toString("utf8") ?? "").split("\n");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `read ${file}, ssh's settings`);
  }
}

function isMeant(patterns: string, host: string): boolean {
  const list = splitWords(patterns);
  const fits = (pattern: string): boolean => globPattern(pattern).test(host);
  if (list.some((pattern) => pattern.startsWith("!") && fits(pattern.slice(1)))) return false;
  return list.some((pattern) => !pattern.startsWith("!") && fits(pattern));
}

function addLine(words: Map<string, string[]>, line: string): void {
  const { keyword, value } = parseLine(line);
  if (keyword === "" || value === "") return;
  const known = words.get(keyword);
  if (known === undefined) words.set(keyword, [value]);
  else if (REPEATED.has(keyword)) known.push(value);
}

/** `Keyword value`, `Keyword=value`, `Keyword "value"`. */
function parseLine(line: string): { readonly keyword: string; readonly value: string } {
  const [, keyword = "", value = ""] = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
  return { keyword: keyword.toLowerCase(), value };
}
