/** A folder as a table, to compare two trees byte for byte and mode for mode. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Path (raw bytes as latin1, `/`-separated) → what is there:
 * `file 100644 <size> <sha256>`, `file 100755 …`, `link <target>`, `empty folder`, or `fifo`, `socket`, `device`.
 * Folders that hold something are there by what they hold, as in git.
 */
export type TreeSnapshot = Readonly<Record<string, string>>;

export type SnapshotOptions = {
  /** Names left out at any depth. Default: `.git`. */
  readonly without?: readonly string[];
  /** The full permission bits instead of git's two modes. */
  readonly exactModes?: boolean;
};

export function treeSnapshot(directory: string, options: SnapshotOptions = {}): TreeSnapshot {
  const entries: [string, string][] = [];
  const without = new Set(options.without ?? [".git"]);
  const visit = (inside: string): void => {
    const names = readdirSync(onDisk(directory, inside), { encoding: "latin1" }).filter(
      (name) => !without.has(name),
    );
    if (names.length === 0 && inside !== "") entries.push([inside, "empty folder"]);
    for (const name of names) {
      const path = inside === "" ? name : `${inside}/${name}`;
      const stat = lstatSync(onDisk(directory, path));
      if (stat.isDirectory()) visit(path);
      else entries.push([path, describe(onDisk(directory, path), stat.mode, options.exactModes ?? false)]);
    }
  };
  visit("");
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function describe(path: Buffer, mode: number, exact: boolean): string {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return `link ${readlinkSync(path, { encoding: "latin1" })}`;
  if (stat.isFIFO()) return "fifo";
  if (stat.isSocket()) return "socket";
  if (!stat.isFile()) return "device";
  const shown = exact ? (mode & 0o177777).toString(8) : (mode & 0o100) === 0 ? "100644" : "100755";
  const content = readFileSync(path);
  return `file ${shown} ${content.length} ${createHash("sha256").update(content).digest("hex")}`;
}

function onDisk(directory: string, inside: string): Buffer {
  return inside === ""
    ? Buffer.from(directory)
    : Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(inside, "latin1")]);
}
