import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { PackFile } from "../../../src/git/objects/pack-file.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";
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
