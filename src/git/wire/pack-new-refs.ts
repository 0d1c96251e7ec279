/** Creates many refs at once, in `packed-refs`, as a clone by git does: one file instead of thousands, one sync. */
import { readFileSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { takeLockFile } from "../refs/lock-file.ts";
import { packedRefsPath, readPackedRefs } from "../refs/packed-refs.ts";
import { refNameToBytes } from "../refs/ref-name.ts";

/** As git waits for this file (core.packedRefsTimeout), milliseconds. */
const WAIT_MS = 1000;
/** Says that the names are sorted and that whatever is peelable has its `^` line. */
const HEADER = "# pack-refs with: peeled fully-peeled sorted ";

/** For a file that had no header: nobody has looked what its tags point to. */
const HEADER_WITHOUT_PEELED = "# pack-refs with: sorted ";

/**
 * @param refs full name → commit; names that have no ref yet, neither loose nor packed, and that do not need a folder
 *   where another is a file. A name that somebody packs meanwhile keeps their value.
 * @throws LullError `REF_LOCKED`, `REF_BROKEN`
 */
export function packNewRefs(gitDirectory: string, refs: ReadonlyMap<string, Oid>): void {
  using lock = takeLockFile(packedRefsPath(gitDirectory), { waitMs: WAIT_MS });
  const present = readPackedRefs(gitDirectory);
  const entries = new Map<string, string>();
  let header = present.size === 0 ? HEADER : HEADER_WITHOUT_PEELED;
  let last: string | undefined;
  for (const line of packedLines(gitDirectory)) {
    if (line.startsWith("#")) header = line;
    else if (!line.startsWith("^")) entries.set((last = line.slice(41)), line);
    else if (last !== undefined) entries.set(last, `${entries.get(last) ?? ""}\n${line}`);
  }
  for (const [name, oid] of refs) {
    if (!present.has(name)) entries.set(refNameToBytes(name), `${oid} ${refNameToBytes(name)}`);
  }
  const lines = [...entries.keys()].sort().map((name) => entries.get(name) ?? "");
  lock.write(Buffer.from([header, ...lines].map((line) => `${line}\n`).join(""), "latin1"));
  lock.commit();
}

/** The lines as they are; `readPackedRefs` has judged them already. */
function packedLines(gitDirectory: string): readonly string[] {
  const file = packedRefsPath(gitDirectory);
  try {
    const text = readFileSync(file, "latin1");
    return text === "" ? [] : text.trimEnd().split("\n");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `read ${file}`);
  }
}
