import { readFileSync } from "node:fs";

import type { Oid } from "../../model.ts";
import { ZERO_OID } from "../../model.ts";
import { takeLockFile } from "../../refs/lock-file.ts";
import { refPath } from "../../refs/ref-name.ts";
import { isLogLine } from "../read-refs.ts";
import type { Verified } from "../verify-repository.ts";
import { note, type Workshop } from "./workshop.ts";

/** Takes lines out of logs that can not be read, or that name what is not there: git would complain of them for ever. */
export function mendLogs(workshop: Workshop, { look }: Verified): void {
  // Also what a ref named that points elsewhere by now.
  const holes = [...look.holes.values(), ...look.logHoles.values()];
  const lost = new Set(holes.flatMap(({ oid, problem }) => (problem === "absent" ? oid : [])));
  for (const { name, oids, brokenLines } of look.refs.reflogs)
    if (brokenLines > 0 || oids.some((oid) => lost.has(oid))) mendLog(workshop, name, lost);
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
