import { expect, test } from "bun:test";

import { type GitObject, MODE, type TreeEntry } from "../../../src/git/model.ts";
import { entryAt } from "../../../src/git/objects/entry-at.ts";
import { serializeTree } from "../../../src/git/objects/tree-object.ts";
import { thrown } from "../../helpers/thrown.ts";

const TREE = "1".repeat(40);
const FOLDER = "2".repeat(40);
/** The bytes of ` b` and a NUL, within an object's name. */
const TRAP = `20620020620020${"6200".repeat(6)}ff`;
const oid = "a".repeat(40);

function reader(objects: Readonly<Record<string, GitObject>>) {
  return { read: (name: string): GitObject => objects[name] ?? { kind: "blob", bytes: new Uint8Array(0) } };
}

const treeOf = (...entries: readonly TreeEntry[]): GitObject => ({
  kind: "tree",
  bytes: serializeTree(entries),
});

test("an entry is found by its whole name, whatever stands in other names and objects' names", () => {
  const below: TreeEntry[] = [
    { mode: MODE.symlink, name: "b", oid },
    { mode: MODE.executable, name: "c b", oid: TRAP },
    { mode: MODE.file, name: "é b", oid: TRAP },
  ];
  const objects = reader({
    [TREE]: treeOf(
      { mode: MODE.file, name: "a", oid: TRAP },
      { mode: MODE.directory, name: "d", oid: FOLDER },
    ),
    [FOLDER]: treeOf(...below),
  });
  const at = (path: string) => entryAt(objects, TREE, path);
  expect(at("a")).toEqual({ mode: MODE.file, oid: TRAP });
  expect(at("d")).toEqual({ mode: MODE.directory, oid: FOLDER });
  for (const { mode, name, oid: blob } of below) expect(at(`d/${name}`)).toEqual({ mode, oid: blob });
  for (const path of ["b", "d b", "a/b", "d/c", "d/b/x", "d/\u00e9", "e"]) expect(at(path)).toBeUndefined();
});

test("what is no tree, or a damaged one, is told", () => {
  const whole = serializeTree([
    { mode: MODE.file, name: "a", oid },
    { mode: MODE.file, name: "b", oid },
  ]);
  const cut = { kind: "tree", bytes: whole.subarray(0, -1) } as const;
  expect(thrown(() => entryAt(reader({ [TREE]: cut }), TREE, "b")).code).toBe("OBJECT_CORRUPT");
  expect(thrown(() => entryAt(reader({}), TREE, "b")).code).toBe("OBJECT_CORRUPT");
});
