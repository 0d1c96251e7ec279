import { DamagedData } from "./damaged-data.ts";
import { EntryTable } from "./entry-table.ts";
import { PackFile } from "./pack-file.ts";
import { encodePackIndex } from "./pack-index-writer.ts";
import { crc32 } from "./zlib.ts";

const FAN_OUT = 1024;
/** Offset and name. */
const ENTRY = 4 + 20;
const WINDOW = 1024 * 1024;

/**
 * Returns the version 2 index that fits a version 1 index (git before 1.5.2, gitformat-pack(5)) and its pack. The old
 * one has no checksums of entries; they come from the pack, which is read and checked as a whole for that.
 * @throws DamagedData, or the system's error
 */
export function renewPackIndex(old: Buffer, packPath: string): Buffer {
  const count = old.length < FAN_OUT + 40 ? -1 : old.readUInt32BE(FAN_OUT - 4);
  if (old.length !== FAN_OUT + count * ENTRY + 40)
    throw new DamagedData("bad", "the pack index is cut short");
  const checksum = new Bun.CryptoHasher("sha1").update(old.subarray(0, -20)).digest();
  if (!checksum.equals(old.subarray(-20)))
    throw new DamagedData("bad", "the pack index does not match its own checksum");
  const starts = Array.from({ length: count }, (_, entry) => FAN_OUT + entry * ENTRY);
  starts.sort((a, b) => old.readUInt32BE(a) - old.readUInt32BE(b));
  const file = PackFile.open(packPath, WINDOW);
  try {
    const reader = new CheckedReader(file);
    reader.skipTo(12);
    const entries = new EntryTable();
    for (const [place, start] of starts.entries()) {
      const next = starts[place + 1];
      const offset = old.readUInt32BE(start);
      const crc = reader.skipTo(next === undefined ? file.size - 20 : old.readUInt32BE(next));
      entries.add(offset, crc, old.subarray(start + 4, start + ENTRY));
    }
    if (!reader.isChecksum()) throw new DamagedData("bad", `${packPath} does not match its own checksum`);
    return encodePackIndex(entries, old.subarray(-40, -20));
  } finally {
    file.close();
  }
}

/** Reads a pack from its start to its end. */
class CheckedReader {
  readonly #file: PackFile;
  readonly #hasher = new Bun.CryptoHasher("sha1");
  #at = 0;

  constructor(file: PackFile) {
    this.#file = file;
  }

  /** Returns the CRC-32 of what it passes. */
  skipTo(end: number): number {
    let crc = 0;
    while (this.#at < end) {
      const piece = this.#file.read(this.#at, Math.min(end - this.#at, WINDOW));
      if (piece.length === 0) throw new DamagedData("bad", "the pack index points outside its pack");
      this.#hasher.update(piece);
      crc = crc32(piece, crc);
      this.#at += piece.length;
    }
    return crc;
  }

  isChecksum(): boolean {
    return this.#file.read(this.#file.size - 20, 20).equals(this.#hasher.digest());
  }
}
