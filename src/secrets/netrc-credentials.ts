import { statSync } from "node:fs";

import { fromSystem, systemCode } from "../base/errors.ts";
import { readSmallFile } from "../base/small-file.ts";
import type { FindCredential } from "./credentials.ts";
import { netrcEntry, parseNetrc } from "./netrc.ts";

export type NetrcParts = {
  /** Absolute paths; the first that is there counts. */
  readonly files: readonly string[];
  /** Told once of a file that others can read. */
  readonly warn: (message: string) => void;
  /** Windows has no such bits. */
  readonly checkMode: boolean;
};

const LARGEST = 1024 * 1024;
const OTHERS = 0o077;

/** As curl and git read it: the host alone counts, not its port. */
export function netrcCredentials({ files, warn, checkMode }: NetrcParts): FindCredential {
  const warned = new Set<string>();
  return async (origin) => {
    for (const file of files) {
      const text = readText(file);
      if (text === undefined) continue;
      const { login, password } = netrcEntry(parseNetrc(text), new URL(origin).hostname) ?? {};
      if (password === undefined || password === "") return undefined;
      if (checkMode && !warned.has(file) && (statSync(file).mode & OTHERS) !== 0) {
        warned.add(file);
        warn(`${file} holds passwords and can be read by other users; run \`chmod 600 ${file}\``);
      }
      const credential = login === undefined ? { token: password } : { username: login, password };
      return { credential, place: "netrc", from: file };
    }
    return undefined;
  };
}

function readText(file: string): string | undefined {
  try {
    return readSmallFile(file, LARGEST)?.toString("utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `read ${file}`);
  }
}
