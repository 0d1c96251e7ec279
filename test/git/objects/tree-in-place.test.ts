import { expect, test } from "bun:test";

import { MODE, type TreeEntry } from "../../../src/git/model.ts";
import { oidAtPlace, placesInTree, putVersion } from "../../../src/git/objects/tree-in-place.ts";
import { parseTree, serializeTree } from "../../../src/git/objects/tree-object.ts";
import { seededRandom } from "../../helpers/random.ts";

const FILES = [MODE.file, MODE.executable, MODE.symlink, MODE.submodule];
const NAMES = ["a", "a.b", "a0", "ab", "b", "b c", "c-d", "e", "\xff", "0", "100644 a"];

test("an edit in place gives the tree that decoding and writing it anew gives", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const oid = (): string => Array.from({ length: 40 }, () => random.pick(["0", "0", "6", "3", "f"])).join("");
  const version = (isFolder: boolean) => ({
    mode: isFolder ? MODE.directory : random.pick(FILES),
    oid: oid(),
  });
  for (let round = 0; round < 3000; round++) {
    const entries = NAMES.filter(() => random.chance(0.6)).map((name): TreeEntry => ({
      name,
      ...version(random.chance(0.3)),
    }));
    const tree = serializeTree(entries);
    const wanted = NAMES.filter(() => random.chance(0.2))
      .map((name) => ({ name, isFolder: random.chance(0.3) }))
      .sort(() => (random.chance(0.5) ? 1 : -1));
    const matches = wanted.map(({ name, isFolder }) =>
      entries.find((entry) => entry.name === name && (entry.mode === MODE.directory) === isFolder),
    );
    const places = placesInTree(tree, wanted);
    if (matches.includes(undefined)) {
      expect(places, `round ${round}`).toBeUndefined();
      continue;
    }
    const edited = Buffer.from(tree);
    const news = new Map(wanted.map(({ name, isFolder }) => [name, version(isFolder)]));
    for (const [order, place] of (places ?? []).entries()) {
      expect(oidAtPlace(tree, place)).toBe(matches[order]?.oid ?? "");
      const next = news.get(wanted[order]?.name ?? "");
      if (next !== undefined) putVersion(edited, place, next);
    }
    const anew = entries.map((entry) => ({ ...entry, ...news.get(entry.name) }));
    expect(edited.equals(serializeTree(anew)), `round ${round}`).toBe(true);
  }
});

test("a tree with modes that are not written any more, or that is cut off, is left to the decoder", () => {
  const oid = Buffer.from("1".repeat(40), "hex");
  const raw = (mode: string): Buffer => Buffer.concat([Buffer.from(`${mode} a\0`), oid]);
  const wanted = [{ name: "a", isFolder: false }];
  expect(placesInTree(raw("100644"), wanted)).toEqual([{ start: 0, nul: 8 }]);
  for (const mode of ["100664", "100600", "0100644", "040000", "40001", "130000"])
    expect(placesInTree(raw(mode), wanted), mode).toBeUndefined();
  for (let length = 1; length < 29; length++)
    expect(placesInTree(raw("100644").subarray(0, length), wanted), String(length)).toBeUndefined();
  expect(parseTree(raw("100664"))).toHaveLength(1);
});
