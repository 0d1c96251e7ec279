import { describe, expect, test } from "bun:test";

import { type GitObject, MODE, type ObjectReader, type TreeEntry } from "../../../src/git/model.ts";
import { differingEntries } from "../../../src/git/objects/differing-entries.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { readTree, serializeTree } from "../../../src/git/objects/tree-object.ts";
import { seededRandom } from "../../helpers/random.ts";

const objects = new Map<string, GitObject>();
const reader: ObjectReader = {
  has: (oid) => objects.has(oid),
  read: (oid) => objects.get(oid) ?? { kind: "blob", bytes: new Uint8Array(0) },
  header: () => {
    throw new Error("not asked for");
  },
};

describe("differingEntries", () => {
  test("finds what a comparison by name finds", () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed ${seed}`);
    const random = seededRandom(seed);
    const modes = [MODE.file, MODE.executable, MODE.symlink, MODE.directory, MODE.submodule];
    for (let round = 0; round < 2000; round++) {
      const trees = Array.from({ length: 1 + random.below(3) }, () => {
        const names = new Set(
          Array.from({ length: random.below(12) }, () =>
            random.pick(["a", "a.b", "a0", "b", "c-d", "e", "f", "\xff"]),
          ),
        );
        return random.chance(0.1)
          ? undefined
          : tree(
              [...names].map((name) => ({
                name,
                mode: random.chance(0.8) ? MODE.file : random.pick(modes),
                oid: `${random.below(2)}`.repeat(40),
              })),
            );
      });
      const rows = differingEntries(reader, trees);
      const found = [...rows].filter(([, row]) => row.some((entry) => text(entry) !== text(row[0])));
      expect(Object.fromEntries(found), `round ${round}`).toEqual(byName(trees));
    }
  });

  test("does not give what is the same in all trees", () => {
    const same: TreeEntry[] = Array.from({ length: 50 }, (_, number) => ({
      name: `n${100 + number}`,
      mode: MODE.file,
      oid: "1".repeat(40),
    }));
    const changed = same.map((entry, at) => (at === 20 ? { ...entry, oid: "2".repeat(40) } : entry));
    expect([...differingEntries(reader, [tree(same), tree(changed)]).keys()]).toEqual(["n120"]);
  });

  test("names the tree that is cut off, and an object that is none", () => {
    const whole = serializeTree([{ name: "a", mode: MODE.file, oid: "1".repeat(40) }]);
    objects.set("cut", { kind: "tree", bytes: whole.subarray(0, -3) });
    expect(() => differingEntries(reader, [undefined, "cut"])).toThrow(
      "object cut is damaged: it ends within an entry",
    );
    expect(() => differingEntries(reader, ["none"])).toThrow("it is a blob where a tree must be");
  });
});

function tree(entries: readonly TreeEntry[]): string {
  const bytes = serializeTree(entries);
  const oid = hashObject("tree", bytes);
  objects.set(oid, { kind: "tree", bytes });
  return oid;
}

function byName(trees: readonly (string | undefined)[]): Record<string, (TreeEntry | undefined)[]> {
  const listed = trees.map(
    (oid) => new Map((oid === undefined ? [] : readTree(reader, oid)).map((entry) => [entry.name, entry])),
  );
  const names = [...new Set(listed.flatMap((entries) => [...entries.keys()]))];
  const rows = names.map((name) => [name, listed.map((entries) => entries.get(name))] as const);
  return Object.fromEntries(rows.filter(([, row]) => row.some((entry) => text(entry) !== text(row[0]))));
}

function text(entry: TreeEntry | undefined): string {
  return JSON.stringify(entry ?? null);
}
