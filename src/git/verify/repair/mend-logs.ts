import { readFileSync } from "node:fs";

import type { Oid } from "../../model.ts";
import { ZERO_OID } from "../../model.ts";
import { takeLockFile } from "../../refs/lock-file.ts";
import { refPath } from "../../refs/ref-name.ts";
import { isLogLine } from "../read-refs.ts";
import type { Verified } from "../verify-repository.ts";
import { note, type Workshop } from "./workshop.ts";

/** Takes lines out of logs that can not be read, or that name what is not there: git would complain of them for ever. */
export function mendLogs(workshop: Workshop, { look, result }: Verified): void {
  const lost = new Set(look.logHoles.keys());
  for (const { code, where } of result.findings)
    if (code === "REFLOG_BROKEN" || code === "REFLOG_WITHOUT_OBJECT")
      mendLog(workshop, where.slice("logs/".length), lost);
}

function mendLog(workshop: Workshop, name: string, lost: ReadonlySet<Oid>): void {
  const { parts, aside } = workshop;
  const { gitDirectory } = parts;
  const path = refPath(gitDirectory, `logs/${name}`);
  // Whoever writes to the log holds the lock of the ref.
  using _held = takeLockFile(refPath(gitDirectory, name), { gitDirectory });
  using lock = takeLockFile(path, { gitDirectory });
  const lines = readFileSync(path, "latin1")
    .split("\n")
    .filter((line) => line !== "");
  const kept = lines.filter((line) => isLogLine(line) && !lost.has(line.slice(41, 81)));
  aside.copy(path.toString());
  // Where it came from is lost; that it was there is not.
  const mended = kept.map((line) => (lost.has(line.slice(0, 40)) ? ZERO_OID + line.slice(40) : line));
  lock.write(Buffer.from(mended.map((line) => `${line}\n`).join(""), "latin1"));
  lock.commit();
  note(
    workshop,
    `logs/${name}`,
    `was written again without ${lines.length - kept.length} of its ${lines.length} lines`,
  );
}
