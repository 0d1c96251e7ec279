import { type FileVersion, MODE, type ObjectReader, type Oid, type RepoPath } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { nextTreeEntry } from "./tree-object.ts";

/**
 * Returns what stands at a path, folders included, or undefined. Who asks for many paths of one large folder would spend
 * most of the time in decoding its other entries: the name is looked for in the bytes.
 * @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`
 */
export function entryAt(
  reader: Pick<ObjectReader, "read">,
  tree: Oid,
  path: RepoPath,
): FileVersion | undefined {
  let current: FileVersion = { mode: MODE.directory, oid: tree };
  for (const name of path.split("/")) {
    if (current.mode !== MODE.directory) return undefined;
    const entry = entryOf(reader, current.oid, name);
    if (entry === undefined) return undefined;
    current = entry;
  }
  return current;
}

function entryOf(reader: Pick<ObjectReader, "read">, oid: Oid, name: string): FileVersion | undefined {
  const { kind, bytes } = reader.read(oid);
  if (kind !== "tree") throw objectCorrupt(oid, `it is a ${kind} where a tree must be`);
  try {
    return findEntry(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), name);
  } catch (error) {
    throw error instanceof DamagedData ? objectCorrupt(oid, error.message, error) : error;
  }
}

function findEntry(tree: Buffer, name: string): FileVersion | undefined {
  const wanted = Buffer.from(` ${name}\0`, "latin1");
  // Within an object's name the same bytes can stand by chance: only an entry that begins there counts.
  for (let at = 0, hit = tree.indexOf(wanted); hit >= 0;) {
    const entry = nextTreeEntry(tree, at);
    const space = entry.nameStart - 1;
    if (space === hit) return { mode: entry.mode, oid: tree.toString("hex", entry.nameEnd + 1, entry.end) };
    at = entry.end;
    if (at >= tree.length) return undefined;
    if (hit < at) hit = tree.indexOf(wanted, at);
  }
  return undefined;
}
