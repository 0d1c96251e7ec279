import { describe, expect, test } from "bun:test";
import { inflateSync } from "node:zlib";

import { DeflateLane, type StartDeflater } from "../../../src/git/objects/deflate-lane.ts";
import { BLOCK, DeflateRing } from "../../../src/git/objects/deflate-ring.ts";
import { openObjectBatch } from "../../../src/git/objects/object-batch.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { parseEntryHeader } from "../../../src/git/objects/pack-entry.ts";
import { startDeflateThread } from "../../../src/platform/threads.ts";
import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { noise, prose } from "./sample-repository.ts";

/** More than all blocks hold together. */
const CONTENTS = Array.from({ length: 900 }, (_, number) =>
  number % 90 === 0 ? noise(200_000) : prose((number * 37) % 9000, number),
);

/** @param meddle called after each object */
function deflateAll(start: StartDeflater, meddle: () => void = () => undefined): Uint8Array[] {
  const found: Uint8Array[] = [];
  const names: string[] = [];
  const lane = DeflateLane.open(start, {
    mostSilenceMs: 1,
    deliver({ oids, block, entries }) {
      names.push(...oids);
      let at = 0;
      for (let object = 0; object < block.count; object++) {
        const { length } = block.entry(object);
        const entry = Buffer.from(entries.subarray(at, at + length));
        const head = parseEntryHeader(entry);
        found.push(inflateSync(entry.subarray(head.length)));
        expect(head.size).toBe(found.at(-1)?.length ?? -1);
        at += length;
      }
      expect(at).toBe(entries.length);
    },
  });
  for (const [number, bytes] of CONTENTS.entries()) {
    lane?.add(String(number), "blob", bytes);
    meddle();
  }
  lane?.drain();
  lane?.close();
  expect(names).toEqual(CONTENTS.map((_, number) => String(number)));
  return found;
}

function leaveAlone(): void {}

function takeFirst(ring: DeflateRing): void {
  ring.take(0);
}

function failFirst(ring: DeflateRing): void {
  if (ring.take(0)) ring.setState(0, BLOCK.failed);
}

describe("two threads", () => {
  test("give every object once and in order, with a real second thread", () => {
    const found = deflateAll(startDeflateThread);
    expect(found.every((bytes, number) => CONTENTS[number]?.equals(bytes))).toBe(true);
  });

  test.each([
    ["never starts", leaveAlone],
    ["stops in the middle of a block", takeFirst],
    ["can not do a block", failFirst],
  ] as const)("need no thread that %s", (_, meddle) => {
    let ring: DeflateRing = new DeflateRing();
    const start: StartDeflater = (shared) => {
      ring = new DeflateRing(shared);
      return { stop() {} };
    };
    const found = deflateAll(start, () => meddle(ring));
    expect(found.every((bytes, number) => CONTENTS[number]?.equals(bytes))).toBe(true);
  });

  test("the thread takes what is offered, and ends when it is told", async () => {
    const ring = new DeflateRing();
    const thread = startDeflateThread(ring.shared);
    // A machine with one processor has no second thread.
    if (thread === undefined) return;
    ring.blocks[0]?.add("blob", prose(1000));
    ring.offer(0);
    while (ring.stateOf(0) !== BLOCK.done) await Bun.sleep(1);
    expect(ring.blocks[0]?.entries().length).toBe(ring.blocks[0]?.entry(0).length ?? 0);
    ring.end();
    thread.stop();
  });

  test("make packs that git verifies, whatever the sizes, with reading in between", () => {
    const seed = Number(process.env["LULL_TEST_SEED"] ?? crypto.getRandomValues(new Uint32Array(1))[0]);
    const random = seededRandom(seed);
    const repository = temporaryDirectory();
    git(repository, "init", "-q");
    const store = openObjectStore(`${repository}/.git`);
    const batch = openObjectBatch(store, { startDeflater: startDeflateThread });
    const written = new Map<string, Uint8Array>();
    for (let count = 0; count < 600; count++) {
      const size = random.below(random.chance(0.02) ? 900_000 : 12_000);
      const bytes = random.chance(0.1) ? noise(size) : prose(size, count);
      const oid = batch.write("blob", bytes);
      written.set(oid, bytes);
      if (random.chance(0.01))
        expect(Buffer.from(batch.read(oid).bytes).equals(bytes), `seed ${seed}`).toBe(true);
    }
    batch.finish();
    for (const [oid, bytes] of written)
      expect(Buffer.from(store.read(oid).bytes).equals(bytes), `seed ${seed}`).toBe(true);
    store.close();
    fsck(repository);
    expect(git(repository, "count-objects", "-v")).toContain(`in-pack: ${written.size}\npacks: 1`);
  });
});
