import type { FileVersion } from "../model.ts";

/** `100644 ` and `40000 `. */
const FILE_HEAD = 7;
const FOLDER_HEAD = 6;
const OID_BYTES = 20;

const SPACE = 0x20;

/** A name under which a tree has an entry, or may have. */
export type WantedEntry = { readonly name: string; readonly isFolder: boolean };

/** Where an entry starts in a tree's bytes, and where the NUL behind its name is. */
export type EntryPlace = { readonly start: number; readonly nul: number };

/**
 * Looks entries up in a tree's bytes in one walk, without decoding the others: where one of a hundred entries changes, most
 * of the time of an edit went into decoding, sorting and writing the rest.
 * @returns the place of each, in the order that was asked for; undefined unless all are there and every entry has one of the
 *   modes that are written today
 */
export function placesInTree(tree: Buffer, wanted: readonly WantedEntry[]): EntryPlace[] | undefined {
  const due = wanted.map((entry, order) => ({ order, ...entry, key: sortKey(entry) }));
  due.sort((a, b) => (a.key < b.key ? -1 : 1));
  const places: EntryPlace[] = [];
  let found = 0;
  let needle = needleOf(due[0]);
  for (let start = 0; start < tree.length;) {
    const head = headLength(tree, start);
    const nul = tree.indexOf(0, start);
    if (head === 0 || nul < 0 || nul + OID_BYTES >= tree.length) return undefined;
    const next = due[found];
    const isNext =
      next !== undefined &&
      nul - start - head === next.name.length &&
      (head === FOLDER_HEAD) === next.isFolder &&
      tree.compare(needle, 0, needle.length, start + head, nul + 1) === 0;
    if (isNext) {
      places[next.order] = { start, nul };
      needle = needleOf(due[++found]);
    }
    start = nul + 1 + OID_BYTES;
  }
  return found === due.length ? places : undefined;
}

export function oidAtPlace(tree: Buffer, { nul }: EntryPlace): string {
  return tree.toString("hex", nul + 1, nul + 1 + OID_BYTES);
}

/** Puts another version in an entry's place: a folder for a folder, anything else for anything else. */
export function putVersion(tree: Buffer, { start, nul }: EntryPlace, { mode, oid }: FileVersion): void {
  tree.write(mode.toString(8), start, "latin1");
  tree.write(oid, nul + 1, OID_BYTES, "hex");
}

function needleOf(entry: WantedEntry | undefined): Buffer {
  return Buffer.from(`${entry?.name ?? ""}\0`, "latin1");
}

/** Git sorts a folder as if its name ended in `/`. */
function sortKey({ name, isFolder }: WantedEntry): string {
  return isFolder ? `${name}/` : name;
}

/** The length of an entry's mode with the blank behind it; 0 for one that is not written any more. */
function headLength(tree: Buffer, start: number): number {
  if (start + FILE_HEAD >= tree.length) return 0;
  const first = tree.readUInt32BE(start);
  const last = tree.readUInt16BE(start + 4);
  if (first === 0x34303030) return last === 0x3020 ? FOLDER_HEAD : 0;
  if (tree[start + 6] !== SPACE) return 0;
  switch (first) {
    case 0x31303036:
      return last === 0x3434 ? FILE_HEAD : 0;
    case 0x31303037:
      return last === 0x3535 ? FILE_HEAD : 0;
    case 0x31323030:
    case 0x31363030:
      return last === 0x3030 ? FILE_HEAD : 0;
    default:
      return 0;
  }
}
