import { expect, test } from "bun:test";

import { editTree } from "../../../src/git/merge/edit-tree.ts";
import { entryAt } from "../../../src/git/objects/entry-at.ts";
import { EMPTY_TREE, type FileVersion, MODE, type ObjectReader } from "../../../src/git/model.ts";
import { filesOf } from "./merge-repository.ts";
import { overlayBatch } from "./overlay-batch.ts";

const nothing: ObjectReader = {
  has: (oid) => oid === EMPTY_TREE,
  read: () => ({ kind: "tree", bytes: new Uint8Array(0) }),
  header: () => ({ kind: "tree", size: 0 }),
};

function arrange() {
  const batch = overlayBatch(nothing);
  const file = (content: string): FileVersion => ({
    mode: MODE.file,
    oid: batch.write("blob", Buffer.from(content)),
  });
  const tree = editTree(
    batch,
    EMPTY_TREE,
    new Map([
      ["a", file("1")],
      ["d/e/f", file("2")],
      ["d/g", file("3")],
    ]),
  );
  return { batch, file, tree };
}

test("edits reach into folders, make and remove them", () => {
  const { batch, file, tree } = arrange();
  expect(filesOf(batch, tree)).toEqual({ a: "1", "d/e/f": "2", "d/g": "3" });
  const edited = editTree(
    batch,
    tree,
    new Map([
      ["a", undefined],
      ["a/b", file("4")],
      ["d/e/f", undefined],
      ["none/x", undefined],
    ]),
  );
  expect(filesOf(batch, edited)).toEqual({ "a/b": "4", "d/g": "3" });
  expect(entryAt(batch, edited, "d/e")).toBeUndefined();
  expect(entryAt(batch, edited, "a/b/c")).toBeUndefined();
  expect(entryAt(batch, tree, "d")?.mode).toBe(MODE.directory);
});

test("a folder whose files go may become a file", () => {
  const { batch, file, tree } = arrange();
  const edited = editTree(
    batch,
    tree,
    new Map([
      ["d", file("5")],
      ["d/e/f", undefined],
      ["d/g", undefined],
    ]),
  );
  expect(filesOf(batch, edited)).toEqual({ a: "1", d: "5" });
});

test("no edit leaves the tree, and removing all leaves the empty tree", () => {
  const { batch, tree } = arrange();
  expect(editTree(batch, tree, new Map())).toBe(tree);
  expect(editTree(batch, tree, new Map([["d", undefined]]))).toBe(tree);
  expect(
    editTree(
      batch,
      tree,
      new Map([
        ["a", undefined],
        ["d/e/f", undefined],
        ["d/g", undefined],
      ]),
    ),
  ).toBe(EMPTY_TREE);
});

test("a file and files below it are refused in one tree", () => {
  const { batch, file, tree } = arrange();
  const refused = expect.objectContaining({ code: "FILE_AND_FOLDER" });
  expect(() => editTree(batch, tree, new Map([["d", file("5")]]))).toThrow(refused);
  expect(() => editTree(batch, tree, new Map([["a/b", file("5")]]))).toThrow(refused);
});

test("a path of more folders than any tree may have is refused", () => {
  const { batch, file, tree } = arrange();
  const deep = "d/".repeat(2048);
  expect(() => editTree(batch, tree, new Map([[`${deep}x`, file("5")]]))).toThrow(
    expect.objectContaining({ code: "TREE_TOO_DEEP" }),
  );
});
