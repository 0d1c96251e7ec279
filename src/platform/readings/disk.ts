import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import { messageOf, systemCode } from "../../base/errors.ts";
import { known, type Readings, unknown } from "./readings.ts";

/** Questions that have no answer yet, by their path. */
const asked = new Map<string, Promise<Readings["disk"]>>();

/**
 * Of the nearest folder that exists: a source's own may be made by its first sync. A network file system whose server
 * is gone never answers, and each question to it occupies one of the few threads for files until the program ends: it
 * is asked once, and whoever asks again waits for the same answer.
 */
export async function readDisk(path: string): Promise<Readings["disk"]> {
  const running = asked.get(path) ?? ask(path).finally(() => asked.delete(path));
  asked.set(path, running);
  return running;
}

async function ask(path: string): Promise<Readings["disk"]> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = await statfs(folder);
      return known(bavail * bsize, "statfs");
    } catch (error) {
      const isMissing = ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
      if (!isMissing || folder === dirname(folder)) return unknown(messageOf(error));
    }
  }
}
