import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { compareTrees, treeDifferences } from "../../../src/git/history/compare-trees.ts";
import { EMPTY_TREE, MODE, type ObjectReader } from "../../../src/git/model.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { serializeTree } from "../../../src/git/objects/tree-object.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { seeded } from "./random-history.ts";

/** Random trees with names that sort differently as file and as folder, and with all kinds of entries. */
function randomTrees(
  seed: number,
  count: number,
): { readonly directory: string; readonly trees: readonly string[] } {
  const random = seeded(seed);
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "--template=");
  const names = ["a", "a-", "a.b", "a0", "b", "ab", "B", "\u00e4"];
  const modes = ["100644", "100755", "120000"];
  const stream: string[] = [];
  for (let index = 0; index < count; index++) {
    stream.push(
      `commit refs/heads/t${index}`,
      `mark :${index + 1}`,
      "committer Ada <ada@example.com> 1700000000 +0000",
      "data 0",
    );
    if (index > 0) stream.push(`from :${index}`);
    for (let edits = 1 + random(8); edits > 0; edits--) {
      const path = Array.from({ length: 1 + random(3) }, () => names[random(names.length)]).join("/");
      if (random(4) === 0) stream.push(`D ${path}`);
      else if (random(12) === 0) stream.push(`M 160000 ${"1234567890".repeat(4)} ${path}`);
      else stream.push(`M ${modes[random(3)]} inline ${path}`, "data 1", String(random(5)));
    }
    stream.push("");
  }
  gitRaw(directory, ["fast-import", "--quiet"], { input: `${stream.join("\n")}\n` });
  const trees = Array.from({ length: count }, (_, index) =>
    git(directory, "rev-parse", `refs/heads/t${index}^{tree}`),
  );
  return { directory, trees };
}

function gitDifferences(directory: string, before: string, after: string): string[] {
  const fields = gitRaw(directory, ["diff-tree", "-r", "-z", "--no-renames", before, after])
    .toString("latin1")
    .split("\0");
  const found: string[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = "", newMode, oldOid, newOid] = (fields[at] ?? "").split(" ");
    found.push([fields[at + 1], oldMode.slice(1), oldOid, newMode, newOid].join(" "));
  }
  return found;
}

const ZERO = "0".repeat(40);

describe("compareTrees", () => {
  test.each([1, 2, 3, 4])("finds what git finds, in byte order (seed %d)", (seed) => {
    const { directory, trees } = randomTrees(seed, 40);
    const store = openObjectStore(join(directory, ".git"));
    const random = seeded(seed + 100);
    for (let round = 0; round < 25; round++) {
      const [before = "", after = ""] = [trees[random(trees.length)], trees[random(trees.length)]];
      const differences = compareTrees(store, before, after);
      const lines = differences.map(({ path, before: old, after: now }) =>
        [path, octal(old?.mode), old?.oid ?? ZERO, octal(now?.mode), now?.oid ?? ZERO].join(" "),
      );
      // Git lists a file that became a folder in another order; the set is the same, and ours is sorted.
      expect([...lines].sort()).toEqual(gitDifferences(directory, before, after).sort());
      const paths = differences.map(({ path }) => path);
      expect(paths).toEqual([...paths].sort((a, b) => (a < b ? -1 : 1)));
    }
    store.close();
  });

  test("takes a missing side for the tree without files", () => {
    const { directory, trees } = randomTrees(5, 10);
    const store = openObjectStore(join(directory, ".git"));
    const tree = trees.at(-1) ?? "";
    const added = compareTrees(store, undefined, tree);
    expect(added.map(({ path }) => path)).toEqual(
      gitRaw(directory, ["ls-tree", "-r", "-z", "--name-only", tree])
        .toString("latin1")
        .split("\0")
        .filter(Boolean),
    );
    expect(added.every(({ before }) => before === undefined)).toBe(true);
    expect(compareTrees(store, tree, undefined).map(({ before }) => before)).toEqual(
      added.map(({ after }) => after),
    );
    expect(compareTrees(store, EMPTY_TREE, tree)).toEqual(added);
    expect(compareTrees(store, undefined, undefined)).toEqual([]);
    store.close();
  });

  test("refuses a tree that is nested without end", () => {
    const objects = new Map<string, Uint8Array>([[EMPTY_TREE, new Uint8Array(0)]]);
    let tree = EMPTY_TREE;
    for (let depth = 0; depth < 2100; depth++) {
      const bytes = serializeTree([{ mode: MODE.directory, name: "d", oid: tree }]);
      objects.set((tree = hashObject("tree", bytes)), bytes);
    }
    const reader: ObjectReader = {
      has: (oid) => objects.has(oid),
      read: (oid) => ({ kind: "tree", bytes: objects.get(oid) ?? new Uint8Array(0) }),
      header: (oid) => ({ kind: "tree", size: objects.get(oid)?.length ?? 0 }),
    };
    expect(() => compareTrees(reader, undefined, tree)).toThrow(
      expect.objectContaining({ code: "TREE_TOO_DEEP" }),
    );
    expect(() => [...treeDifferences(reader, undefined, tree, AbortSignal.abort())]).toThrow(
      expect.objectContaining({ code: "INTERRUPTED" }),
    );
  });
});

function octal(mode: number | undefined): string {
  return (mode ?? 0).toString(8).padStart(6, "0");
}
