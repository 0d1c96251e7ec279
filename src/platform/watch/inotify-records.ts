/** What the kernel wrote about its watches, `struct inotify_event` after `struct inotify_event` (inotify(7)). */

export type InotifyRecord = {
  /** -1 for what concerns all of them. */
  readonly watch: number;
  readonly mask: number;
  /** As bytes in latin1; "" for the watched folder itself. */
  readonly name: string;
};

const MASK_AT = 4;
const LENGTH_AT = 12;
const NAME_AT = 16;

export function* recordsIn(bytes: Uint8Array): Generator<InotifyRecord> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + NAME_AT <= buffer.length;) {
    const length = buffer.readUInt32LE(at + LENGTH_AT);
    const end = at + NAME_AT + length;
    // The name is filled up with NULs.
    const nul = length === 0 ? end : buffer.indexOf(0, at + NAME_AT);
    yield {
      watch: buffer.readInt32LE(at),
      mask: buffer.readUInt32LE(at + MASK_AT),
      name: buffer.toString("latin1", at + NAME_AT, nul < 0 ? end : Math.min(nul, end)),
    };
    at = end;
  }
}
