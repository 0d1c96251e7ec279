import type { EntryTable } from "./entry-table.ts";

const LARGEST_SHORT_OFFSET = 0x7fffffff;

/**
 * Returns the content of a version 2 index (gitformat-pack(5)).
 * @param packChecksum the 20 bytes at the pack's end
 */
export function encodePackIndex(entries: EntryTable, packChecksum: Uint8Array): Buffer {
  const oids = entries.oids();
  const order = sortByOid(oids, entries.count);
  const count = order.length;
  const long = entries.offsets.filter((offset) => offset > LARGEST_SHORT_OFFSET).length;
  const output = Buffer.allocUnsafe(8 + 1024 + count * 28 + long * 8 + 40);
  output.writeUInt32BE(0xff744f63, 0);
  output.writeUInt32BE(2, 4);
  writeFanOut(output, oids, count);

  const crcs = 1032 + count * 20;
  const offsets = crcs + count * 4;
  const longOffsets = offsets + count * 4;
  let longCount = 0;
  for (const [position, entry] of order.entries()) {
    oids.copy(output, 1032 + position * 20, entry * 20, entry * 20 + 20);
    output.writeUInt32BE((entries.crcs[entry] ?? 0) >>> 0, crcs + position * 4);
    const offset = entries.offsets[entry] ?? 0;
    if (offset > LARGEST_SHORT_OFFSET) {
      output.writeBigUInt64BE(BigInt(offset), longOffsets + longCount * 8);
      output.writeUInt32BE(0x80000000 + longCount++, offsets + position * 4);
    } else {
      output.writeUInt32BE(offset, offsets + position * 4);
    }
  }
  const end = longOffsets + longCount * 8;
  output.set(packChecksum, end);
  output.set(new Bun.CryptoHasher("sha1").update(output.subarray(0, end + 20)).digest(), end + 20);
  return output;
}

function writeFanOut(output: Buffer, oids: Buffer, count: number): void {
  const counts = new Uint32Array(256);
  for (let index = 0; index < count; index++) {
    const first = oids[index * 20] ?? 0;
    counts[first] = (counts[first] ?? 0) + 1;
  }
  let total = 0;
  for (const [first, amount] of counts.entries()) {
    total += amount;
    output.writeUInt32BE(total, 8 + first * 4);
  }
}

/** Sorts by the first four bytes as a number, which decides nearly always, then by the rest. */
function sortByOid(oids: Buffer, count: number): Uint32Array {
  const heads = new Uint32Array(count);
  const order = new Uint32Array(count);
  for (let index = 0; index < count; index++) {
    heads[index] = oids.readUInt32BE(index * 20);
    order[index] = index;
  }
  return order.sort((a, b) => {
    const difference = (heads[a] ?? 0) - (heads[b] ?? 0);
    return difference === 0 ? oids.compare(oids, b * 20, b * 20 + 20, a * 20, a * 20 + 20) : difference;
  });
}
