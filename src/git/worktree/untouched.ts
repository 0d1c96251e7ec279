/** The comparison that nearly every file of a scan ends with: words of the index with words of the system. */
import { MODE } from "../model.ts";
import { turned } from "./index-entries.ts";
import { FIELD } from "./index-layout.ts";
import type { StatRows } from "./folder-look.ts";
import type { IndexTable } from "./index-table.ts";

const TYPE = 0o170000;
const OWNER_MAY_RUN = 0o100;

export type UntouchedInput = {
  readonly index: IndexTable;
  readonly fileMode: boolean;
};

export type RowRange = {
  /** The rows to look at, [row, end). */
  readonly row: number;
  readonly end: number;
  /** The entry that the very first row speaks of; the others follow. */
  readonly position: number;
};

/**
 * Counts the entries whose stat data vouch for their files, up to the first for which `compareEntry` has to tell. The
 * device number is left out: it changes with every mount.
 */
export function countUntouched(
  { index, fileMode }: UntouchedInput,
  { words: rows, layout }: StatRows,
  { row, end, position }: RowRange,
): number {
  const { entries, timestamp } = index;
  const { words, starts } = entries;
  const { mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds, inode, size, uid, gid } = layout;
  let next = row;
  for (; next < end; next++) {
    const at = starts[position + next] ?? 0;
    const answer = next * layout.row;
    if (
      words[at + FIELD.mtimeSeconds] !== rows[answer + mtimeSeconds] ||
      words[at + FIELD.mtimeNanoseconds] !== rows[answer + mtimeNanoseconds] ||
      words[at + FIELD.ctimeSeconds] !== rows[answer + ctimeSeconds] ||
      words[at + FIELD.ctimeNanoseconds] !== rows[answer + ctimeNanoseconds] ||
      words[at + FIELD.inode] !== rows[answer + inode] ||
      words[at + FIELD.size] !== rows[answer + size] ||
      words[at + FIELD.uid] !== rows[answer + uid] ||
      words[at + FIELD.gid] !== rows[answer + gid]
    ) {
      break;
    }
    const mode = turned(rows[answer + layout.mode] ?? 0);
    if (!isKept(turned(words[at + FIELD.mode] ?? 0), mode, fileMode)) break;
    // A size of zero may be the mark "to be compared"; an entry of `add -N` vouches for nothing.
    if (words[at + FIELD.size] === 0 || entries.isIntentToAdd(position + next)) break;
    if (turned(words[at + FIELD.mtimeSeconds] ?? 0) >= timestamp.seconds && index.isRacy(position + next))
      break;
  }
  return next - row;
}

/** True when the mode in the index is still that of the file, as far as git knows modes. */
function isKept(want: number, mode: number, fileMode: boolean): boolean {
  if ((want & TYPE) !== (mode & TYPE)) return false;
  return !fileMode || want === MODE.symlink || ((mode & OWNER_MAY_RUN) !== 0) === (want === MODE.executable);
}
