/** The files of a service on the real disk. */
import { lstatSync, mkdirSync, rmSync } from "node:fs";

import { syncDirectory, writeFileAtomic } from "../base/atomic-file.ts";
import { fromSystem, systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";
import type { ServiceEffects } from "./service.ts";
import { dirname } from "node:path";

/** No service's file is anywhere near so long. */
const LARGEST = 256 * 1024;

export const serviceFiles: Omit<ServiceEffects, "run" | "timers"> = {
  read(file) {
    try {
      const bytes = readSmallFile(file, LARGEST);
      return bytes === undefined ? { kind: "other" } : { kind: "text", text: bytes.toString() };
    } catch (error) {
      const code = systemCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") return { kind: exists(file) ? "other" : "absent" };
      if (code === "EISDIR" || code === "ELOOP" || code === "ENXIO") return { kind: "other" };
      throw fromSystem(error, `read ${file}`);
    }
  },
  write(file, text, encoding) {
    const bytes = encoding === "utf-8" ? Buffer.from(text) : Buffer.from(`\uFEFF${text}`, "utf16le");
    // launchd refuses a file that a group can write, whatever the umask says.
    writeFileAtomic(file, bytes, { mode: 0o644 });
  },
  remove(file) {
    try {
      rmSync(file, { force: true });
    } catch (error) {
      throw fromSystem(error, `remove ${file}`);
    }
    syncDirectory(dirname(file));
  },
  makeFolder(folder) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw fromSystem(error, `create ${folder}`);
    }
  },
  exists,
};

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
