import { describe, expect, test } from "bun:test";

import { FolderTable, NONE } from "../../../src/platform/watch/folder-table.ts";
import { seededRandom } from "../../helpers/random.ts";

describe("the table of folders", () => {
  test("knows paths, children and what is below", () => {
    const table = new FolderTable();
    const root = table.add({ tree: 1, parent: NONE, name: "", watch: 10 });
    const a = table.add({ tree: 1, parent: root, name: "a", watch: 11 });
    const b = table.add({ tree: 1, parent: a, name: "\xff", watch: 12 });
    expect([table.pathOf(root), table.pathOf(a), table.pathOf(b)]).toEqual(["", "a", "a/\xff"]);
    expect([table.childOf(root, "a"), table.childOf(root, "b"), table.childOf(a, "\xff")]).toEqual([
      a,
      NONE,
      b,
    ]);
    expect(table.below(root).toSorted((x, y) => x - y)).toEqual([root, a, b]);
    expect(table.isRoot(root) && !table.isRoot(a) && table.isChild(b, a, "\xff")).toBe(true);
  });

  test("keeps one watch for folders of two trees until the last is removed", () => {
    const table = new FolderTable();
    const one = table.add({ tree: 1, parent: NONE, name: "", watch: 5 });
    const other = table.add({ tree: 2, parent: NONE, name: "", watch: 5 });
    expect([table.rowIn(1, 5), table.rowIn(2, 5), table.rowIn(3, 5)]).toEqual([one, other, NONE]);
    expect([table.remove(one), table.rowsOf(5), table.remove(other), table.rowsOf(5)]).toEqual([
      false,
      [other],
      true,
      [],
    ]);
  });

  test("is right after 20,000 folders that came and went", () => {
    const random = seededRandom(7);
    const table = new FolderTable();
    const root = table.add({ tree: 0, parent: NONE, name: "", watch: 0 });
    const live = new Map<number, string>();
    for (let watch = 1; watch <= 20_000; watch++) {
      const parent = [...live.keys()][random.below(Math.max(1, Math.min(live.size, 50)))] ?? root;
      const name = `${"n".repeat(1 + random.below(200))}${watch}`;
      const path = parent === root ? name : `${live.get(parent)}/${name}`;
      live.set(table.add({ tree: 0, parent, name, watch }), path);
      if (live.size > 300) {
        const top = [...live.keys()][random.below(live.size)] ?? root;
        for (const row of table.below(top)) {
          table.remove(row);
          live.delete(row);
        }
      }
    }
    for (const [row, path] of live) expect(table.pathOf(row)).toBe(path);
    expect(table.allOf(0).length).toBe(live.size + 1);
  });
});
