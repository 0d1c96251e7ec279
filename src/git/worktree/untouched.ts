/** The comparison that nearly every file of a scan ends with: a row of numbers with a row of numbers. */
import { MODE } from "../model.ts";
import { FIELD, FIELDS, FLAG } from "./index-columns.ts";
import type { IndexTable } from "./index-table.ts";

const TYPE = 0o170000;
const OWNER_MAY_RUN = 0o100;

/**
 * True when an entry's stat data vouches for the file; false: `compareEntry` has to tell. The device number is left
 * out: it changes with every mount.
 * @param answer as `FolderLook` gives it
 */
export function isUntouched(
  index: IndexTable,
  position: number,
  answer: Uint32Array,
  fileMode: boolean,
): boolean {
  const { fields, extended } = index.columns;
  const at = position * FIELDS;
  if (
    fields[at + FIELD.mtimeSeconds] !== answer[FIELD.mtimeSeconds] ||
    fields[at + FIELD.mtimeNanoseconds] !== answer[FIELD.mtimeNanoseconds] ||
    fields[at + FIELD.ctimeSeconds] !== answer[FIELD.ctimeSeconds] ||
    fields[at + FIELD.ctimeNanoseconds] !== answer[FIELD.ctimeNanoseconds] ||
    fields[at + FIELD.inode] !== answer[FIELD.inode] ||
    fields[at + FIELD.size] !== answer[FIELD.size] ||
    fields[at + FIELD.uid] !== answer[FIELD.uid] ||
    fields[at + FIELD.gid] !== answer[FIELD.gid]
  ) {
    return false;
  }
  // A size of zero may be the mark "to be compared"; an entry of `add -N` vouches for nothing.
  if (answer[FIELD.size] === 0 || ((extended[position] ?? 0) & FLAG.intentToAdd) !== 0) return false;
  const want = fields[at + FIELD.mode] ?? 0;
  const have = answer[FIELD.mode] ?? 0;
  if ((want & TYPE) !== (have & TYPE)) return false;
  if (fileMode && want !== MODE.symlink && ((have & OWNER_MAY_RUN) !== 0) !== (want === MODE.executable)) {
    return false;
  }
  return !index.isRacy(position);
}
