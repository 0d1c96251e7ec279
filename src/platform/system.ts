/**
 * Everything that differs by operating system and is no git: where files live, locks that the kernel holds, who may
 * write a file. This folder is the only one that may ask which system it runs on; the rest of lull is told.
 */
import { homedir, hostname, userInfo } from "node:os";

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

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id that has no name.
    return "lull";
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
