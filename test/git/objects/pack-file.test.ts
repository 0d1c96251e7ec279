import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { PackFile } from "../../../src/git/objects/pack-file.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { seeded } from "../history/random-history.ts";

const SIZE = 600_000;

test("a pack file gives the same bytes in whatever order they are read", () => {
  const random = seeded(7);
  const bytes = Buffer.from(Array.from({ length: SIZE }, () => random(256)));
  const path = join(temporaryDirectory(), "x.pack");
  writeFileSync(path, bytes);
  const file = PackFile.open(path);
  const check = (offset: number, length: number): void => {
    expect(file.read(offset, length).equals(bytes.subarray(offset, offset + length))).toBe(true);
  };
  for (let at = 0; at < SIZE; at += 1 + random(3000)) check(at, 1 + random(900));
  for (let at = SIZE - 1; at >= 0; at -= 1 + random(3000)) {
    // As an entry is read: its head, then all of it.
    check(at, 32);
    check(at, 1 + random(9000));
  }
  for (let turn = 0; turn < 2000; turn++) check(random(SIZE), 1 + random(turn % 50 === 0 ? 200_000 : 3000));
  check(SIZE, 10);
  file.close();
});

test("objects that are opened one after the other are right in room that is used again", () => {
  const random = seeded(11);
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "--template=");
  const blobs = Array.from({ length: 60 }, (_, number) =>
    // Alike, so that some lie as deltas; of sizes on both sides of each way to inflate.
    Buffer.from(`line ${number % 3}\n`.repeat(random(20) * random(400))),
  );
  const oids = blobs.map((blob) =>
    gitRaw(directory, ["hash-object", "-w", "--stdin"], { input: blob }).toString().trim(),
  );
  const list = oids.join("\n");
  gitRaw(directory, ["pack-objects", "-q", `${directory}/.git/objects/pack/pack`], { input: `${list}\n` });
  git(directory, "prune-packed");
  const store = openObjectStore(join(directory, ".git"));
  const room = Buffer.alloc(64 * 1024);
  let uses = 0;
  const allocate = (size: number): Buffer => (uses++, room.subarray(0, size));
  for (let turn = 0; turn < 40; turn++) {
    for (const [number, oid] of oids.entries()) {
      const { bytes } = store.open(oid, { wholeUpTo: room.length, allocate });
      expect(bytes !== undefined && Buffer.compare(bytes, blobs[number] ?? Buffer.alloc(0))).toBe(0);
    }
  }
  expect(uses).toBeGreaterThan(0);
  store.close();
});
