/**
 * Everything that differs by operating system and is no git: where files live, locks that the kernel holds, who may
 * write a file. This folder is the only one that may ask which system it runs on; the rest of lull is told.
 */
import { readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";

import { LullError } from "../base/errors.ts";

export type System = "linux" | "macos" | "windows";

export function currentSystem(): System {
  if (process.platform === "win32") return "windows";
  return process.platform === "darwin" ? "macos" : "linux";
}

/** The machine's name without its domain, fit for file names and commit messages. */
export function deviceName(): string {
  const [first = ""] = hostname().split(".");
  const plain = first.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replaceAll(/^-+|-+$/g, "");
  return plain === "" ? "this-device" : plain;
}

/**
 * The user's short name. Under cron and systemd `USER` may be missing, and Bun then answers "unknown"; the user
 * database knows better.
 */
export function userName(
  environment: Readonly<Record<string, string | undefined>>,
  passwd = "/etc/passwd",
): string {
  const given = environment["USER"] ?? environment["LOGNAME"] ?? environment["USERNAME"];
  if (given !== undefined && given !== "") return given;
  return nameInDatabase(process.getuid?.(), passwd) ?? "lull";
}

/** Undefined where the user is not in the file: Windows, macOS, a directory service. */
export function nameInDatabase(userId: number | undefined, passwd = "/etc/passwd"): string | undefined {
  try {
    const lines = readFileSync(passwd, "utf8").split("\n");
    return lines.map((line) => line.split(":")).find((fields) => fields[2] === String(userId))?.[0];
  } catch {
    // Windows has none; a container may have none.
    return undefined;
  }
}

/** The environment counts before the user database, as for every command-line tool. Throws `NO_HOME`. */
export function homeDirectory(
  environment: Readonly<Record<string, string | undefined>>,
  system: System,
): string {
  const given = environment[system === "windows" ? "USERPROFILE" : "HOME"];
  const home = given !== undefined && given !== "" ? given : homedir();
  if (home !== "" && home !== "/nonexistent") return home;
  throw new LullError({
    kind: "config",
    code: "NO_HOME",
    message: "the home folder is unknown",
    hint: "set HOME, or set LULL_HOME to a folder that lull may use",
  });
}
