/** One tree with an inotify that answers as the test wants, over real folders. */
import { expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { FolderTable } from "../../../src/platform/watch/folder-table.ts";
import type { TreeEvent } from "../../../src/platform/watch/folder-watcher.ts";
import { IN, type AddRefusal } from "../../../src/platform/watch/inotify.ts";
import { InotifyTree } from "../../../src/platform/watch/inotify-tree.ts";
import { currentSystem } from "../../../src/platform/system.ts";
import { cannotRun } from "../../helpers/skip.ts";
import { temporaryDirectory } from "../../helpers/system-git.ts";

const it = test.skipIf(cannotRun(currentSystem() !== "linux", "folders are listed by a call of Linux"));

async function started(refused: ReadonlyMap<string, AddRefusal>) {
  const top = temporaryDirectory();
  mkdirSync(join(top, "a/b"), { recursive: true });
  const refusals = new Map(refused);
  const watches = new Map<string, number>();
  const removed: number[] = [];
  const events: TreeEvent[] = [];
  const table = new FolderTable();
  let closed = 0;
  const tree = new InotifyTree({
    tree: { directory: top, isLeftOut: () => false, tell: (event) => events.push(event) },
    id: 0,
    inotify: {
      add: (path) => {
        const below = path.slice(top.length);
        const refusal = refusals.get(below);
        if (refusal !== undefined) return refusal;
        watches.set(below, watches.get(below) ?? watches.size + 1);
        return watches.get(below) ?? 0;
      },
      remove: (watch) => removed.push(watch),
      [Symbol.dispose]: () => {},
    },
    table,
    onClose: () => closed++,
  });
  await tree.ready;
  const rowOf = (path: string): number => table.rowsOf(watches.get(path) ?? -1)[0] ?? -1;
  return { tree, events, removed, refusals, rowOf, closed: () => closed };
}

it("watches a folder as soon as it may be read", async () => {
  const { tree, events, refusals, rowOf } = await started(new Map([["/a", "absent"]]));
  expect(tree.folders).toBe(1);
  refusals.clear();
  tree.handle(rowOf(""), IN.ATTRIB | IN.ISDIR, "a");
  await tree.rearm();
  expect([tree.folders, events]).toEqual([3, [{ kind: "changed", path: "a" }]]);
});

it("takes the mode of a folder that is watched already for no change", async () => {
  const { tree, events, rowOf } = await started(new Map());
  tree.handle(rowOf(""), IN.ATTRIB | IN.ISDIR, "a");
  tree.handle(rowOf("/a"), IN.ATTRIB, "");
  await tree.rearm();
  expect(events).toEqual([]);
});

it("ends with the reason when the system refuses one of its folders", async () => {
  const { tree, events, removed, closed } = await started(new Map([["/a/b", "failed"]]));
  expect(events).toEqual([
    {
      kind: "refused",
      refusal: { code: "WATCH_FAILED", message: "the system refused to watch a folder", hint: undefined },
    },
  ]);
  expect([tree.folders, removed.toSorted((x, y) => x - y), closed()]).toEqual([0, [1, 2], 1]);
});

it("ends once, whatever the kernel says about its folder", async () => {
  const { tree, events, rowOf, closed } = await started(new Map());
  const root = rowOf("");
  tree.handle(root, IN.MOVE_SELF, "");
  tree.handle(root, IN.IGNORED, "");
  tree[Symbol.dispose]();
  expect([events, closed()]).toEqual([[{ kind: "gone" }], 1]);
});
