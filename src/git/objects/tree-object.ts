import { LullError } from "../../base/errors.ts";
import { type FileMode, MODE, type ObjectReader, type Oid, type TreeEntry } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";

/** @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`, the latter also when the object is no tree */
export function readTree(reader: Pick<ObjectReader, "read">, oid: Oid): TreeEntry[] {
  const { kind, bytes } = reader.read(oid);
  if (kind !== "tree") throw objectCorrupt(oid, `it is a ${kind} where a tree must be`);
  try {
    return parseTree(bytes);
  } catch (error) {
    throw error instanceof DamagedData ? objectCorrupt(oid, error.message, error) : error;
  }
}

/**
 * Entries in stored order. Modes are brought to the five (old trees have 100664 and the like), names are bytes as they
 * are: whether they may be written to a disk is decided at checkout.
 * @throws DamagedData
 */
export function parseTree(bytes: Uint8Array): TreeEntry[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: TreeEntry[] = [];
  for (let at = 0; at < buffer.length;) {
    const entry = nextTreeEntry(buffer, at);
    entries.push({
      mode: entry.mode,
      name: buffer.toString("latin1", entry.nameStart, entry.nameEnd),
      oid: buffer.toString("hex", entry.nameEnd + 1, entry.end),
    });
    at = entry.end;
  }
  return entries;
}

/** Sorts as git requires; the entries may come in any order. @throws LullError `BAD_TREE_ENTRY` */
export function serializeTree(entries: readonly TreeEntry[]): Buffer {
  const sorted = [...entries].sort(compareTreeEntries);
  let size = 0;
  for (const { mode, name } of sorted) {
    if (name === "" || /[/\0]/.test(name)) throw badEntry(name);
    size += modeText(mode).length + name.length + 22;
  }
  const output = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { mode, name, oid } of sorted) {
    at += output.write(`${modeText(mode)} ${name}\0`, at, "latin1");
    if (output.write(oid, at, 20, "hex") !== 20) throw badEntry(name);
    at += 20;
  }
  return output;
}

/** Order of entries within a tree: by bytes, a directory's name taken as if it ended in `/`. */
export function compareTreeEntries(a: TreeEntry, b: TreeEntry): number {
  const first = a.mode === MODE.directory ? `${a.name}/` : a.name;
  const second = b.mode === MODE.directory ? `${b.name}/` : b.name;
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

export type TreeSpan = {
  readonly mode: FileMode;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly end: number;
};

const SPACE = 0x20;

/** Where the entry that starts here lies in the tree's bytes; its object's name are the last 20. @throws DamagedData */
export function nextTreeEntry(tree: Buffer, start: number): TreeSpan {
  let at = start;
  let mode = 0;
  for (; tree[at] !== SPACE; at++) {
    const digit = (tree[at] ?? 0) - 0x30;
    // Seven octal digits are more than any mode has.
    if (digit < 0 || digit > 7 || at - start > 7)
      throw new DamagedData("bad", "it has an entry with a malformed mode");
    mode = mode * 8 + digit;
  }
  const nameStart = at + 1;
  const nameEnd = tree.indexOf(0, nameStart);
  if (nameEnd === nameStart) throw new DamagedData("bad", "it has an entry without a name");
  if (nameEnd < 0 || nameEnd + 21 > tree.length) throw new DamagedData("bad", "it ends within an entry");
  return { mode: normalMode(mode), nameStart, nameEnd, end: nameEnd + 21 };
}

/** As git's `canon_mode`. */
function normalMode(mode: number): FileMode {
  switch (mode & 0o170000) {
    case 0o100000:
      return (mode & 0o100) === 0 ? MODE.file : MODE.executable;
    case MODE.symlink:
      return MODE.symlink;
    case MODE.directory:
      return MODE.directory;
    case MODE.submodule:
      return MODE.submodule;
    default:
      throw new DamagedData("bad", `it has an entry of the unknown mode ${mode.toString(8)}`);
  }
}

function modeText(mode: FileMode): string {
  return mode.toString(8);
}

function badEntry(name: string): LullError {
  return new LullError({
    kind: "failed",
    code: "BAD_TREE_ENTRY",
    message: `a tree cannot hold an entry ${JSON.stringify(name)}`,
  });
}
