import { expect, test } from "bun:test";

import { ContentRing } from "../../../src/git/objects/content-ring.ts";
import { seededRandom } from "../../helpers/random.ts";

const CAPACITY = 8000;

test("a ring gives each content as it was put in, or not at all, and keeps what is in use", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const ring = new ContentRing(CAPACITY, 5000);
  const sizes: number[] = [];
  const fill = (entry: number, from: Buffer | undefined): void => {
    const size = random.below(ring.largest + 1);
    // As inflating does: a byte more room than content.
    const room = ring.reserve(size < ring.largest && random.chance(0.5) ? size + 1 : size);
    const content = room.subarray(0, size);
    // What was got just before must still be there, while the room is being filled.
    content.fill(entry % 251);
    if (from !== undefined) expect(new Set(from).size).toBeLessThanOrEqual(1);
    ring.keep(entry, size);
    sizes[entry] = size;
  };
  let kept = 0;
  for (let entry = 0; entry < 5000; entry++) {
    const base = entry === 0 ? 0 : Math.max(0, entry - 1 - random.below(20));
    const content = entry === 0 ? undefined : ring.get(base);
    if (content !== undefined) {
      kept++;
      expect(content.length).toBe(sizes[base] ?? -1);
      for (const byte of content) if (byte !== base % 251) throw new Error(`entry ${base} was overwritten`);
    }
    fill(entry, content);
    expect(ring.get(entry)?.length).toBe(sizes[entry] ?? -1);
  }
  expect(kept).toBeGreaterThan(2000);
});

test("a ring keeps what is asked for again and again", () => {
  const ring = new ContentRing(CAPACITY, 1000);
  ring.reserve(500).fill(7);
  ring.keep(0, 500);
  for (let entry = 1; entry < 1000; entry++) {
    expect(ring.get(0)?.equals(Buffer.alloc(500, 7))).toBe(true);
    ring.reserve(900).fill(1);
    ring.keep(entry, 900);
  }
  expect(ring.get(1)).toBeUndefined();
  expect(ring.get(999)?.length).toBe(900);
});

test("a ring takes more entries later", () => {
  const ring = new ContentRing(CAPACITY, 0);
  expect(ring.get(0)).toBeUndefined();
  ring.extendTo(1);
  ring.reserve(5).fill(3);
  ring.keep(0, 5);
  ring.extendTo(2);
  expect(ring.get(0)?.equals(Buffer.alloc(5, 3))).toBe(true);
  expect(ring.get(1)).toBeUndefined();
});
