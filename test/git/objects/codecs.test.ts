import { describe, expect, test } from "bun:test";
import { deflateSync, inflateSync } from "node:zlib";

import { DamagedData } from "../../../src/git/objects/damaged-data.ts";
import { deflate, deflateChunks, STREAM_THRESHOLD } from "../../../src/git/objects/deflate.ts";
import { applyDelta, parseDeltaSizes } from "../../../src/git/objects/delta.ts";
import {
  checkDeclaredSize,
  inflate,
  inflateChunks,
  inflatePrefix,
} from "../../../src/git/objects/inflate.ts";
import { encodeEntryHeader, parseEntryHeader } from "../../../src/git/objects/pack-entry.ts";
import { noise, prose } from "./sample-repository.ts";

describe("deflate", () => {
  for (const [name, bytes] of [
    ["nothing", Buffer.alloc(0)],
    ["one byte", Buffer.from("x")],
    ["text", prose(50_000)],
    ["noise beyond the probe's size", noise(100_000)],
    ["text above the streaming threshold", prose(STREAM_THRESHOLD + 70_000)],
    ["noise above the streaming threshold", noise(STREAM_THRESHOLD + 1)],
  ] as const) {
    test(`gives a zlib stream that zlib reads back: ${name}`, () => {
      expect(inflateSync(deflate(bytes)).equals(bytes)).toBe(true);
    });
  }

  test("stores what does not compress instead of letting it grow", () => {
    expect(deflate(noise(200_000)).length).toBeLessThan(200_200);
    expect(deflate(prose(200_000)).length).toBeLessThan(100_000);
  });

  test("joins pieces of any size to one stream with the right checksum", () => {
    const pieces = [Buffer.alloc(0), prose(3), noise(70_000), Buffer.alloc(200_000, 255), prose(65_521)];
    const joined = Buffer.concat([...deflateChunks(pieces)]);
    expect(inflateSync(joined).equals(Buffer.concat(pieces))).toBe(true);
  });
});

describe("inflate", () => {
  const bytes = prose(5000);
  const stream = deflateSync(bytes);

  test("gives the content and where the stream ends", () => {
    const result = inflate(Buffer.concat([stream, noise(50)]), bytes.length);
    expect(result.bytes.equals(bytes)).toBe(true);
    expect(result.consumed).toBe(stream.length);
    expect(inflate(deflateSync(Buffer.alloc(0)), 0).bytes.length).toBe(0);
  });

  test("refuses a stream that gives more or less than declared", () => {
    expect(() => inflate(stream, bytes.length - 1)).toThrow(DamagedData);
    expect(() => inflate(stream, bytes.length + 1)).toThrow(DamagedData);
    expect(() => inflate(stream, 0)).toThrow(DamagedData);
  });

  test("tells a stream that is cut from one that is wrong, and works on after either", () => {
    expect(reasonOf(() => inflate(stream.subarray(0, 100), bytes.length))).toBe("short");
    expect(reasonOf(() => inflate(stream.subarray(0, -1), bytes.length))).toBe("short");
    expect(reasonOf(() => inflate(Buffer.from("no zlib stream at all"), 10))).toBe("bad");
    const flipped = Buffer.from(stream);
    flipped[stream.length - 1]! ^= 1;
    expect(reasonOf(() => inflate(flipped, bytes.length))).toBe("bad");
    const withDictionary = deflateSync(bytes, { dictionary: Buffer.from("line") });
    expect(reasonOf(() => inflate(withDictionary, bytes.length))).toBe("bad");
    expect(inflate(stream, bytes.length).bytes.equals(bytes)).toBe(true);
  });

  test("does not allocate what no stream of that size can hold", () => {
    expect(reasonOf(() => inflate(stream, 2 ** 40))).toBe("short");
    expect(reasonOf(() => checkDeclaredSize(2 ** 31, 2 ** 31))).toBe("bad");
  });

  test("gives just the first bytes when asked for a prefix", () => {
    expect(inflatePrefix(stream.subarray(0, 200), 20).equals(bytes.subarray(0, 20))).toBe(true);
    expect(inflatePrefix(deflateSync(Buffer.from("abc")), 20).toString()).toBe("abc");
  });

  test("streams pieces from windows of any size", () => {
    const large = prose(700_000);
    const compressed = Buffer.concat([deflateSync(large), noise(30)]);
    for (const window of [1000, 65_536, compressed.length]) {
      const result = collect(compressed, window, large.length);
      expect(result.bytes.equals(large)).toBe(true);
      expect(result.consumed).toBe(compressed.length - 30);
      expect(result.seen).toBe(compressed.length - 30);
    }
    expect(collect(deflateSync(Buffer.alloc(0)), 3, 0).bytes.length).toBe(0);
  });

  test("refuses a streamed bomb, a cut and a wrong size", () => {
    const bomb = deflateSync(Buffer.alloc(10_000_000));
    expect(reasonOf(() => collect(bomb, 1000, 1000))).toBe("bad");
    expect(reasonOf(() => collect(stream.subarray(0, -2), 1000, bytes.length))).toBe("short");
    expect(reasonOf(() => collect(stream, 1000, bytes.length + 1))).toBe("bad");
  });
});

describe("applyDelta", () => {
  const base = prose(70_000);

  test("copies from the base and inserts, with lengths on both sides of the fast path", () => {
    const delta = Buffer.concat([
      sizes(base.length, 0x10000 + 5 + 3 + 100),
      Buffer.from([0x80]), // offset 0, length 0 means 0x10000
      Buffer.from([0x91, 7, 5]),
      Buffer.from([3, 120, 121, 122]),
      Buffer.from([0x97, 0x00, 0x01, 0x01, 100]),
    ]);
    const expected = [
      base.subarray(0, 0x10000),
      base.subarray(7, 12),
      Buffer.from("xyz"),
      base.subarray(0x10100, 0x10164),
    ];
    expect(applyDelta(base, delta).equals(Buffer.concat(expected))).toBe(true);
  });

  test("reads all seven bytes of a copy", () => {
    const delta = Buffer.concat([sizes(base.length, 0x10101), Buffer.from([0xff, 2, 0, 0, 0, 1, 1, 1])]);
    expect(applyDelta(base, delta).equals(base.subarray(2, 2 + 0x10101))).toBe(true);
    expect(parseDeltaSizes(delta)).toEqual({ base: base.length, result: 0x10101, start: 6 });
  });

  for (const [name, delta] of [
    ["another base", Buffer.concat([sizes(5, 1), Buffer.from([1, 65])])],
    [
      "a copy beyond the base",
      Buffer.concat([sizes(70_000, 100), Buffer.from([0x97, 0x70, 0x11, 0x01, 100])]),
    ],
    ["a copy at an offset of 4 GB", Buffer.concat([sizes(70_000, 100), Buffer.from([0x98, 0xff, 100])])],
    ["an insert beyond the delta", Buffer.concat([sizes(70_000, 9), Buffer.from([9, 1, 2])])],
    ["more than the result holds", Buffer.concat([sizes(70_000, 1), Buffer.from([2, 65, 66])])],
    ["less than the result holds", Buffer.concat([sizes(70_000, 3), Buffer.from([2, 65, 66])])],
    ["the reserved instruction", Buffer.concat([sizes(70_000, 3), Buffer.from([0])])],
    ["an instruction that is cut", Buffer.concat([sizes(70_000, 3), Buffer.from([0xff, 1])])],
    ["an enormous result", sizes(70_000, 2 ** 34)],
    ["an impossible size", Buffer.concat([Buffer.alloc(9, 0xff), Buffer.from([0])])],
    ["nothing at all", Buffer.alloc(0)],
  ] as const) {
    test(`refuses ${name}`, () => expect(reasonOf(() => applyDelta(base, delta))).toBe("bad"));
  }
});

describe("entry heads", () => {
  test("give every size back, at all borders between lengths", () => {
    for (let bits = 0; bits < 45; bits++) {
      for (const size of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
        const encoded = encodeEntryHeader("tree", size);
        expect(parseEntryHeader(encoded)).toEqual({
          type: "object",
          kind: "tree",
          size,
          length: encoded.length,
        });
      }
    }
  });

  test("name the base of a delta", () => {
    const oid = "0123456789abcdef0123456789abcdef01234567";
    const reference = Buffer.concat([Buffer.from([0x75]), Buffer.from(oid, "hex")]);
    expect(parseEntryHeader(reference)).toEqual({ type: "ref-delta", base: oid, size: 5, length: 21 });
    expect(parseEntryHeader(Buffer.from([0x65, 0x80, 0x00]))).toEqual({
      type: "ofs-delta",
      distance: 128,
      size: 5,
      length: 3,
    });
  });

  for (const [name, bytes, reason] of [
    ["no byte", [], "short"],
    ["a cut size", [0xb0], "short"],
    ["a cut base name", [0x70, 1, 2], "short"],
    ["a cut distance", [0x60, 0x80], "short"],
    ["type 0", [0x00], "bad"],
    ["type 5", [0x50], "bad"],
    ["a distance of 0", [0x60, 0x00], "bad"],
    ["an endless size", Array.from({ length: 40 }, () => 0xbf), "bad"],
    ["an endless distance", [0x60, ...Array.from({ length: 40 }, () => 0xff)], "bad"],
    ["a size beyond numbers", [0xbf, ...Array.from({ length: 8 }, () => 0xff), 0x7f], "bad"],
  ] as const) {
    test(`with ${name} are refused`, () =>
      expect(reasonOf(() => parseEntryHeader(Buffer.from(bytes)))).toBe(reason));
  }
});

function sizes(base: number, result: number): Buffer {
  return Buffer.concat([varint(base), varint(result)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    if (rest === 0) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

function collect(
  stream: Buffer,
  window: number,
  size: number,
): { bytes: Buffer; consumed: number; seen: number } {
  let seen = 0;
  const source = {
    read: (position: number) => stream.subarray(position, position + window),
    onInput: (bytes: Uint8Array) => {
      seen += bytes.length;
    },
  };
  const pieces: Buffer[] = [];
  const chunks = inflateChunks(source, size);
  for (let step = chunks.next(); ; step = chunks.next()) {
    if (step.done === true) return { bytes: Buffer.concat(pieces), consumed: step.value, seen };
    pieces.push(Buffer.from(step.value));
  }
}

function reasonOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof DamagedData) return error.reason;
    throw error;
  }
  return "nothing was thrown";
}
