import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cannotRun } from "./skip.ts";
import { temporaryDirectory } from "./system-git.ts";
import { treeSnapshot } from "./tree-snapshot.ts";

test("a tree is told by bytes, modes, links and empty folders, and .git is left out", () => {
  const tree = temporaryDirectory();
  mkdirSync(join(tree, ".git"));
  mkdirSync(join(tree, "a/empty"), { recursive: true });
  writeFileSync(join(tree, ".git/HEAD"), "x");
  writeFileSync(join(tree, "a/run.sh"), "hi");
  chmodSync(join(tree, "a/run.sh"), 0o750);
  symlinkSync("../nowhere", join(tree, "a/link"));
  const hash = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4";
  expect(treeSnapshot(tree)).toEqual({
    "a/empty": "empty folder",
    "a/link": "link ../nowhere",
    "a/run.sh": `file 100755 2 ${hash}`,
  });
  expect(treeSnapshot(tree, { exactModes: true })["a/run.sh"]).toBe(`file 100750 2 ${hash}`);
});

test.skipIf(cannotRun(process.platform !== "linux", "names that are no UTF-8: only Linux takes them"))(
  "names that are no UTF-8 stay apart",
  () => {
    const tree = temporaryDirectory();
    for (const byte of [0xe4, 0xe5])
      writeFileSync(Buffer.concat([Buffer.from(`${tree}/x`), Buffer.from([byte])]), "");
    expect(Object.keys(treeSnapshot(tree))).toEqual(["x\u00e4", "x\u00e5"]);
  },
);
