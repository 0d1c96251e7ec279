/** How an entry of git's index file is laid out in versions 2 and 3 (gitformat-index). */

export const HEADER_BYTES = 12;
export const OID_BYTES = 20;

/** The ten numbers at an entry's beginning, in this order, four bytes each. */
export const FIELD = {
  ctimeSeconds: 0,
  ctimeNanoseconds: 1,
  mtimeSeconds: 2,
  mtimeNanoseconds: 3,
  device: 4,
  inode: 5,
  mode: 6,
  uid: 7,
  gid: 8,
  size: 9,
} as const;
export const FIELDS = 10;
/** Behind the numbers comes the object's name. */
export const OID_AT = FIELDS * 4;
/** Then the flags, two bytes, and the path; with `FLAG.extended` the extended flags, two bytes, lie in between. */
export const FLAGS_AT = OID_AT + OID_BYTES;
export const PATH_AT = FLAGS_AT + 2;
/** The word that holds the flags in its upper half; in its lower one the extended flags, or the path's first bytes. */
export const FLAGS_WORD = FLAGS_AT / 4;
export const EXTENDED_BYTES = 2;

export const FLAG = {
  assumeValid: 0x8000,
  extended: 0x4000,
  stage: 0x3000,
  /** The path's length in bytes, or this number for all that are longer. */
  nameLength: 0x0fff,
} as const;
/** The extended flags that lull keeps. */
export const EXTENDED_FLAG = { skipWorktree: 0x4000, intentToAdd: 0x2000 } as const;

/** One to eight NULs fill an entry up to a multiple of this. */
export const ENTRY_ALIGNMENT = 8;

/** @returns the bytes of an entry whose path ends `end` bytes after its beginning */
export function paddedBytes(end: number): number {
  return (end + ENTRY_ALIGNMENT) & -ENTRY_ALIGNMENT;
}
