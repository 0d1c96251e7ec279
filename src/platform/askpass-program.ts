import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { makePrivateDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { systemCode } from "../base/errors.ts";
import { isCompiled, selfCommand } from "./self-command.ts";

/**
 * Returns the absolute path of a program that is lull and takes no more than a question as its argument, as SSH_ASKPASS
 * wants it: the binary itself, or, run from the sources, a script in `directory` that starts it.
 * @param assertPrivate throws when others could have written the script
 */
export function askpassProgram(directory: string, assertPrivate: (path: string) => void): string {
  if (isCompiled()) return process.execPath;
  const path = join(directory, "askpass");
  const script = `#!/bin/sh\nexec ${selfCommand().map(quoted).join(" ")} "$1"\n`;
  assertPrivate(path);
  if (read(path) === script && (lstatSync(path).mode & 0o777) === MODE) return path;
  makePrivateDirectory(directory);
  writeFileAtomic(path, script, { mode: MODE });
  return path;
}

const MODE = 0o700;

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
