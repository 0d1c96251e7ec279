import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { applyDelta } from "../../../src/git/objects/delta.ts";
import { DeltaBase } from "../../../src/git/objects/delta-encode.ts";
import { applyDeltaPieces } from "../../../src/git/objects/delta-pieces.ts";
import { spool } from "../../../src/git/objects/large-content.ts";
import type { SpooledContent } from "../../../src/git/objects/spooled-content.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const SEED = Number(process.env["SEED"] ?? 7);
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

describe("a delta that comes in pieces", () => {
  test("gives what it gives as a whole, over a base in memory and in a file", () => {
    console.log(`seed ${SEED}`);
    const random = seededRandom(SEED);
    const directory = temporaryDirectory();
    for (let round = 0; round < 300; round++) {
      const base = bytes(random, random.below(5000));
      const target = edited(random, base);
      const delta = new DeltaBase(base).encode(target, NO_LIMIT) ?? [];
      using inFile = spool({ gitDirectory: directory }, inPieces(random, base));
      for (const source of [base, inFile])
        expect(applied(source, inPieces(random, Buffer.from(delta)))).toEqual(target);
    }
    expect(readdirSync(join(directory, "lull/tmp"))).toEqual([]);
  });

  test("is refused for the same damage, and nothing is put beyond the declared size", () => {
    const random = seededRandom(SEED + 1);
    for (let round = 0; round < 2000; round++) {
      const base = bytes(random, random.below(300));
      const delta = Buffer.from([...(new DeltaBase(base).encode(edited(random, base), NO_LIMIT) ?? [])]);
      const kind = random.below(3);
      if (kind === 0 && delta.length > 0) delta[random.below(delta.length)] = random.below(256);
      const cut = kind === 1 ? delta.subarray(0, random.below(delta.length + 1)) : delta;
      const whole = outcome(() => applyDelta(base, cut));
      expect(outcome(() => applied(base, inPieces(random, cut)))).toEqual(whole);
    }
  });
});

test("a spooled content gives back any part of itself, and leaves nothing behind", () => {
  const random = seededRandom(SEED + 2);
  const directory = temporaryDirectory();
  const content = bytes(random, 3_000_000);
  using spooled = spool({ gitDirectory: directory }, inPieces(random, content));
  expect(spooled.whole()).toEqual(content);
  for (let round = 0; round < 50; round++) {
    const from = random.below(content.length);
    const to = from + random.below(content.length - from + 1);
    const parts: Buffer[] = [];
    for (const piece of spooled.slice(from, to)) parts.push(Buffer.from(piece));
    expect(Buffer.concat(parts).equals(content.subarray(from, to))).toBe(true);
  }
  expect(readdirSync(join(directory, "lull/tmp"))).toEqual([]);
});

function applied(base: Buffer | SpooledContent, pieces: Iterable<Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  let declared = 0;
  applyDeltaPieces(base, pieces, (size) => {
    declared = size;
    return (piece) => void parts.push(Buffer.from(piece));
  });
  const result = Buffer.concat(parts);
  expect(result.length).toBe(declared);
  return result;
}

function outcome(act: () => Buffer): string {
  try {
    return act().toString("hex");
  } catch (error) {
    return error instanceof Error ? error.constructor.name : "thrown";
  }
}

/** The pieces share one buffer, as those of a pack do. */
function* inPieces(random: Random, content: Buffer): Generator<Uint8Array> {
  const shared = Buffer.alloc(content.length);
  for (let at = 0; at < content.length;) {
    const length = Math.min(content.length - at, random.below(random.chance(0.2) ? 500_000 : 200));
    content.copy(shared, 0, at, at + length);
    yield shared.subarray(0, length);
    shared.fill(0xee);
    at += length;
  }
}

function edited(random: Random, base: Buffer): Buffer {
  const at = random.below(base.length + 1);
  const end = at + random.below(base.length - at + 1);
  const inserted = bytes(random, random.below(400));
  return Buffer.concat([base.subarray(0, at), inserted, base.subarray(end), base.subarray(0, at)]);
}

function bytes(random: Random, length: number): Buffer {
  const content = Buffer.alloc(length);
  for (let at = 0; at < length; at++) content[at] = random.below(64);
  return content;
}
